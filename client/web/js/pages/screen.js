/** The screen: standings for a hall. Puts together connection, state and views; decides nothing itself. */

import { onLanguage, register } from "../i18n/i18n.js";
import words from "../i18n/screen.js";
import { Connection } from "../net/connection.js";
import { Api, joinAddress, joinCodeAddress } from "../net/http.js";
import { socketUrl } from "../net/world.js";
import { Role } from "../protocol/table.js";
import { HeatBook } from "../state/heats.js";
import { LiveDigest } from "../state/screen-digest.js";
import { ASK_EVERY_MS, Liveness } from "../state/screen-live.js";
import { stage } from "../state/screen-stage.js";
import { Celebration } from "../view/screen/celebration.js";
import { Controls } from "../view/screen/controls.js";
import { CourseBoard } from "../view/screen/course-board.js";
import { HeatLine } from "../view/screen/heat-line.js";
import { DigestCorner } from "../view/screen/digest-corner.js";
import { JoinCard } from "../view/screen/join-card.js";
import { Latest } from "../view/screen/latest.js";
import { LiveBanner, showClock } from "../view/screen/live-banner.js";
import { stayAwake } from "../view/screen/stay-awake.js";
import { followLanguage } from "../view/shared/language-switch.js";
import { checkAddress, eventOfPage, linkPages } from "../view/shared/page-links.js";

/** Where all courses fit at once: side by side, or above one another on a wall that stands upright. */
const ROOMY = matchMedia("(min-aspect-ratio: 3/2) and (min-width: 60rem), (max-aspect-ratio: 3/4) and (min-height: 80rem)");

/** Nobody sits at a screen: it comes back even where the server said that a page should not. In ms. */
const START_AGAIN_MS = 15_000;

/** The sums over heats by the heats' course; the address may name them like a course. */
const SUM_OF = Object.freeze({ sprint: "heats", climb: "heats-climb" });
const SUMS = new Set(Object.values(SUM_OF));

register(words);
followLanguage();
linkPages();
stayAwake();

const event = eventOfPage();
const connection = new Connection({ url: socketUrl(location), role: Role.WATCHER, event });
const liveness = new Liveness(performance.now());
const banner = new LiveBanner();
const digest = new LiveDigest();
const digestCorner = new DigestCorner();
const celebration = new Celebration();
const join = new JoinCard();
const latest = new Latest();
const controls = new Controls(choose);
const heats = new HeatBook();
const heatLine = new HeatLine();

/** The server's wall clock less `performance.now()`, in ms; ours until the server has told its own. */
let wallOffsetMs = Date.now() - performance.now();
let boards = [];
let courses = [];
let isClosed = false;
let chosen = new URLSearchParams(location.search).get("course") ?? "";
let timer = null;

function choose(course) {
  chosen = course;
  if (SUMS.has(course)) putSum(course);
  history.replaceState(null, "", course === "" ? location.pathname : `?course=${encodeURIComponent(course)}`);
  show();
}

function show() {
  const nowMs = performance.now();
  const { live, asOfMs, dueMs: liveDueMs } = liveness.at(nowMs);
  banner.show(live, asOfMs === null ? null : asOfMs + wallOffsetMs);
  const clockDueMs = nowMs + showClock(nowMs + wallOffsetMs);
  const corner = digest.at(nowMs, boards.some((board) => board.inPlay));
  digestCorner.show(corner);
  const shown = boards.map((board) => ({ board, ...board.show(nowMs) }));
  const heat = heatOnShow();
  heatLine.show(heat);
  const { shown: onStage, dueMs: stageDueMs } = stage({
    courses,
    heat: heat?.heat ?? (SUMS.has(chosen) ? chosen : ""),
    chosen,
    standing: new Set(boards.filter((board) => board.standing).map(({ course }) => course)),
    roomy: ROOMY.matches,
    sinceMs: nowMs,
  });
  for (const { board, best, cracked } of shown) {
    board.panel.element.hidden = !onStage.includes(board.course);
    if (cracked !== null && (chosen === "" || chosen === board.course)) celebration.start(cracked);
    celebration.follow(best);
  }
  document.body.dataset.empty = String(!boards.some((board) => board.standing && onStage.includes(board.course)));
  latest.show(boards.filter(({ course }) => onStage.includes(course)).map((board) => ({ course: board.course, rows: board.results })));
  controls.show([...courses, ...heats.courses.flatMap((course) => SUM_OF[course] ?? [])], chosen);
  showAgainAt([liveDueMs, clockDueMs, stageDueMs, corner.dueMs, ...shown.map(({ dueMs }) => dueMs)]);
}

function showAgainAt(times) {
  clearTimeout(timer);
  const nextMs = Math.min(...times.filter((time) => time !== null));
  timer = setTimeout(show, Math.max(0, nextMs - performance.now()) + 1);
}

function welcome({ title, courses: told, server_unix_ms }) {
  document.getElementById("event-title").textContent = title === "Knackpunkt" ? "" : title; // the name stands there already
  hearClock(server_unix_ms);
  if (boards.length === 0) {
    courses = told.map(({ name }) => name);
    courses.forEach(put);
    if (SUMS.has(chosen)) putSum(chosen);
  }
  askHowToJoin();
  askWhichKind();
  show();
}

/** The heat in the address, or the one under way; null where there is neither. */
function heatOnShow() {
  return heats.get(chosen) ?? (chosen === "" ? heats.underWay : null);
}

/** The heat whose digests the corner shows, "" for open play; beside a sum stands the heat that adds to it. */
function witnessed() {
  const heat = heatOnShow() ?? (SUMS.has(chosen) ? heats.underWay : null);
  return heat?.heat ?? "";
}

/** Where a score is checked that stands on show: nothing is published of a run in play, and of a heat or of sums only when all of it is over. */
function checkOf(listing, { run, running }) {
  if (running) return null;
  if (SUMS.has(listing)) return isClosed ? checkAddress({ all: "" }) : null;
  if (courses.includes(listing)) return checkAddress({ run });
  return heats.isPublished(listing) ? checkAddress({ heat: listing, run }) : null;
}

/** The event is over: what stands is final. */
function close() {
  isClosed = true;
  document.body.dataset.closed = "true";
  document.getElementById("closed").hidden = false;
  join.close();
}

/** Put a course, a heat or the sum over heats on the stage, from now on. */
function put(course) {
  const board = new CourseBoard(course, checkOf);
  boards.push(board);
  document.getElementById("stage").append(board.panel.element);
  for (const standings of [board.top, board.latest]) {
    standings.addEventListener("change", () => {
      liveness.heard(performance.now());
      show();
    });
    connection.watch(standings);
  }
}

/** Take a heat on the stage, and the one before it off: a connection watches only so much. */
function putHeat(heat) {
  putInstead(heat, ({ course }) => !courses.includes(course) && !SUMS.has(course));
}

/** The same with a sum over heats. */
function putSum(sum) {
  putInstead(sum, ({ course }) => SUMS.has(course));
}

function putInstead(listing, isBefore) {
  if (boards.some(({ course }) => course === listing)) return;
  for (const board of boards.filter(isBefore)) {
    for (const standings of [board.top, board.latest]) connection.unwatch(standings);
    board.panel.element.remove();
  }
  boards = boards.filter((board) => !isBefore(board));
  put(listing);
}

function hear(message) {
  if (message.type === "LIVE" && message.heat === witnessed()) digest.hear(message, performance.now());
  if (message.type === "HEAT") {
    heats.take(message);
    const heat = heatOnShow();
    if (heat !== null) putHeat(heat.heat);
  }
  if (message.type === "CLOSED") close();
  show();
}

function hearClock(serverUnixMs) {
  const nowMs = performance.now();
  wallOffsetMs = serverUnixMs - nowMs;
  liveness.heard(nowMs);
}

async function askWhetherLive() {
  liveness.doubt(performance.now());
  show(); // comes back by itself when nobody answers in time
  try {
    const { server_unix_ms } = await connection.request({ type: "PING" });
    hearClock(server_unix_ms);
  } catch {
    // No answer is the answer: the doubt stays until the next welcome.
  }
  show();
}

async function askHowToJoin() {
  try {
    join.show(await joinAddress(event), joinCodeAddress(event));
  } catch {
    // The next welcome asks again; until then the card shows what it knows.
  }
}

async function askWhichKind() {
  try {
    const { kind } = await new Api({ event }).event();
    document.getElementById("rehearsal").hidden = kind !== "rehearsal";
  } catch {
    // The next welcome asks again.
  }
}

connection.addEventListener("welcome", ({ detail }) => welcome(detail));
connection.addEventListener("push", ({ detail }) => hear(detail));
connection.addEventListener("state", ({ detail: { state } }) => {
  if (state === "live") return;
  liveness.doubt(performance.now());
  show();
  if (state === "stopped") setTimeout(() => connection.start(), START_AGAIN_MS);
});
ROOMY.addEventListener("change", show);
onLanguage(() => {
  for (const { panel } of boards) panel.relabel();
  join.relabel();
  show();
});

show();
connection.start();
setInterval(askWhetherLive, ASK_EVERY_MS);
