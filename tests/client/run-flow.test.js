import assert from "node:assert/strict";
import test from "node:test";

import { Disconnected } from "../../client/web/js/net/connection.js";
import { PlayFlow } from "../../client/web/js/pages/play-flow.js";
import { Reject } from "../../client/web/js/protocol/codes.js";
import { RunClock } from "../../client/web/js/state/clock.js";
import { HeatBook } from "../../client/web/js/state/heats.js";
import { Held } from "../../client/web/js/state/held.js";
import { RunMemory, SessionMemory } from "../../client/web/js/state/memory.js";
import { RunState } from "../../client/web/js/state/run.js";

const HEAD = Uint8Array.from({ length: 32 }, (_, index) => index);
const BOARD = new Uint8Array(64);
const BEGIN = {
  type: "BEGIN", run: "run-1", course: "climb", t0_unix_ms: 3000, grace_ms: 0, head: HEAD, board: BOARD, level: 0, goal: 1000, time_ms: 60_000,
};

/** A connection whose server answers from a table of functions, and notes what it was asked. */
class Line extends EventTarget {
  state = "stopped";
  token = "";
  asked = [];
  starts = 0;

  constructor(answers) {
    super();
    this.answers = answers;
  }

  start() {
    this.state = "connecting";
    this.starts += 1;
  }

  stop() {
    this.go("stopped", "stopped");
  }

  go(state, reason = "") {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, reason } }));
  }

  welcome(player = "", name = "") {
    this.go("live");
    this.dispatchEvent(new CustomEvent("welcome", { detail: { player, name } }));
  }

  push(message) {
    this.dispatchEvent(new CustomEvent("push", { detail: message }));
  }

  async request(command) {
    if (this.state !== "live") throw new Disconnected();
    this.asked.push(command);
    return this.answers[command.type](command);
  }
}

class Storage {
  kept = new Map();
  getItem = (key) => this.kept.get(key) ?? null;
  setItem = (key, value) => this.kept.set(key, value);
  removeItem = (key) => this.kept.delete(key);
}

function table(answers = {}, storage = new Storage()) {
  const line = new Line({
    JOIN: ({ name }) => ({ player: "p-1", name, token: "secret" }),
    PREPARE: () => ({ run: "run-1", commit: HEAD }),
    START: () => ({ type: "STARTED", run: "run-1", t0_unix_ms: 3000, countdown_ms: 3000 }),
    LEAVE: () => ({}),
    ...answers,
  });
  const history = { state: null, replaceState: (state) => (history.state = state) };
  const run = new RunState();
  const clock = new RunClock(() => 0);
  const heats = new HeatBook();
  const held = new Held("demo", storage, () => {});
  const session = new SessionMemory("demo", storage);
  const flow = new PlayFlow({ connection: line, run, clock, session, memory: new RunMemory(history), heats, held });
  flow.start();
  return { line, flow, run, clock, storage, history, heats, held };
}

async function inPlay(answers) {
  const parts = table(answers);
  parts.line.welcome();
  await parts.flow.play({ course: "climb", name: "Mia" });
  parts.line.push(BEGIN);
  return parts;
}

test("a first run joins, prepares and starts with a nonce of the device", async () => {
  const { line, flow, run, storage, history } = table();
  line.welcome();
  await flow.play({ course: "climb", name: "Mia" });
  assert.deepEqual(line.asked.map(({ type }) => type), ["JOIN", "PREPARE", "START"]);
  assert.equal(line.asked[2].nonce.length, 16);
  assert.equal(run.now.phase, "countdown");
  assert.equal(storage.getItem("knack.session.demo"), "secret");
  assert.equal(history.state.run, "run-1");
});

test("the next run of the same session does not join again", async () => {
  const { line, flow } = table();
  line.welcome("p-1", "Mia");
  await flow.play({ course: "sprint", name: "" });
  assert.deepEqual(line.asked.map(({ type }) => type), ["PREPARE", "START"]);
});

test("a start waits for the connection that is on its way", async () => {
  const { line, flow, run } = table();
  const playing = flow.play({ course: "climb", name: "Mia" });
  line.go("lost", "going_away");
  line.welcome();
  await playing;
  assert.equal(run.now.phase, "countdown");
});

test("a refused name leaves nothing started", async () => {
  const reject = new Reject({ code: 11, wait_ms: 0, detail: "Mia 2" });
  const { line, flow, run } = table({ JOIN: () => Promise.reject(reject) });
  line.welcome();
  await assert.rejects(flow.play({ course: "climb", name: "Mia" }), reject);
  assert.equal(run.now.phase, "idle");
});

test("a move names the chain's next number and the first eight bytes of its head", async () => {
  const message = {
    type: "MOVED", run: "run-1", verdict: 0, seq: 1, head: HEAD, t_arr: 900, lock_end: 1400, points: 30, score: 30, level: null, epoch: 1, version: 2,
  };
  const { line, flow, run } = await inPlay({ MOVE: () => message });
  await flow.move({ cell: 7, direction: 1 }, () => BOARD);
  const { seq, head, cell, direction } = line.asked.at(-1);
  assert.deepEqual([seq, [...head], cell, direction], [1, [0, 1, 2, 3, 4, 5, 6, 7], 7, 1]);
  assert.deepEqual([run.now.score, run.now.seq, run.now.underWay], [30, 1, null]);
});

test("promise, nonce and every receipt are held", async () => {
  const message = {
    type: "MOVED", run: "run-1", verdict: 0, seq: 1, head: BOARD.slice(32), t_arr: 900, lock_end: 1400, points: 30, score: 30, level: null, epoch: 1, version: 2,
  };
  const { line, flow, held } = await inPlay({ MOVE: () => message });
  held.key = "ab".repeat(32);
  await flow.move({ cell: 7, direction: 1 }, () => BOARD);
  line.push({ type: "ENDED", run: "run-1", course: "climb", seq: 2, head: HEAD, reason: 0, score: 30, moves: 1, rank: 1 });
  const [run] = JSON.parse(held.file()).runs;
  assert.equal(run.nonce, Buffer.from(line.asked[2].nonce).toString("hex"));
  assert.deepEqual([run.player, run.t0_unix_ms, run.grace_ms], ["p-1", 3000, 0]);
  assert.deepEqual(run.receipts.map(({ seq }) => seq), [0, 1, 2]);
});

test("a move that the server finds out of order asks for a resume", async () => {
  const { line, flow, run } = await inPlay({ MOVE: () => Promise.reject(new Reject({ code: 18, wait_ms: 0, detail: "" })) });
  const starts = line.starts;
  await assert.rejects(flow.move({ cell: 7, direction: 1 }, () => BOARD));
  assert.equal(line.starts, starts + 1);
  assert.equal(run.now.phase, "lost");
});

test("a lost connection loses the run until the resume", async () => {
  const { line, run } = await inPlay();
  line.go("lost", "silent");
  assert.equal(run.now.phase, "lost");
});

test("a session that the server does not know is forgotten, and the page goes on as nobody", () => {
  const storage = new Storage();
  storage.setItem("knack.session.demo", "stale");
  const { line, flow, run } = table({}, storage);
  assert.equal(line.token, "stale");
  line.go("stopped", "unknown_session");
  assert.equal(storage.getItem("knack.session.demo"), null);
  assert.deepEqual([line.token, line.state, flow.player, run.now.phase], ["", "connecting", null, "idle"]);
});

test("how the last run ended is news only for the window that played it", () => {
  const ended = { type: "ENDED", run: "run-9", course: "climb", reason: 0, score: 90, moves: 2, rank: 1 };
  const stranger = table();
  stranger.line.welcome("p-1", "Mia");
  stranger.line.push(ended);
  assert.equal(stranger.run.now.phase, "idle");

  const owner = table();
  owner.history.state = { run: "run-9" };
  owner.line.welcome("p-1", "Mia");
  owner.line.push(ended);
  assert.equal(owner.run.now.phase, "ended");
});

test("the next player finds nobody, even while the device is offline", async () => {
  const { line, flow, storage } = await inPlay();
  line.go("lost", "silent");
  await flow.leave();
  assert.deepEqual([flow.player, storage.getItem("knack.session.demo"), line.token], [null, null, ""]);
});

const heat = (more) => ({
  type: "HEAT", heat: "h1", course: "sprint", commit: HEAD, phase: 0, place: 0, run: "", roster_hash: HEAD, public: "stage:…", wait_ms: 0, ...more,
});

test("gathering joins under the name first, and asks for nothing else", async () => {
  const { line, flow } = table({ GATHER: () => ({}), SCATTER: () => ({}) });
  line.welcome();
  await flow.gather({ heat: "h1", name: "Mia" });
  await flow.scatter();
  assert.deepEqual(line.asked.map(({ type }) => type), ["JOIN", "GATHER", "SCATTER"]);
});

test("the countdown of a heat calls its member and sets the clock; who is not in it is left alone", () => {
  const member = table();
  member.line.welcome("p-1", "Mia");
  member.line.push(heat({ phase: 2, place: 1, run: "run-1", wait_ms: 3000 }));
  assert.deepEqual([member.run.now.phase, member.run.now.heat, member.clock.ms()], ["countdown", "h1", -3000]);
  member.line.push({ ...BEGIN, course: "sprint" });
  assert.deepEqual([member.run.now.phase, member.run.now.heat], ["playing", "h1"]);

  const stranger = table();
  stranger.line.welcome("p-2", "Ben");
  stranger.line.push(heat({ phase: 2 }));
  assert.equal(stranger.run.now.phase, "idle");
});

test("a run that comes back knows its heat, and the clock of one that waits is not known", () => {
  const { line, run, clock } = table();
  line.welcome("p-1", "Mia");
  line.push(heat({ phase: 4, place: 1, run: "run-1" }));
  line.push({ type: "RESUMED", run: "run-1", course: "sprint", phase: 2, clock_ms: 9000, board: BOARD, score: 30, moves: 1, head: HEAD, seq: 1, last: null });
  assert.deepEqual([run.now.phase, run.now.heat, clock.known], ["waiting", "h1", false]);
});
