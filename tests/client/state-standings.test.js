import assert from "node:assert/strict";
import test from "node:test";

import { RowState, View } from "../../client/web/js/protocol/table.js";
import { Standings, around } from "../../client/web/js/state/standings.js";

const row = (run, score, player = `p-${run}`, more = {}) => ({ number: run.codePointAt(0), run, player, name: player, score, time_ms: 1, state: 0, ...more });
const snapshot = (version, rows, more = {}) => ({ type: "SNAPSHOT", feed: 0, epoch: 3, version, skipped: 0, rank: 0, rows, ...more });
const delta = (from, to, rows, more = {}) => ({ type: "DELTA", feed: 0, from, steps: to - from, skipped: 0, rank: 0, rows, gains: [], gone: [], ...more });
const gain = (run, points, ms = 0) => [run.codePointAt(0), points, ms];
const numbers = (...runs) => runs.map((run) => run.codePointAt(0));
const runs = (standings) => standings.rows.map(({ run }) => run);
const ranks = (standings) => standings.rows.map(({ rank }) => rank);

function filled(view = View.TOP, rows = [row("a", 300), row("b", 200), row("c", 100)], more = {}) {
  const standings = new Standings({ course: "sprint", view });
  standings.apply(snapshot(17, rows, more));
  return standings;
}

test("a snapshot is everything, in the order of points, time and player; equals share a rank", () => {
  const standings = filled(View.TOP, [row("x", 80, "p-z"), row("y", 90, "p-m"), row("z", 80, "p-a"), row("w", 80, "p-0", { time_ms: 2 })]);
  assert.deepEqual(runs(standings), ["y", "z", "x", "w"]);
  assert.deepEqual(ranks(standings), [1, 2, 2, 4]);
  assert.deepEqual([standings.epoch, standings.version], [3, 17]);
});

test("ranks go on behind those that are left out of a player's own view", () => {
  const rows = [row("a", 900), row("b", 800), row("c", 800), row("d", 50), row("e", 50), row("f", 40)];
  const standings = filled(View.OWN, rows, { skipped: 96, rank: 98 });
  assert.deepEqual(ranks(standings), [1, 2, 2, 98, 98, 102]);
  standings.apply(delta(17, 18, [], { skipped: 97, rank: 99 }));
  assert.deepEqual(ranks(standings), [1, 2, 2, 99, 99, 103]);
});

test("a row behind the gap that equals the podium shares its rank", () => {
  const rows = ["a", "b", "c", "d"].map((run) => row(run, 70));
  assert.deepEqual(ranks(filled(View.OWN, rows, { skipped: 5, rank: 1 })), [1, 1, 1, 1]);
});

test("a player's neighbours are cut out of a page", () => {
  const rows = [..."abcdefghijklmnopqrstuvwxyz"].map((run, index) => row(run, 100 - index));
  const page = filled(View.OWN, rows).rows;
  assert.equal(around(page, "p-t").map(({ run }) => run).join(""), "abcqrstuvw");
  assert.equal(around(page, "p-b").map(({ run }) => run).join(""), "abcde");
  assert.equal(around(page, null).map(({ run }) => run).join(""), "abc");
});

test("rows of the desk bring their ranks, and those without one come last", () => {
  const rows = [row("x", 1, "p-b", { rank: 0 }), row("w", 2, "p-a", { rank: 0 }), row("y", 3, "p-y", { rank: 2 })];
  assert.deepEqual(runs(filled(View.DESK, rows)), ["y", "w", "x"]);
});

test("a delta changes, adds and takes away, and points move the rows", () => {
  const standings = filled();
  assert.equal(standings.apply(delta(17, 19, [row("d", 50)], { gains: gain("c", 400, 6), gone: numbers("b") })), true);
  assert.deepEqual([runs(standings), standings.version], [["c", "a", "d"], 19]);
  assert.deepEqual([standings.row("c").score, standings.row("c").time_ms, standings.row("c").name], [500, 7, "p-c"]);
});

test("a row that gained nothing is of a run that is over", () => {
  const standings = filled(View.TOP, [row("a", 300, "p-a", { state: RowState.RUNNING | RowState.NOT_BEST }), row("b", 200, "p-b", { state: RowState.RUNNING })]);
  assert.equal(standings.apply(delta(17, 18, [], { gains: gain("a", 0) })), true);
  assert.deepEqual(standings.rows.map(({ score, state }) => [score, state]), [[300, RowState.NOT_BEST], [200, RowState.RUNNING]]);
});

test("a delta that begins behind us goes on all the same: nothing has changed in between", () => {
  const standings = filled();
  assert.equal(standings.apply(delta(12, 18, [row("b", 900)])), true);
  assert.deepEqual([runs(standings), standings.version], [["b", "a", "c"], 18]);
});

test("a delta that we are past changes nothing", () => {
  const standings = filled();
  assert.equal(standings.apply(delta(15, 16, [row("b", 900)], { gone: numbers("a") })), true);
  assert.deepEqual([runs(standings), standings.version], [["a", "b", "c"], 17]);
});

for (const [what, message] of [
  ["that begins beyond us", delta(18, 19, [row("b", 900)])],
  ["with gains of a row that we never had", delta(17, 18, [], { gains: gain("z", 1) })],
  ["with gains that are not three a row", delta(17, 18, [], { gains: [97, 30] })],
]) {
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
  assert.equal(standings.apply(delta(17, 18, [], { gone: numbers("a") })), true);
  assert.equal(runs(standings).length, 3);
  standings.apply(snapshot(30, [row("z", 9)]));
  assert.deepEqual(runs(standings), ["z"]);
  assert.equal(standings.apply(delta(30, 31, [row("y", 2)])), true);
  assert.deepEqual(runs(standings), ["z", "y"]);
});

test("after a resync deltas are dropped until the snapshot", () => {
  const standings = filled();
  assert.equal(standings.apply({ type: "RESYNC", feed: 0, epoch: 4 }), true);
  assert.equal(standings.apply(delta(17, 18, [], { gone: numbers("a") })), true);
  assert.equal(standings.version, 17);
  standings.apply(snapshot(1, [], { epoch: 4 }));
  assert.deepEqual([standings.epoch, runs(standings)], [4, []]);
});

test("the latest results stand as they came, new ones before them in their own order", () => {
  const standings = filled(View.LATEST, [row("c", 3), row("a", 1), row("b", 2)]);
  assert.deepEqual(runs(standings), ["c", "a", "b"]);
  standings.apply(delta(17, 18, [row("e", 9), row("d", 7), row("a", 5)], { gone: numbers("b") }));
  assert.deepEqual(runs(standings), ["e", "d", "c", "a"]);
  assert.deepEqual([standings.row("a").score, standings.row("a").rank], [5, 0]);
});

test("whoever shows them is told what changed", () => {
  const standings = new Standings({ course: "sprint", view: View.TOP });
  const told = [];
  standings.addEventListener("change", ({ detail }) => told.push(detail));
  standings.apply(snapshot(17, [row("a", 1), row("b", 2)]));
  standings.apply(delta(17, 18, [row("c", 2)], { gone: numbers("b") }));
  standings.apply(delta(18, 19, [], { gains: gain("a", 5) }));
  standings.apply(snapshot(20, [row("c", 1)]));
  assert.deepEqual(told, [
    { changed: ["a", "b"], gone: [], whole: true },
    { changed: ["c"], gone: ["b"], whole: false },
    { changed: ["a"], gone: [], whole: false },
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
  const letters = [..."abcdefghijkl"];
  for (let version = 1; version < 300; version += 1) {
    const gone = [...truth.keys()].filter(() => random(6) === 0);
    for (const run of gone) truth.delete(run);
    const fresh = letters.filter((run) => !truth.has(run) && !gone.includes(run) && random(4) === 0).map((run) => row(run, random(9)));
    const gains = [...truth.keys()].filter(() => random(3) === 0).map((run) => gain(run, random(9), random(3)));
    for (const one of fresh) truth.set(one.run, one);
    for (const [number, points, ms] of gains) {
      const old = truth.get(String.fromCodePoint(number));
      truth.set(old.run, { ...old, score: old.score + points, time_ms: old.time_ms + ms });
    }
    assert.ok(followed.apply(delta(version, version + 1, fresh, { gains: gains.flat(), gone: numbers(...gone) })));
    const told = new Standings({ course: "sprint", view: View.TOP });
    told.apply(snapshot(version + 1, [...truth.values()]));
    assert.deepEqual(followed.rows, told.rows);
  }
});
