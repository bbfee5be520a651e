/** What moderators can do, and what they may type while they do it. */

/** Characters of a reason, and of a name while it is typed (the server counts exactly); as in the server's tables. */
export const REASON_MAX = 300;

/** Acts that need a text beside the reason. */
const WITH_TEXT = new Set(["replace_name"]);

/** What fits a run as it stands: void or restore it, and hide, replace or show its player's name. */
export function offeredActs(row) {
  const name = row.renamed ? ["show_name"] : [];
  const hide = row.renamed && row.shownName === "" ? [] : ["hide_name"];
  return [row.voided ? "restore" : "void", ...hide, "replace_name", ...name];
}

/** Whom an act on this row is about: the run, or the player. */
export function targetOf(kind, row) {
  return kind === "void" || kind === "restore" ? row.run : row.player;
}

/**
 * The text that says what will happen: the act's own, or a closer one for this run.
 *
 * @param {{playing: boolean, standing: boolean}} row `standing`: whether its player stands with this run
 */
export function effectOf(kind, row) {
  if (kind !== "void") return kind;
  if (row.playing) return "void-playing";
  return row.standing ? "void" : "void-unranked";
}

/**
 * What is missing before an act may be sent.
 *
 * @returns {{text?: "text", reason?: "reason"}} field -> which words to show
 */
export function actProblems(kind, { text, reason }) {
  const found = {};
  if (WITH_TEXT.has(kind) && text.trim() === "") found.text = "text";
  if (reason.trim() === "" || [...reason.trim()].length > REASON_MAX) found.reason = "reason";
  return found;
}

export function needsText(kind) {
  return WITH_TEXT.has(kind);
}
