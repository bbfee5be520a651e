/** The title: which event, what to crack, under which name, and which course. */

import { number, onLanguage, t } from "../../i18n/i18n.js";
import { checkAddress } from "../shared/page-links.js";
import { symbolElement } from "../symbols.js";

const NAME_PROBLEMS = new Set(["too_short", "too_long", "characters", "marks"]);
const RUN_PROBLEMS = new Set(["no_runs_left", "heat_closed", "closed_event"]);

export class TitleView {
  #form = document.getElementById("entry");
  #name = document.getElementById("name");
  #problemLine = document.getElementById("name-problem");
  #suggestion = document.getElementById("name-suggestion");
  #start = document.getElementById("start");
  #event = null;
  #player = null;
  #highscore = null;
  #problem = null;
  #busy = false;

  /** @param {{onStart: (wish: {course: string, name: string}) => void, onCourse: (course: string) => void, onNextPlayer: () => void}} actions */
  constructor({ onStart, onCourse, onNextPlayer }) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#busy) onStart({ course: this.course, name: this.#name.value });
    });
    this.#form.addEventListener("change", (event) => {
      if (event.target.name === "course") onCourse(this.course);
    });
    this.#name.addEventListener("input", () => this.problem(null));
    this.#suggestion.addEventListener("click", () => {
      this.#name.value = this.#suggestion.dataset.name;
      this.problem(null);
      this.#name.focus();
    });
    document.getElementById("not-me").addEventListener("click", onNextPlayer);
    const symbols = Array.from({ length: 6 }, (_, symbol) => {
      const item = document.createElement("li");
      item.append(symbolElement(symbol));
      return item;
    });
    document.getElementById("hero-symbols").append(...symbols);
    onLanguage(() => this.#words());
  }

  /** The course that is chosen. */
  get course() {
    return this.#form.elements.course.value;
  }

  set course(course) {
    this.#form.elements.course.value = course;
  }

  /** What stands in the field for the name. */
  get name() {
    return this.#name.value;
  }

  /** The event as `/api/event` describes it. */
  showEvent(event) {
    this.#event = event;
    this.#words();
  }

  /** The event is over: nobody starts any more, and what remains is to look and to check. */
  close() {
    this.#form.hidden = true;
    document.getElementById("check-all").href = checkAddress({ all: "" });
    document.getElementById("ended").hidden = false;
  }

  /** Who plays: `{name}`, or null for nobody yet. */
  showPlayer(player) {
    if (player === null && this.#player !== null) this.#name.value = ""; // what the next person has typed stays
    this.#player = player;
    this.#words();
  }

  /** The course's best row and the player's own, either null. */
  showHighscore(best, own) {
    this.#highscore = { best, own };
    this.#words();
  }

  /** Waits for the server, or no longer. */
  busy(isBusy) {
    this.#busy = isBusy;
    this.#form.setAttribute("aria-busy", String(isBusy));
    this.#words();
  }

  /** Why it did not start: `{reason, detail}` as a Reject has it, or null. */
  problem(problem) {
    this.#problem = problem;
    this.#words();
    if (problem !== null && this.#player === null) this.#name.focus({ preventScroll: true });
  }

  /** Puts the cursor where the next person begins. */
  focus() {
    (this.#player === null ? this.#name : this.#start).focus({ preventScroll: true });
  }

  #words() {
    if (this.#event !== null) this.#eventWords();
    this.#highscoreWords();
    this.#problemWords();
    document.getElementById("name-part").hidden = this.#player !== null;
    document.getElementById("who").hidden = this.#player === null;
    if (this.#player !== null) document.getElementById("who-name").textContent = t("play.playing-as", { name: this.#player.name });
    this.#start.textContent = t(this.#busy ? "play.starting" : "play.start");
    this.#start.disabled = this.#busy;
  }

  #eventWords() {
    const { title, kind, courses, retention_days: days } = this.#event;
    document.getElementById("event-title").textContent = title;
    document.getElementById("rehearsal").hidden = kind !== "rehearsal";
    document.getElementById("name-stored").textContent = t("play.stored", { count: days });
    for (const about of document.querySelectorAll("[data-about]")) {
      const course = courses.find(({ name }) => name === about.dataset.about);
      if (course === undefined) continue;
      about.textContent = t(`play.${course.name}-about`, { seconds: course.levels[0].time_ms / 1000 });
    }
  }

  #highscoreWords() {
    if (this.#highscore === null) return;
    const { best, own } = this.#highscore;
    const isOwn = best !== null && own !== null && best.player === own.player;
    document.getElementById("chase-score").textContent = best === null ? "–" : number(best.score);
    document.getElementById("chase-holder").textContent = holderWords(best, isOwn);
    document.getElementById("chase-missing").textContent =
      best !== null && own !== null && !isOwn
        ? t("play.missing-best", { score: own.score, missing: best.score - own.score })
        : "";
  }

  #problemWords() {
    const problem = this.#problem;
    this.#problemLine.hidden = problem === null;
    this.#suggestion.hidden = true;
    if (problem === null) {
      this.#name.removeAttribute("aria-invalid");
      return;
    }
    this.#problemLine.textContent = t(problemKey(problem));
    if (problem.reason.startsWith("name_")) this.#name.setAttribute("aria-invalid", "true");
    if (problem.reason !== "name_taken" || problem.detail === "") return;
    this.#suggestion.hidden = false;
    this.#suggestion.dataset.name = problem.detail;
    this.#suggestion.textContent = t("play.suggest", { name: problem.detail });
  }
}

function holderWords(best, isOwn) {
  if (best === null) return t("play.nobody");
  return isOwn ? t("play.holder-you") : t("play.holder", { name: best.name || t("play.hidden-name") });
}

function problemKey({ reason, detail }) {
  if (reason === "name_taken") return "play.problem-taken";
  if (reason === "name_invalid" && NAME_PROBLEMS.has(detail)) return `play.problem-${detail}`;
  if (RUN_PROBLEMS.has(reason)) return `play.problem-${reason}`;
  return reason === "disconnected" ? "play.problem-offline" : "play.notice-failed";
}
