import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { parseKey } from "../../client/web/js/proof/anchors.js";
import { hex, unhex, utf8 } from "../../client/web/js/proof/bytes.js";
import { parsePublished } from "../../client/web/js/proof/commitments.js";
import { Decisions } from "../../client/web/js/proof/decisions.js";
import { rosterHash } from "../../client/web/js/proof/digest.js";
import { Malformed } from "../../client/web/js/proof/form.js";
import { parseHeld } from "../../client/web/js/proof/held.js";
import { rootOf, rootOfPath } from "../../client/web/js/proof/merkle.js";
import * as numbers from "../../client/web/js/proof/numbers.js";
import { heatPublicFault } from "../../client/web/js/proof/publics.js";
import { knownRules } from "../../client/web/js/proof/rules.js";
import { fingerprint, isSigned } from "../../client/web/js/proof/signature.js";
import { verify } from "../../client/web/js/proof/verify.js";
import { runsOf, standingsIn, walkRun } from "../../client/web/js/proof/walk.js";
import { reportOf } from "./verify-reports.js";

const FOLDER = new URL("../../protocol/vectors/proof/", import.meta.url);
const bytes = (name) => new Uint8Array(readFileSync(new URL(name, FOLDER)));
const json = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf-8"));
const CASES = readdirSync(FOLDER).filter((name) => name.endsWith(".case.json")).map(json);
const PARTS = json("parts.json");

const anchorsOf = ({ key, commitments, held }) => ({
  key: key === null ? null : parseKey(key),
  commitments: commitments === null ? null : parsePublished(bytes(commitments)),
  held: held.map((name) => [name, parseHeld(bytes(name))]),
});

/** The bundle as the checker reads it. */
const opened = (name) => verify(bytes(name)).next().value.bundle;

for (const { name, why, bundle, anchors, expect } of CASES) {
  test(`${name}: ${why}`, () => {
    const { verdict, wrong, notices } = reportOf(bytes(bundle), anchorsOf(anchors));
    assert.deepEqual({ verdict, check: wrong?.check ?? null }, { verdict: expect.verdict, check: expect.check }, wrong?.what);
    if (expect.notices !== null) assert.deepEqual(notices.map(({ kind, atMs }) => [kind, atMs]), expect.notices);
  });
}

test("there are good cases and wrong ones of every check", () => {
  const checks = new Set(CASES.map(({ expect }) => expect.check));
  assert.ok(CASES.length > 30 && checks.size > 15, [...checks].join());
});

test("texts that are signed are taken from the key that signed them", () => {
  const key = unhex(PARTS.key);
  assert.equal(fingerprint(key), PARTS.fingerprint);
  for (const { what, text, signature } of PARTS.signed) assert.ok(isSigned(key, utf8(text), unhex(signature)), what);
});

test("acts chain as the golden ones", () => {
  const acts = PARTS.acts.slice(1).map(({ act }) => act);
  assert.deepEqual(new Decisions("demo", acts).heads.map(hex), PARTS.acts.map(({ head }) => head));
});

test("an undo takes an act out of effect, and an undone undo brings it back", () => {
  const acts = [["void", "run-1"], ["undo", "1"], ["undo", "2"]].map(([kind, target], place) => ({ number: place + 1, at_unix_ms: 1, kind, target }));
  assert.deepEqual([1, 2, 3].map((count) => new Decisions("demo", acts.slice(0, count)).isRunVoided("run-1")), [true, false, true]);
  assert.ok(new Decisions("demo", acts.slice(0, 2)).wasVoided("run-1", null));
});

test("roots, paths and rosters are the golden ones", () => {
  assert.equal(hex(rosterHash(PARTS.roster.players)), PARTS.roster.hash);
  for (const { leaves, root, paths } of PARTS.trees) {
    assert.equal(hex(rootOf(leaves.map(unhex))), root);
    paths.forEach((path, index) => {
      assert.equal(hex(rootOfPath(unhex(leaves[index]), index, leaves.length, path.map(unhex))), root);
      assert.equal(rootOfPath(unhex(leaves[index]), index, leaves.length, [...path, root].map(unhex)), null);
    });
  }
});

test("the numbers in this code are those of the rules file that it knows", () => {
  const { rules } = opened("run.bundle.json");
  const { courses } = knownRules(rules);
  const { boards, levels, time } = JSON.parse(rules);
  assert.deepEqual([...courses.keys()], ["climb", "sprint"]);
  for (const [name, value] of Object.entries({ ...boards, ...levels, ...time })) {
    const own = numbers[name.toUpperCase()];
    if (own !== undefined) assert.equal(own, value, name);
  }
  const held = new Set(Object.keys({ ...boards, ...levels, ...time }).map((name) => name.toUpperCase()));
  assert.deepEqual(Object.keys(numbers).filter((name) => !held.has(name)), ["RULES_VERSION"]);
  assert.equal(knownRules(rules.replace("1500", "1501")), null);
});

test("what a bundle may say of a text on stage", () => {
  const text = "Der Bürgermeister hat heute einen roten Ballon dabei.";
  assert.equal(heatPublicFault(utf8(`stage:${text}`)), null);
  const faults = [`drand:${text}`, text, "stage:kurz", `stage:${"x".repeat(1001)}`, `stage:${text}\u00a0`, `stage:\u3000${text}`, `stage:${text}\u0007${text}`, `stage:${text}u\u0308`];
  assert.deepEqual(faults.filter((fault) => heatPublicFault(utf8(fault)) === null), []);
  assert.equal(heatPublicFault(Uint8Array.from([...utf8(`stage:${text}`), 0xff])), "the text is no UTF-8");
});

test("a fingerprint is read however it is grouped, and nothing else is", () => {
  assert.equal(parseKey("24F6 ed6a-cbfe:1009.c030 d7ca567c33ca\n"), "24f6ed6acbfe1009c030d7ca567c33ca");
  for (const text of ["", "24f6", "x".repeat(32), "0".repeat(63)]) assert.throws(() => parseKey(text), Malformed);
});

test("a published list is read with its signature and without", () => {
  const { text, signature } = parsePublished(bytes("event.commitments.txt"));
  assert.equal(signature.length, 64);
  assert.deepEqual(parsePublished(utf8(text)), { text, signature: null });
  for (const file of ["", "m3/1 results\n", `${text}signature zz\n`, `${text}ü`]) assert.throws(() => parsePublished(utf8(file)), Malformed);
});

test("a check can be stopped for breath after every event and every digest", () => {
  const steps = verify(bytes("event.bundle.json"));
  const { heats, open } = steps.next().value.bundle;
  const items = [...{ [Symbol.iterator]: () => steps }];
  const count = (kind) => items.filter((item) => item.kind === kind).length;
  const runs = [...heats.flatMap((heat) => heat.runs), ...open.runs];
  assert.equal(count("event"), runs.reduce((sum, { events }) => sum + events.length, 0));
  assert.equal(count("breath"), [...heats, open].reduce((sum, { live }) => sum + live.length, 0));
});

test("every score of a bundle can be checked once more, alone", () => {
  for (const [name, kind] of [["heat.bundle.json", "heat"], ["open.bundle.json", "open"], ["run.bundle.json", "run"], ["event.bundle.json", "event"]]) {
    const bundle = opened(name);
    assert.equal(bundle.kind, kind);
    const runs = runsOf(bundle);
    assert.ok(runs.length > 0);
    const shown = new Map(standingsIn(bundle).flatMap(({ rows }) => rows).map((row) => [row.run, row]));
    for (const { run, player } of runs) {
      const played = reportOfWalk(walkRun(bundle, run));
      assert.equal(played.player, player);
      const row = shown.get(run);
      if (row?.score !== undefined) assert.deepEqual([played.score, played.timeMs], [row.score, row.time_ms]);
    }
  }
});

function reportOfWalk(steps) {
  for (;;) {
    const { value, done } = steps.next();
    if (done) return value;
  }
}
