/** How a run ended: points, rank, the highscore, what the line was credited, and how to go on. */

import { number, onLanguage, t } from "../../i18n/i18n.js";
import { EndReason } from "../../protocol/table.js";
import { CountingNumber } from "../shared/motion.js";

const TITLES = Object.freeze({
  [EndReason.TIME]: "play.end-time",
  [EndReason.COURSE_DONE]: "play.end-done",
  [EndReason.ABANDONED]: "play.end-abandoned",
  [EndReason.VOIDED]: "play.end-voided",
});

export class EndCard {
  #root = document.getElementById("end");
  #title = document.getElementById("end-title");
  #rank = document.getElementById("end-rank");
  #chaseLine = document.getElementById("end-chase");
  #facts = document.getElementById("end-facts");
  #other = document.getElementById("other");
  #score;
  #shown = null;

  /** @param {{onAgain: () => void, onOther: () => void, onNextPlayer: () => void}} actions */
  constructor({ onAgain, onOther, onNextPlayer }) {
    this.#score = new CountingNumber(document.getElementById("end-score"), number);
    document.getElementById("again").addEventListener("click", onAgain);
    this.#other.addEventListener("click", onOther);
    document.getElementById("next-player").addEventListener("click", onNextPlayer);
    onLanguage(() => this.#words());
  }

  /**
   * Shows how the run ended, or shows it anew when the standings have changed.
   *
   * @param {{state: object, chase: object, row: object | null, other: string}} result the run's state, its chase, the
   *   player's row in the standings, and the course that could be played instead
   */
  show(result) {
    const isNew = this.#shown?.state.run !== result.state.run || this.#root.hidden;
    this.#shown = result;
    this.#open(true);
    this.#root.dataset.cracked = String(result.chase.cracked && result.chase.missing === 0);
    if (isNew) this.#score.show(0);
    this.#score.show(result.state.score);
    this.#words();
    if (isNew) this.#title.focus({ preventScroll: true });
  }

  hide() {
    this.#open(false);
    this.#shown = null;
  }

  /** The event is over: this was the last run. */
  close() {
    document.getElementById("again").hidden = true;
    this.#other.hidden = true;
    document.getElementById("end-over").hidden = false;
  }

  /** While the card is open nothing below it can be reached. */
  #open(isOpen) {
    this.#root.hidden = !isOpen;
    for (const sibling of this.#root.parentElement.children) if (sibling !== this.#root) sibling.inert = isOpen;
  }

  get isOpen() {
    return !this.#root.hidden;
  }

  #words() {
    if (this.#shown === null) return;
    const { state, other } = this.#shown;
    this.#title.textContent = t(TITLES[state.end.reason]);
    this.#rank.textContent = rankWords(this.#shown);
    this.#chaseLine.textContent = chaseWords(this.#shown);
    this.#other.textContent = t(`play.other-${other}`);
    this.#facts.replaceChildren(...facts(state).flatMap(([term, value]) => [words("dt", term), words("dd", value)]));
  }
}

function rankWords({ state, row }) {
  if (state.end.reason === EndReason.VOIDED) return t("play.end-voided-more");
  if (state.end.rank === 0) return t("play.end-no-points");
  const rank = row?.rank ?? state.end.rank;
  const isBest = row === null || row.run === state.run || state.score >= row.score;
  return t(isBest ? "play.end-rank" : "play.end-not-best", { rank });
}

function chaseWords({ state, chase, row }) {
  if (state.end.reason === EndReason.VOIDED) return "";
  if (chase.cracked && chase.missing === 0) return t("play.end-cracked");
  if (chase.target === null) return row?.rank === 1 ? t("play.end-leader") : "";
  if (chase.missing === 0) return "";
  const name = chase.target.name || t("play.hidden-name");
  return chase.own ? t("play.missing-own", { count: chase.missing }) : t("play.missing", { count: chase.missing, name });
}

/** What is known: after a run that ended while the page was away there is neither level nor line. */
function facts(state) {
  const level = state.goal > 0 ? [[t("play.end-level"), number(state.level + 1)]] : [];
  const line = state.board === null ? [] : [[t("play.end-grace"), t("play.end-grace-value", { ms: state.graceMs })]];
  return [...level, [t("play.end-moves"), number(state.moves)], ...line];
}

function words(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
