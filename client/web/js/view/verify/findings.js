/** What a check brings to light beside its verdict: standings recomputed, times the server was away, what else to know, the facts. */

import { dateTime, number, t } from "../../i18n/i18n.js";
import { stamp } from "../shared/template.js";
import { factsOf } from "./verdict-view.js";
import { courseWords, seconds } from "./words.js";

/** Notices of this kind have a card of their own. */
const AWAY = "away";

export class Findings {
  #root = document.getElementById("findings");
  #onCheck;
  #nameOf;
  #found = null;

  /**
   * @param {(run: string) => void} onCheck somebody wants to see this score checked
   * @param {(player: string) => string} nameOf how a player is shown
   */
  constructor(onCheck, nameOf) {
    this.#onCheck = onCheck;
    this.#nameOf = nameOf;
  }

  clear() {
    this.#found = null;
    this.#root.replaceChildren();
  }

  /**
   * @param {{report: object, standings: object[], results: Map<string, {score: number, timeMs: number}>, acts: object[], heatOf: object}} found
   *   `standings` as `walk.js` lists them, `results` by run, `acts` of moderators
   */
  show(found) {
    this.#found = found;
    this.relabel();
  }

  relabel() {
    if (this.#found === null) return;
    const { report, standings, acts } = this.#found;
    const away = report.notices.filter(({ kind }) => kind === AWAY);
    const others = report.notices.filter(({ kind }) => kind !== AWAY);
    this.#root.replaceChildren(
      ...standings.filter(({ rows }) => rows.length > 0).map((part) => this.#standings(part)),
      ...(report.wrong === null ? [this.#notes("away", away.map(noticeWords))] : []),
      ...(others.length === 0 ? [] : [this.#notes("notices", others.map(noticeWords))]),
      ...(acts.length === 0 ? [] : [this.#notes("acts", acts.map(actWords))]),
      this.#notes("facts", factsOf(report).map(([what, text]) => ({ what, text }))),
    );
  }

  #standings({ heat, heats, course, rows }) {
    const { root, heading, note, rows: list } = stamp("standings-card");
    root.dataset.course = course;
    const part = heats === undefined ? (heat === null ? t("verify.open-play") : t("verify.heat", { heat })) : t("verify.sum", { heats: heats.join(", ") });
    heading.textContent = `${courseWords(course)} · ${part}`;
    note.textContent = [t(sourceOf(heats, rows)), heat === null ? t("verify.solo-proves") : ""].join(" ");
    list.append(...rows.map((row) => this.#row(row)));
    return root;
  }

  #row({ rank, player, run, score, time_ms: timeMs }) {
    const { root, check, ...parts } = stamp("standing-row");
    const played = this.#found.results.get(run);
    root.dataset.player = player;
    parts.rank.hidden = rank === 0;
    parts.rank.textContent = number(rank);
    parts.name.textContent = this.#nameOf(player);
    parts.score.textContent = number(score ?? played.score);
    parts.time.textContent = seconds(timeMs ?? played.timeMs);
    check.hidden = run === undefined;
    check.addEventListener("click", () => this.#onCheck(run));
    return root;
  }

  #notes(kind, lines) {
    const { root, heading, note, rows } = stamp("notes-card");
    root.dataset.notes = kind;
    heading.textContent = t(`verify.${kind}`);
    note.textContent = lines.length === 0 ? t(`verify.no-${kind}`) : t(`verify.${kind}-note`);
    rows.append(...lines.map(({ what, text }) => line(what, text)));
    return root;
  }
}

/** Where rows come from: from heats, from one run that has no rank in its bundle, or from all runs. */
function sourceOf(heats, [{ rank }]) {
  if (heats !== undefined) return "verify.recomputed-sum";
  return rank === 0 ? "verify.recomputed-run" : "verify.recomputed";
}

function line(what, text) {
  const entry = document.createElement("li");
  const head = document.createElement("span");
  head.className = "note-what";
  head.textContent = what;
  const body = document.createElement("span");
  body.className = "note-text";
  body.textContent = text;
  entry.append(head, " ", body);
  return entry;
}

const noticeWords = ({ kind, where, atMs }) => ({ what: where, text: t(`verify.notice-${kind}`, { time: seconds(atMs) }) });

const actWords = ({ number: act, at_unix_ms: atUnixMs, kind, target }) => ({
  what: `${number(act)} · ${dateTime(atUnixMs)}`,
  text: t(`verify.act-${kind}`, { target }),
});
