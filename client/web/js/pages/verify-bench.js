/** The checking page without its surroundings: what the served page and the file to keep share. It speaks to no server. */

import { onLanguage, register, t } from "../i18n/i18n.js";
import words from "../i18n/verify.js";
import { parsePublished } from "../proof/commitments.js";
import { Malformed } from "../proof/form.js";
import { parseHeld } from "../proof/held.js";
import { verify } from "../proof/verify.js";
import { runsOf, standingsIn, walkRun } from "../proof/walk.js";
import { Checking } from "../state/verify-checking.js";
import { parseNames, Papers } from "../state/verify-papers.js";
import { languageSwitch, followLanguage } from "../view/shared/language-switch.js";
import { ChecksList } from "../view/verify/checks-list.js";
import { Findings } from "../view/verify/findings.js";
import { PapersView } from "../view/verify/papers-view.js";
import { ReplayView } from "../view/verify/replay-view.js";
import { VerdictView } from "../view/verify/verdict-view.js";
import { bringIntoView, courseWords } from "../view/verify/words.js";

/** Put together once a page. */
export class Bench {
  #papers = new Papers();
  #papersView = new PapersView(this.#papers, () => void this.check());
  #verdict = new VerdictView({ onAgain: () => this.#choose(), onOther: () => this.#forget() });
  #checks = new ChecksList();
  #replay = new ReplayView(() => this.#checking?.skip(), (about) => this.#titleOf(about));
  #findings = new Findings((run) => void this.#checkOne(run), (player) => this.#nameOf(player));
  #checking = null;
  #bundle = null;
  #results = new Map();
  #told = new Map();
  #names = new Map();
  #watched = null;
  #wish = null;

  constructor() {
    register(words);
    document.getElementById("head").append(languageSwitch());
    followLanguage();
    const relabel = () => {
      for (const part of [this.#papersView, this.#verdict, this.#checks, this.#replay, this.#findings]) part.relabel();
    };
    onLanguage(relabel);
    relabel();
  }

  /** Takes a bundle in that somebody else has fetched; `name` stands for it in the list. */
  put(name, bytes) {
    return this.#papers.put(name, bytes);
  }

  /** Says why something could not be had; `words` gives the text in the language in use. */
  tell(words) {
    this.#papersView.tell(words);
  }

  /** Names beside those of a file: `[player, name]` each. */
  name(pairs) {
    for (const [player, name] of pairs) this.#told.set(player, name);
    this.#rename();
    this.#findings.relabel();
    this.#replay.relabel();
  }

  /** The papers are there; once somebody starts the check, the run with this id is played, if the bundle has it. */
  ready(run) {
    this.#wish = run;
    this.#papersView.ready();
  }

  /** Checks the bundle at hand; the run with this id is played before one's eyes, else the first of the standings. */
  async check(run = this.#wish) {
    const anchors = this.#anchors();
    if (anchors === null) return;
    this.#rename();
    this.#watched = run;
    this.#show("checking");
    this.#verdict.begin();
    const report = await this.#drive(verify(this.#papers.bundle, anchors));
    if (report === null) return;
    if (report.wrong !== null) this.#checks.fail(report.wrong.check);
    const isOk = report.verdict !== "wrong";
    this.#replay.release(isOk ? this.#results.get(this.#watched) : null);
    this.#verdict.end(report);
    const standings = isOk ? standingsIn(this.#bundle) : [];
    this.#findings.show({ report, standings, results: this.#results, acts: isOk ? this.#bundle.acts.list : [] });
    document.body.dataset.state = "done";
  }

  /** One score once more, for somebody who wants to see it. */
  async #checkOne(run) {
    this.#checking?.stop();
    this.#watched = run;
    bringIntoView(document.getElementById("show"));
    const checking = this.#begin(walkRun(this.#bundle, run));
    const played = await checking.run();
    if (played !== null) this.#replay.release({ score: played.score, timeMs: played.timeMs });
  }

  async #drive(steps) {
    const checking = this.#begin(steps);
    let [done, total, current] = [0, 0, null];
    checking.addEventListener("item", ({ detail: item }) => {
      if (item.kind === "bundle") total = this.#open(item.bundle);
      else if (item.kind === "passed") this.#checks.pass(item.check);
      else if (item.kind === "run") {
        current = item.run;
        this.#checks.begin("replay");
      }
      if (item.kind === "event" && item.event.type === "END") {
        done += 1;
        this.#results.set(current, { score: item.run.score, timeMs: item.run.scoredAtMs });
      }
      if (item.kind !== "event" || item.event.type === "END") this.#verdict.progress(done, total);
    });
    checking.addEventListener("moment", ({ detail: timeline }) => {
      this.#verdict.progress(done + Math.min(timeline.moments.at(-1).atMs / timeline.endMs, 1), total);
    });
    return checking.run();
  }

  #begin(steps) {
    const checking = new Checking(steps, ({ run }) => run === this.#watched);
    checking.addEventListener("watch", ({ detail: timeline }) => this.#replay.follow(timeline, checking.playback));
    this.#checking = checking;
    return checking;
  }

  /** The bundle has been read; how many runs it has. */
  #open(bundle) {
    this.#bundle = bundle;
    const runs = runsOf(bundle);
    const rows = standingsIn(bundle).flatMap((part) => part.rows.filter(({ run }) => run !== undefined));
    if (!runs.some(({ run }) => run === this.#watched)) this.#watched = rows[0]?.run ?? runs[0]?.run ?? null;
    return runs.length;
  }

  #anchors() {
    let reading = "";
    try {
      const held = this.#papers.of("held").map(({ name, bytes }) => [(reading = name), parseHeld(bytes)]);
      const [list] = this.#papers.of("commitments").map(({ name, bytes }) => ((reading = name), parsePublished(bytes)));
      this.tell(() => "");
      return { key: this.#papersView.fingerprint, commitments: list ?? null, held };
    } catch (wrong) {
      if (!(wrong instanceof Malformed)) throw wrong;
      this.tell(() => t("verify.broken-paper", { name: reading, what: wrong.where === "" ? wrong.what : `${wrong.where}: ${wrong.what}` }));
      return null;
    }
  }

  #show(state) {
    document.body.dataset.state = state;
    document.getElementById("choose").hidden = state !== "choose";
    for (const card of document.querySelectorAll(".keep")) card.hidden = state !== "choose";
    document.getElementById("outcome").hidden = state === "choose";
    this.#checks.clear();
    this.#findings.clear();
    this.#replay.hide();
    this.#results.clear();
  }

  /** Back to the files, to add what was kept. */
  #choose() {
    this.#checking?.stop();
    this.#show("choose");
    document.getElementById("files").focus();
  }

  #forget() {
    this.#wish = null;
    for (const paper of this.#papers.all) this.#papers.remove(paper);
    this.#choose();
  }

  #rename() {
    this.#names = new Map([...this.#told, ...parseNames(this.#papers.of("names")[0]?.bytes)]);
  }

  #nameOf(player) {
    const name = this.#names.get(player);
    return name === undefined ? player : name || "–";
  }

  #titleOf({ player, course }) {
    return t("verify.run-of", { name: this.#nameOf(player), course: courseWords(course) });
  }
}
