/** What the desk says of runs, acts and errors, in the language in use. */

import { language, t } from "../../i18n/i18n.js";

const SIDE = 8;

/** A course by its name; one that has no text yet stands by its own name. */
export function courseName(course) {
  try {
    return t(`desk.${course}`);
  } catch {
    return course;
  }
}

/** Where a run stands: `{words, tone}`, tone for the stylesheet. */
export function stateOf(row) {
  if (row.voided) return { words: t("desk.state-voided"), tone: "voided" };
  if (row.playing) return { words: t("desk.state-playing"), tone: "playing" };
  return { words: t(`desk.state-${row.endReason}`), tone: "over" };
}

/** What the public sees instead of the real name, in words; "" where it sees the real one. */
export function shownWords(row) {
  if (!row.renamed) return "";
  return row.shownName === "" ? t("desk.shown-hidden") : t("desk.shown-as", { name: row.shownName });
}

/** What an act has done, in words. */
export function actWords({ kind, target, text }) {
  return t(`desk.done-${kind}`, { target, text });
}

/** Milliseconds as seconds with three digits: 12,345 s. */
export function seconds(ms) {
  return `${new Intl.NumberFormat(language(), { minimumFractionDigits: 3 }).format(ms / 1000)} s`;
}

/** A swap as the two cells it exchanges, columns a..h and rows 1..8 from the top: c5 ↔ d5. */
export function swapWords(cell, direction) {
  return `${cellWords(cell)} ↔ ${cellWords(direction === 0 ? cell + 1 : cell + SIDE)}`;
}

function cellWords(cell) {
  return `${"abcdefgh"[cell % SIDE]}${Math.floor(cell / SIDE) + 1}`;
}

/** What to say when the server could not be asked or refused: words for its own codes, else the status. */
export function troubleWords({ status, body }) {
  if (status === 0) return t("desk.no-network");
  if (status === 404) return t("desk.unknown-run");
  return t("desk.failed", { status: body?.message ?? String(status) });
}
