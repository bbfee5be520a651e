/** One run: who and what, the acts on it, its replay and its log. */

import { dateTime, number, t } from "../../i18n/i18n.js";
import { RowState } from "../../protocol/table.js";
import { effectOf, offeredActs, targetOf } from "../../state/desk-words.js";
import { checkAddress } from "../shared/page-links.js";
import { stamp } from "../shared/template.js";
import { FlagsView } from "./flags-view.js";
import { LogTable } from "./log-table.js";
import { ReplayView } from "./replay-view.js";
import { courseName, shownWords, stateOf } from "./words.js";

export class RunPage {
  #place = document.getElementById("run-page");
  #ask;
  #parts = null;
  #replay = null;
  #log = null;
  #flags = null;
  #run = null;
  #row = null;
  #askFlags;
  #isPublished;

  /**
   * @param {(question: object) => void} ask called with an act that shall be asked about (view/desk/act-dialog.js)
   * @param {(run: string, resamples: number) => Promise<object | null>} askFlags gives the report on a run, null when
   *   there is none
   * @param {(heat: string) => boolean} isPublished whether what was played there can be checked by everybody; "" is open play
   */
  constructor(ask, askFlags, isPublished) {
    this.#isPublished = isPublished;
    this.#ask = ask;
    this.#askFlags = askFlags;
  }

  /** The run on show, or null. */
  get run() {
    return this.#run?.run ?? null;
  }

  /**
   * Show a run, or its newest state while it is on show.
   *
   * @param {object} run as `GET /api/desk/runs/RUN` gives it
   */
  show(run) {
    const fresh = run.run !== this.run;
    const wasPlaying = this.#row?.playing;
    if (fresh) this.#open();
    this.#run = run;
    this.#row = rowOf(run);
    if (fresh || wasPlaying !== this.#row.playing) void this.#loadFlags(40);
    this.#log.show(run.events);
    this.#replay.load(run.replay, run.events.find(({ type }) => type === "end")?.t ?? null, run.hidden);
    this.relabel();
    if (fresh) this.#parts.name.focus();
  }

  /** Take the page away. */
  close() {
    this.#replay?.stop();
    this.#place.replaceChildren();
    this.#run = null;
    this.#parts = null;
    this.#replay = null;
    this.#flags = null;
  }

  /** Shows the way to the public check as soon as there is one: what is not over is not published. */
  showCheck() {
    if (this.#run === null) return;
    const { run, heat } = this.#run;
    this.#parts.check.hidden = this.#row.playing || !this.#isPublished(heat);
    this.#parts.check.href = checkAddress(heat === "" ? { run } : { heat, run });
  }

  relabel() {
    if (this.#run === null) return;
    const { name, shown, course, state, score, run, player, t0, grace, commit } = this.#parts;
    const row = this.#row;
    name.textContent = row.name;
    const words = shownWords(row);
    shown.hidden = words === "";
    shown.textContent = words;
    course.textContent = courseName(row.course);
    const { words: stateWords, tone } = stateOf(row);
    state.textContent = stateWords;
    state.dataset.tone = tone;
    score.textContent = number(row.score);
    run.textContent = this.#run.run;
    player.textContent = this.#run.player;
    t0.textContent = dateTime(this.#run.t0_unix_ms);
    grace.textContent = this.#run.grace_ms === null ? "–" : `${number(this.#run.grace_ms)} ms`;
    commit.textContent = this.#run.commit;
    this.showCheck();
    this.#offer();
    this.#log.show(this.#run.events);
    this.#replay.relabel();
    this.#flags.relabel();
  }

  #open() {
    this.close();
    this.#parts = stamp("run-detail");
    this.#place.replaceChildren(this.#parts.root);
    this.#log = new LogTable(this.#parts.log);
    this.#replay = new ReplayView(this.#parts, (seq) => this.#log.mark(seq));
    this.#flags = new FlagsView(this.#parts, { goTo: (seq) => this.#watch(seq), lookCloser: () => void this.#loadFlags(200) });
    this.#parts.log.addEventListener("click", (event) => {
      const row = event.target.closest(".log-row");
      if (row !== null) this.#replay.goTo(Number(row.dataset.seq));
    });
  }

  async #loadFlags(resamples) {
    const asked = this.#flags;
    const report = await this.#askFlags(this.#run.run, resamples);
    if (this.#flags === asked) asked.show(report);
  }

  /** Shows where a flag leads: the move in the replay, or an event that is no move in the log. */
  #watch(seq) {
    this.#replay.goTo(seq);
    this.#log.mark(seq);
    this.#parts.replay.scrollIntoView({ block: "nearest" });
  }

  #offer() {
    const focusedKind = this.#parts.acts.contains(document.activeElement) ? document.activeElement.value : null;
    this.#parts.acts.replaceChildren(...offeredActs(this.#row).map((kind) => this.#button(kind)));
    for (const button of this.#parts.acts.children) if (button.value === focusedKind) button.focus();
  }

  #button(kind) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--quiet";
    button.value = kind;
    button.textContent = t(`desk.act-${kind}`);
    button.addEventListener("click", () => this.#ask(this.#question(kind)));
    return button;
  }

  #question(kind) {
    const row = this.#row;
    const onRun = targetOf(kind, row) === row.run;
    const about = onRun
      ? () => t("desk.about-run", { name: row.name, course: courseName(row.course), score: row.score })
      : () => t("desk.about-player", { name: row.name });
    return { kind, target: targetOf(kind, row), about, effect: effectOf(kind, row) };
  }
}

/** What there is to say of the run and to do with it; score and end stand in its log. */
function rowOf({ run, player, name, shown_name, course, state, events }) {
  const end = events.find(({ type }) => type === "end");
  const last = events.findLast(({ score }) => score !== undefined);
  return {
    run,
    player,
    name,
    shownName: shown_name,
    renamed: (state & RowState.NAME_HIDDEN) !== 0,
    course,
    voided: (state & RowState.VOIDED) !== 0,
    playing: end === undefined,
    endReason: end?.reason ?? null,
    score: last?.score ?? 0,
    standing: (state & RowState.NOT_BEST) === 0,
  };
}
