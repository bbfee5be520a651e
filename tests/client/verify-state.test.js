import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { boardDigits } from "../../client/web/js/game/board.js";
import { utf8 } from "../../client/web/js/proof/bytes.js";
import { verify } from "../../client/web/js/proof/verify.js";
import { Checking, SPEEDS, speedFor } from "../../client/web/js/state/verify-checking.js";
import { kindOf, Papers, parseNames } from "../../client/web/js/state/verify-papers.js";

const FOLDER = new URL("../../protocol/vectors/proof/", import.meta.url);
const bytes = (name) => new Uint8Array(readFileSync(new URL(name, FOLDER)));
const names = (players) => utf8(JSON.stringify({ format: "knackpunkt names 1", event: "demo", players }));

/** A clock that goes on only while somebody waits. */
function world() {
  const at = { ms: 0, waits: 0 };
  return { at, now: () => at.ms, wait: async (ms) => ((at.waits += 1), (at.ms += Math.max(ms, 1))) };
}

/** Checks a bundle to its end and notes when each moment of the watched run was let through. */
async function watched(bundle, choose, during = () => {}) {
  const clock = world();
  const checking = new Checking(verify(bytes(bundle)), choose, clock);
  const seen = [];
  let timeline = null;
  checking.addEventListener("watch", ({ detail }) => (timeline = detail));
  checking.addEventListener("moment", ({ detail }) => {
    seen.push({ atMs: detail.moments.at(-1).atMs, nowMs: clock.at.ms });
    during(checking, seen);
  });
  return { report: await checking.run(), seen, timeline, clock, checking };
}

test("papers are known by what they say of themselves", () => {
  assert.equal(kindOf(bytes("heat.bundle.json")), "bundle");
  assert.equal(kindOf(bytes("ada.held.json")), "held");
  assert.equal(kindOf(bytes("event.commitments.txt")), "commitments");
  assert.equal(kindOf(names([])), "names");
  for (const other of ["", "{}", '{"format":"knackpunkt bundle 2"}', "PNG\u0000"]) assert.equal(kindOf(utf8(other)), null);
});

test("a name that looks like a paper is a name", () => {
  assert.equal(kindOf(names([{ player: "p1", name: '"format":"knackpunkt bundle 1"' }])), "names");
});

test("one bundle, one list, one file of names, and as many held files as there are", () => {
  const papers = new Papers();
  const heard = [];
  papers.addEventListener("change", () => heard.push(papers.all.map(({ name }) => name).join()));
  assert.equal(papers.put("a", bytes("heat.bundle.json")), "bundle");
  papers.put("ada", bytes("ada.held.json"));
  papers.put("ben", bytes("ada.held.json"));
  papers.put("ada", bytes("ada.held.json"));
  assert.equal(papers.put("photo.png", utf8("PNG")), null);
  papers.put("b", bytes("open.bundle.json"));
  papers.remove(papers.of("held")[0]);
  assert.deepEqual(heard, ["a", "a,ada", "a,ada,ben", "a,ben,ada", "b,ben,ada", "b,ada"]);
  assert.deepEqual(papers.bundle, bytes("open.bundle.json"));
});

test("names come from their file, and a broken one has none", () => {
  assert.deepEqual([...parseNames(names([{ player: "p1", name: "Mia <b>" }]))], [["p1", "Mia <b>"]]);
  for (const broken of [undefined, utf8("{"), utf8("[]"), utf8('{"players":[null]}')]) assert.equal(parseNames(broken).size, 0);
});

test("a run is over soon at the speed that is chosen first", () => {
  assert.deepEqual([1, 30_000, 90_000, 240_000, 10_000_000].map(speedFor), [1, 1, 4, 8, SPEEDS.at(-1)]);
});

test("moments of the watched run are let through when their time has come", async () => {
  const { report, seen, timeline, clock } = await watched("run.bundle.json", () => true);
  assert.equal(report.verdict, "consistent");
  const speed = speedFor(timeline.endMs);
  for (const { atMs, nowMs } of seen) assert.ok(nowMs * speed >= atMs && nowMs * speed < atMs + 40 * speed, `${atMs} at ${nowMs}`);
  assert.ok(clock.at.ms >= timeline.endMs / speed);
});

test("runs that nobody watches wait for nothing", async () => {
  const { report, seen, clock } = await watched("heat.bundle.json", () => false);
  assert.equal(report.verdict, "consistent");
  assert.deepEqual([seen.length, clock.at.ms < 1000], [0, true]);
});

test("whoever does not want to wait gets the rest at once, and the same report", async () => {
  const { report, seen, timeline, clock, checking } = await watched("run.bundle.json", () => true, (now, { length }) => length === 5 && now.skip());
  assert.equal(report.verdict, "consistent");
  assert.equal(seen.length, timeline.moments.length - 1);
  assert.ok(clock.at.ms < timeline.endMs / speedFor(timeline.endMs) / 2);
  assert.equal(checking.playback.at(clock.at.ms), timeline.endMs);
});

test("a check that was stopped has no report", async () => {
  const { report, seen } = await watched("run.bundle.json", () => true, (now, { length }) => length === 3 && now.stop());
  assert.equal(report, null);
  assert.equal(seen.length, 3);
});

test("the timeline shows boards as they came, a level's last board before the next level's first", async () => {
  const { timeline } = await watched("run.bundle.json", () => true, (now) => now.skip());
  const { moments } = timeline;
  assert.deepEqual(moments.map(({ atMs }) => atMs), moments.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  moments.forEach((moment, place) => {
    if (moment.before !== null) assert.equal(boardDigits(moment.before), boardDigits(moments[place - 1].after), `moment ${place}`);
    assert.match(moment.headDigits, /^[0-9a-f]{64}$/);
  });
  assert.equal(moments[0].kind, "level");
  assert.equal(moments.at(-1).kind, "end");
  const scores = moments.map(({ score }) => score);
  assert.deepEqual(scores, scores.toSorted((a, b) => a - b));
});

test("a wrong run is shown up to where it was right", async () => {
  const { report, timeline } = await watched("wrong-replay.bundle.json", () => true, (now) => now.skip());
  assert.equal(report.verdict, "wrong");
  assert.ok(timeline === null || timeline.moments.at(-1).kind !== "end");
});
