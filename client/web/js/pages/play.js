/** The play page: puts together connection, run and views, and says which change calls for which view. */

import { ReplayMismatch } from "../game/board.js";
import { onLanguage, register, t } from "../i18n/i18n.js";
import words from "../i18n/play.js";
import { Connection, Disconnected } from "../net/connection.js";
import { Api, receiptCodeAddress } from "../net/http.js";
import { socketUrl } from "../net/world.js";
import { Reject } from "../protocol/codes.js";
import { Role } from "../protocol/table.js";
import { RunClock } from "../state/clock.js";
import { HeldShelf } from "../state/held-shelf.js";
import { HeatBook } from "../state/heats.js";
import { deviceStorage, RunMemory, SessionMemory } from "../state/memory.js";
import { RunState } from "../state/run.js";
import { Announcer } from "../view/play/announcer.js";
import { CheckList } from "../view/play/check-list.js";
import { EndCard } from "../view/play/end-card.js";
import { EvidenceKeys, KeyWarning } from "../view/play/evidence.js";
import { Hud } from "../view/play/hud.js";
import { Intro } from "../view/play/intro.js";
import { LobbyView } from "../view/play/lobby.js";
import { Notices } from "../view/play/notices.js";
import { Overlays } from "../view/play/overlays.js";
import { ProofPart } from "../view/play/proof-part.js";
import { Stage } from "../view/play/stage.js";
import { StandingsList } from "../view/play/standings-list.js";
import { Table } from "../view/play/table.js";
import { TitleView } from "../view/play/title.js";
import { followLanguage, languageSwitch } from "../view/shared/language-switch.js";
import { eventOfPage, linkPages } from "../view/shared/page-links.js";
import { loadSymbols } from "../view/symbols.js";
import { PlayFlow } from "./play-flow.js";

/** How long to wait before asking again for an event that did not come, in ms. */
const ASK_AGAIN_MS = 2000;
/** Between the last tile and the end card, so that one sees how it ended, in ms. */
const END_PAUSE_MS = 500;
/** How long a notice stays that only explains a moment, in ms. */
const MOMENT_MS = 3000;
const SAY_AT_SECONDS = new Set([30, 10, 5]);
/** What the server says about a move that came too late: the end card says it better. */
const TOO_LATE = new Set(["late", "over"]);
/** What may come in place of a move's reply; anything else is a mistake of this page and has to be seen. */
const NO_REPLY = [Reject, Disconnected, ReplayMismatch];

const STOPPED = Object.freeze({
  replaced: { text: "play.notice-replaced", action: "play.notice-replaced-action" },
  session_ended: { text: "play.notice-session", action: "play.notice-session-action" },
  unknown_event: { text: "play.notice-event" },
});
const CLOSED = Object.freeze({ text: "play.notice-closed", action: "play.notice-closed-action" });

register(words);
document.getElementById("languages").append(languageSwitch());
linkPages();
followLanguage();
loadSymbols();

const root = document.getElementById("play");
const storage = deviceStorage();
const notices = new Notices(document.getElementById("notices"));
const announcer = new Announcer(document.getElementById("announcer"));
const list = new StandingsList(document.getElementById("standings"));
const overlays = new Overlays();
const intro = new Intro(storage);
const run = new RunState();
const clock = new RunClock();
const heats = new HeatBook();

const api = new Api({ event: eventOfPage() });
const [event, firstKey] = await askFirst();
const connection = new Connection({ url: socketUrl(location), role: Role.PLAYER, event: event.event });
const session = new SessionMemory(event.event, storage);
const held = new HeldShelf(event.event, storage);
const flow = new PlayFlow({ connection, run, clock, session, memory: new RunMemory(history), heats, held });
const table = new Table(connection);
const hud = new Hud(clock, (seconds) => {
  if (SAY_AT_SECONDS.has(seconds) && run.now.phase === "playing") announcer.say(t("play.say-time", { count: seconds }));
});
const checkList = new CheckList(standings);
const title = new TitleView({ onStart: start, onCourse: watch, onNextPlayer: nextPlayer });
const lobby = new LobbyView({
  onGather: (heat) => ask(() => flow.gather({ heat, name: title.name })),
  onScatter: () => ask(() => flow.scatter()),
});
const endCard = new EndCard({
  onAgain: () => again(run.now.course),
  onOther: () => again(otherCourse()),
  onNextPlayer: nextPlayer,
});
const proofPart = new ProofPart({ receipt: (run) => api.receipt(run), codeAddress: receiptCodeAddress });
const evidenceKeys = ["end-proof", "title-proof"].map((id) => new EvidenceKeys(document.getElementById(id), evidence));
const keyWarning = new KeyWarning();
const stage = new Stage({ root, clock, run, hud, overlays, send, onPoints: showPoints, say: (text) => announcer.say(text) });

title.showEvent(event);
keepKey(firstKey);
onLanguage(showTable);
heats.addEventListener("change", () => {
  lobby.show(heats.lobby);
  if (endCard.isOpen) showEnd();
});
run.addEventListener("change", ({ detail }) => follow(detail));
table.addEventListener("change", showTable);
table.addEventListener("cracked", () => {
  overlays.celebrate();
  announcer.say(t("play.cracked"));
});
flow.addEventListener("player", () => {
  title.showPlayer(flow.player);
  table.seenBy(flow.player?.id ?? null);
});
flow.addEventListener("server", ({ detail }) => showServer(detail));
flow.addEventListener("recording", ({ detail: isRecording }) => {
  if (isRecording) notices.clear("recording");
  else notices.show("recording", { text: "play.notice-recording" });
});
flow.addEventListener("closed", close);
connection.addEventListener("welcome", hearKey);
heats.addEventListener("change", hearList);
window.addEventListener("pagehide", () => held.save());
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && held.save());
if (event.ended_at_ms !== null) close();
watch(title.course);
flow.start();

/** Asks for the event and its key until they come; an event that does not exist is said so, and asked for no more. */
async function askFirst() {
  for (;;) {
    try {
      const answer = await Promise.all([api.event(), api.key()]);
      notices.clear("server");
      return answer;
    } catch (error) {
      const isUnknown = error.status === 404;
      notices.show("server", isUnknown ? { text: "play.notice-event", tone: "danger" } : { text: "play.notice-not-live" });
      await new Promise((resolve) => isUnknown || setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
}

/** Hears which key the event signs with now, and under it the list of its heats; where nothing is heard, the next welcome asks again. */
async function hearKey() {
  try {
    keepKey(await api.key());
    await hearList();
  } catch (error) {
    if (error.status === undefined) throw error;
  }
}

function keepKey({ key, fingerprint }) {
  held.key = key;
  keyWarning.show(held.isAnotherKey ? fingerprint : null);
  for (const keys of evidenceKeys) keys.show(held.hasOthers);
}

async function hearList() {
  if (held.commitments !== null) return;
  try {
    const { key, text, signature } = await api.commitments();
    if (key === held.key && text !== null) held.commitments = { text, signature };
  } catch (error) {
    if (error.status === undefined) throw error;
  }
}

// --- what the player does ---

async function start(wish) {
  title.problem(null);
  await intro.before();
  await play(wish);
}

function play(wish) {
  return ask(() => flow.play(wish));
}

async function ask(order) {
  title.problem(null);
  title.busy(true);
  try {
    await order();
  } catch (error) {
    if (!(error instanceof Reject || error instanceof Disconnected)) throw error;
    title.problem(error instanceof Reject ? error : { reason: "disconnected" });
  } finally {
    title.busy(false);
  }
}

function again(course) {
  title.course = course;
  play({ course, name: "" });
}

function otherCourse() {
  return event.courses.map(({ name }) => name).find((name) => name !== run.now.course);
}

async function nextPlayer() {
  await flow.leave();
  title.problem(null);
  title.focus();
}

/** The held files as they stand now. */
async function evidence() {
  await hearList();
  return held.files;
}

async function send(swap, replayed) {
  try {
    await flow.move(swap, replayed);
    return true;
  } catch (error) {
    if (!NO_REPLY.some((kind) => error instanceof kind)) throw error;
    if (error instanceof Reject && !TOO_LATE.has(error.reason)) notices.show("refused", { text: "play.notice-refused", forMs: MOMENT_MS });
    return false;
  }
}

// --- what becomes of the run ---

function follow({ cause, before, now }) {
  root.dataset.state = now.phase === "asking" ? "idle" : now.phase;
  root.dataset.score = now.score;
  root.dataset.level = now.level;
  REACTIONS[cause]?.(now, before);
}

/** What a change of the run calls for, by its cause; what moves on the board after a swap is the stage's own. */
const REACTIONS = Object.freeze({
  started: countDown,
  called: (now) => {
    overlays.clear();
    countDown(now);
    announcer.say(t("play.say-heat", { heat: now.heat }));
  },
  begin: (now) => {
    overlays.stopCountdown({ go: true });
    hud.show(now);
    stage.deal();
    announcer.say(t("play.say-go"));
  },
  resumed: (now) => {
    overlays.clear();
    notices.clear("heat");
    if (now.phase === "waiting") {
      open(now);
      stage.clear();
      notices.show("heat", { text: "play.heat-waiting" });
      return;
    }
    if (now.phase === "countdown") {
      countDown(now);
      return;
    }
    open(now);
    hud.show(now);
    showPoints(now.score);
    stage.replace();
  },
  moved: (now, before) => {
    const { score, level, goal } = now;
    const rank = table.own?.rank;
    if (level > before.level) announcer.say(t("play.say-level", { level: level + 1, goal }));
    else announcer.murmur(rank === undefined ? t("play.say-score-only", { score }) : t("play.say-score", { score, rank }));
  },
  refused: (now) => now.phase === "idle" && showTitle(),
  lost: (now, before) => {
    if (before.phase === "asking") showTitle();
    if (now.phase !== "lost") return;
    stage.close();
    overlays.stopCountdown({ go: false });
    overlays.lost(true);
    announcer.say(`${t("play.lost")}. ${t("play.lost-more")}`);
  },
  ended: end,
  endedAway: (now) => {
    open(now);
    showPoints(now.score);
    end(now);
  },
  home: showTitle,
});

function countDown(now) {
  const { course } = run.now;
  const { levels } = event.courses.find(({ name }) => name === course);
  open(now);
  hud.wait({ timeMs: levels[0].time_ms, goal: levels[0].goal });
  overlays.countDown(clock);
}

/** Opens the stage for a run that begins or comes back. */
function open(now) {
  endCard.hide();
  title.problem(null);
  showPage("stage");
  title.course = now.course;
  if (now.heat === "") watch(now.course);
  else table.watch(now.heat);
  if (now.board === null) stage.clear();
  table.begin(now.run);
}

async function end(now) {
  overlays.clear();
  hud.show(now);
  await stage.end();
  showPoints(now.score);
  await new Promise((resolve) => setTimeout(resolve, END_PAUSE_MS));
  if (run.now.end !== now.end) return;
  announcer.say(t("play.say-score-only", { score: now.score }));
  showEnd();
}

function showTitle() {
  watch(title.course);
  overlays.clear();
  endCard.hide();
  stage.clear();
  showPage("title");
}

// --- what is shown ---

function watch(course) {
  table.watch(course);
  checkList.show(course);
}

/** All rows of a course, with their fields by name, and what of the event is published by now. */
async function standings(course) {
  const [now, { rows }] = await Promise.all([api.event(), api.standings(course)]);
  const named = rows.map(([run, rank, player, name, score, time_ms, state]) => ({ run, rank, player, name, score, time_ms, state }));
  return { event: now, rows: named };
}

/** The event is over, now or before this page was opened. */
function close() {
  root.dataset.closed = "true";
  title.close();
  endCard.close();
}

function showPage(page) {
  for (const id of ["title", "stage"]) document.getElementById(id).hidden = id !== page;
}

/** Points as the board shows them; the chase counts only what the server has confirmed. */
function showPoints(score) {
  table.score(Math.min(score, run.now.score));
}

function showTable() {
  const { own } = table;
  title.showHighscore(table.best, own);
  hud.rank(own?.rank ?? null);
  hud.chase(table.chase);
  list.show(table.rows, flow.player?.id ?? null);
  if (endCard.isOpen) showEnd();
}

function showEnd() {
  const { run: id, heat } = run.now;
  proofPart.show(id, heat, heat === "" || heats.isPublished(heat));
  endCard.show({ state: run.now, chase: table.chase, row: table.own, other: otherCourse() });
}

function showServer({ state, reason }) {
  if (state === "live") notices.clear("server");
  else if (state === "lost" && run.now.phase !== "lost") notices.show("server", { text: "play.notice-not-live" });
  else if (connection.state === "stopped" && reason !== "stopped") {
    const { text, action } = STOPPED[reason] ?? CLOSED;
    overlays.lost(false);
    notices.show("server", { text, action: action && { text: action, act: () => flow.start() } });
  }
}
