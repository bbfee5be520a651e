import assert from "node:assert/strict";
import test from "node:test";

import { hex, unhex } from "../../client/web/js/proof/bytes.js";
import { ConnectionKind, decode, encode, EndReason, LogError } from "../../client/web/js/proof/log.js";
import { replay } from "../../client/web/js/proof/replay.js";
import { Run } from "../../client/web/js/proof/run.js";
import { SeededTiles } from "../../client/web/js/proof/streams.js";
import { legalSwaps } from "../../client/web/js/proof/swaps.js";
import { checkVector } from "../../client/web/js/proof/vectors.js";
import { CHANCE, RUNS } from "./proof-vectors.js";

const START = new Uint8Array(32);
const fresh = (levels = [{ goal: 0, timeMs: 90_000 }], graceMs = 0) =>
  new Run({ levels, tiles: new SeededTiles(unhex(CHANCE.seed)), start: START, graceMs });

/** Plays some legal swaps, each at its lock's end, and what else `more` does; gives the run and its log. */
function played(count, more = () => [], levels = undefined) {
  const run = fresh(levels);
  const log = [];
  for (let k = 0; k < count; k += 1) log.push(...run.move(run.lockEndMs, legalSwaps(run.board)[0]).events, ...more(run, k));
  log.push(...run.expire());
  return { run, log };
}

const walk = (log, run = fresh()) => [...replay(run, log)];

for (const [name, document] of Object.entries(RUNS)) {
  test(`${name}: ${document.why}`, () => assert.deepEqual(checkVector(document), []));
}

test("a vector that differs is told where", () => {
  const document = structuredClone(RUNS["section-9.json"]);
  document.expect.replies[0].points += 10;
  assert.match(checkVector(document)[0], /^reply 1 points: expected \d+, found \d+$/);
});

test("what is no vector is told as such", () => {
  const whole = RUNS["grace.json"];
  const broken = [null, 7, [], {}, { ...whole, course: [] }, { ...whole, scope: "all" }, { ...whole, server_seed: "zz" },
    { ...whole, grace_ms: -1 }, { ...whole, inputs: [{ t_arr: 0, i: 7, d: 0 }] }, { ...whole, course: [{ goal: 0, time_ms: 1 }, { goal: 0, time_ms: 1 }] }];
  for (const document of broken) assert.match(checkVector(document)[0], /^not a vector: /);
});

test("the first move of the rules' section 9 is written as the page says", () => {
  const { events } = fresh().move(900, { cell: 7, direction: 1 });
  assert.deepEqual(events.map(hex), ["01000000010000038400000384070100010000001e0000001e8a01868d0cff00a9"]);
});

test("every kind of event is read as it was written", () => {
  const board8 = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const events = [
    { type: "MOVE", seq: 1, tArr: 2, tEff: 3, cell: 4, direction: 1, steps: 6, points: 70, score: 80, board8 },
    { type: "ILLEGAL", seq: 2, tArr: 4_294_967_295, tEff: 9, cell: 63, direction: 0 },
    { type: "SHUFFLE", seq: 3, z: 62, attempt: 1016, board8 },
    { type: "CONNECTION", seq: 4, t: 5, kind: ConnectionKind.SERVER_AWAY },
    { type: "END", seq: 5, t: 90_000, reason: EndReason.VOIDED, score: 1, moves: 2 },
    { type: "LEVEL", seq: 6, t: 7, level: 39, bonus: 590, score: 3, board8 },
  ];
  assert.deepEqual(events.map((event) => encode(event).length), [33, 15, 21, 10, 18, 26]); // RULES.md 7
  assert.deepEqual(events.map((event) => decode(encode(event))), events);
});

test("bytes that are no event are refused", () => {
  const end = encode({ type: "END", seq: 1, t: 1, reason: 0, score: 0, moves: 0 });
  const strange = [[], [0], [7], [...end.slice(0, -1)], [...end, 0], end.with(9, 4), encode({ type: "CONNECTION", seq: 1, t: 1, kind: 4 })];
  for (const bytes of strange) assert.throws(() => decode(Uint8Array.from(bytes)), LogError);
});

test("a stored log is walked to the same head", () => {
  const levels = [{ goal: 200, timeMs: 60_000 }, { goal: 0, timeMs: 60_000 }];
  const { run, log } = played(20, (at, k) => (k % 5 ? [] : at.connection(at.lockEndMs, ConnectionKind.LOST)), levels);
  const again = fresh(levels);
  const steps = walk(log, again);
  assert.equal(hex(again.head), hex(run.head));
  assert.deepEqual(steps.map(({ event }) => event.type), log.map((payload) => decode(payload).type));
  assert.ok(steps.some(({ event }) => event.type === "LEVEL") && steps.some(({ event }) => event.type === "CONNECTION"));
});

test("no event may be changed, left out, doubled or exchanged", () => {
  const { log } = played(6);
  for (let place = 0; place < log.length; place += 1) {
    const changed = log.map((payload) => payload.slice());
    changed[place][changed[place].length - 1] ^= 1;
    assert.throws(() => walk(changed), LogError, `changed ${place}`);
    assert.throws(() => walk(log.toSpliced(place, 0, log[place])), LogError, `doubled ${place}`);
    if (place < log.length - 1) {
      assert.throws(() => walk(log.toSpliced(place, 1)), LogError, `left out ${place}`);
      assert.throws(() => walk(log.toSpliced(place, 2, log[place + 1], log[place])), LogError, `exchanged ${place}`);
    }
  }
});

test("a log that stops inside a move, or goes on after its end, is refused", () => {
  const levels = [{ goal: 30, timeMs: 60_000 }, { goal: 0, timeMs: 60_000 }];
  const { log } = played(1, undefined, levels);
  assert.deepEqual(log.map((payload) => decode(payload).type), ["MOVE", "LEVEL", "END"]);
  assert.throws(() => walk(log.slice(0, 1), fresh(levels)), /stored nothing/);
  assert.throws(() => walk([...log, log[0]], fresh(levels)), LogError);
});

test("no more than 60 connections are logged, and none after the deadline", () => {
  const run = fresh();
  const written = Array.from({ length: 70 }, (_, t) => run.connection(t, ConnectionKind.LOST)).flat();
  assert.equal(written.length, 60);
  assert.deepEqual(fresh().connection(90_001, ConnectionKind.LOST), []);
  assert.equal(fresh().connection(90_000, ConnectionKind.LOST).length, 1);
});

test("a run that was given up or voided ends with the command's time and keeps its score", () => {
  for (const reason of [EndReason.ABANDONED, EndReason.VOIDED]) {
    const run = fresh();
    const log = [...run.move(900, { cell: 7, direction: 1 }).events, ...run.finish(5_000, reason)];
    assert.deepEqual(run.end, { t: 5_000, reason, score: 30, moves: 1 });
    assert.equal(hex(walkedHead(log)), hex(run.head));
    assert.deepEqual(run.finish(6_000, reason), []);
  }
});

function walkedHead(log) {
  const run = fresh();
  walk(log, run);
  return run.head;
}
