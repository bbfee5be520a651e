import assert from "node:assert/strict";
import test from "node:test";

import { View } from "../../client/web/js/protocol/table.js";
import { Standings } from "../../client/web/js/state/standings.js";

const row = (run, rank, player = `p-${run}`, score = 100) => ({ run, rank, player, name: player, score, time_ms: 1, state: 0 });
const snapshot = (version, rows, epoch = 3) => ({ type: "SNAPSHOT", feed: 0, epoch, version, rows });
const delta = (from, to, rows, gone = [], epoch = 3) => ({ type: "DELTA", feed: 0, epoch, from, to, rows, gone });
const runs = (standings) => standings.rows.map(({ run }) => run);

function filled(view = View.TOP, rows = [row("a", 1), row("b", 2), row("c", 3)]) {
  const standings = new Standings({ course: "sprint", view });
  standings.apply(snapshot(17, rows));
  return standings;
}

test("a snapshot is everything, in the order of ranks, ties by player", () => {
  const standings = filled(View.TOP, [row("x", 2, "p-z"), row("y", 1, "p-m"), row("z", 2, "p-a")]);
  assert.deepEqual(runs(standings), ["y", "z", "x"]);
  assert.deepEqual([standings.epoch, standings.version], [3, 17]);
});

test("rows without a standing come last", () => {
  assert.deepEqual(runs(filled(View.DESK, [row("x", 0, "p-b"), row("w", 0, "p-a"), row("y", 2)])), ["y", "w", "x"]);
});

test("a delta changes, adds and takes away, and ranks move the rows", () => {
  const standings = filled();
  assert.equal(standings.apply(delta(17, 19, [row("c", 1), row("a", 2), row("d", 3)], ["b"])), true);
  assert.deepEqual([runs(standings), standings.version], [["c", "a", "d"], 19]);
});

test("a delta that begins behind us goes on all the same: its rows are whole", () => {
  const standings = filled();
  assert.equal(standings.apply(delta(12, 18, [row("b", 1), row("a", 2)])), true);
  assert.deepEqual([runs(standings), standings.version], [["b", "a", "c"], 18]);
});

test("a delta that we are past changes nothing", () => {
  const standings = filled();
  assert.equal(standings.apply(delta(15, 16, [row("b", 1)], ["a"])), true);
  assert.deepEqual([runs(standings), standings.version], [["a", "b", "c"], 17]);
});

for (const [what, message] of [["that begins beyond us", delta(18, 19, [row("b", 1)])], ["of another epoch", delta(17, 18, [row("b", 1)], [], 4)]]) {
  test(`a delta ${what} is a gap and changes nothing`, () => {
    const standings = filled();
    assert.equal(standings.apply(message), false);
    assert.deepEqual([runs(standings), standings.version], [["a", "b", "c"], 17]);
  });
}

test("a delta before any snapshot is a gap", () => {
  assert.equal(new Standings({ course: "sprint", view: View.TOP }).apply(delta(0, 1, [])), false);
});

test("after a gap the rows stay on show until a snapshot comes, and deltas are dropped", () => {
  const standings = filled();
  standings.start_over();
  assert.deepEqual([standings.epoch, standings.version, runs(standings).length], [0, 0, 3]);
  assert.equal(standings.apply(delta(17, 18, [], ["a"])), true);
  assert.equal(runs(standings).length, 3);
  standings.apply(snapshot(30, [row("z", 1)]));
  assert.deepEqual(runs(standings), ["z"]);
  assert.equal(standings.apply(delta(30, 31, [row("y", 2)])), true);
  assert.deepEqual(runs(standings), ["z", "y"]);
});

test("after a resync deltas are dropped until the snapshot", () => {
  const standings = filled();
  assert.equal(standings.apply({ type: "RESYNC", feed: 0, epoch: 4 }), true);
  assert.equal(standings.apply(delta(17, 18, [], ["a"])), true);
  assert.equal(standings.version, 17);
  standings.apply(snapshot(1, [], 4));
  assert.deepEqual([standings.epoch, runs(standings)], [4, []]);
});

test("the latest results stand as they came, new ones before them in their own order", () => {
  const standings = filled(View.LATEST, [row("c", 3), row("a", 1), row("b", 2)]);
  assert.deepEqual(runs(standings), ["c", "a", "b"]);
  standings.apply(delta(17, 18, [row("e", 9), row("d", 7), row("a", 1, "p-a", 5)], ["b"]));
  assert.deepEqual(runs(standings), ["e", "d", "c", "a"]);
  assert.equal(standings.row("a").score, 5);
});

test("whoever shows them is told what changed", () => {
  const standings = new Standings({ course: "sprint", view: View.TOP });
  const told = [];
  standings.addEventListener("change", ({ detail }) => told.push(detail));
  standings.apply(snapshot(17, [row("a", 1), row("b", 2)]));
  standings.apply(delta(17, 18, [row("c", 2)], ["b"]));
  standings.apply(snapshot(19, [row("c", 1)]));
  assert.deepEqual(told, [
    { changed: ["a", "b"], gone: [], whole: true },
    { changed: ["c"], gone: ["b"], whole: false },
    { changed: ["c"], gone: ["a"], whole: true },
  ]);
});

test("rows that were read once never change under the reader", () => {
  const standings = filled();
  const read = standings.rows;
  standings.apply(delta(17, 18, [row("d", 1)]));
  assert.deepEqual(read.map(({ run }) => run), ["a", "b", "c"]);
});

test("random changes told as deltas or as a snapshot lead to the same rows", () => {
  let state = 11;
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
  const followed = new Standings({ course: "sprint", view: View.TOP });
  followed.apply(snapshot(1, []));
  const truth = new Map();
  for (let version = 1; version < 300; version += 1) {
    const changed = Array.from({ length: random(4) }, () => row(`r${random(12)}`, 1 + random(9)));
    const gone = [...truth.keys()].filter(() => random(6) === 0).filter((run) => !changed.some((one) => one.run === run));
    const last = new Map(changed.map((one) => [one.run, one]));
    for (const run of gone) truth.delete(run);
    for (const one of last.values()) truth.set(one.run, one);
    assert.ok(followed.apply(delta(version, version + 1, [...last.values()], gone)));
    const fresh = new Standings({ course: "sprint", view: View.TOP });
    fresh.apply(snapshot(version + 1, [...truth.values()]));
    assert.deepEqual(followed.rows, fresh.rows);
  }
});
