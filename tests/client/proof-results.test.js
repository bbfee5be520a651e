import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import test from "node:test";

import { hex, u8, unhex, utf8 } from "../../client/web/js/proof/bytes.js";
import { liveDigest, rosterHash } from "../../client/web/js/proof/digest.js";
import { sha } from "../../client/web/js/proof/hashing.js";
import { byId, leafOf, rootOf } from "../../client/web/js/proof/merkle.js";
import { isSigned } from "../../client/web/js/proof/signature.js";
import { standingsOf, sumsOf } from "../../client/web/js/proof/standings.js";

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest("hex");

test("leaves and root of section 9 are the rules' own", () => {
  const leaves = [0, 1, 2, 3, 4].map((i) => leafOf({ id: `p${i}`, score: 100 * i, eventCount: i, head: sha(u8(i)) }));
  assert.equal(hex(rootOf(leaves)), "0245be01a717822494931a58b02669a1d412f7b2171d61066ad98596766bd284");
});

test("the root of nothing is the hash of nothing, of one leaf the leaf", () => {
  assert.equal(hex(rootOf([])), sha256());
  assert.equal(hex(rootOf([u8(7)])), "07");
});

test("a tree splits at the largest power of two below its size", () => {
  const leaves = Array.from({ length: 7 }, (_, i) => sha(u8(i)));
  const node = (left, right) => sha(u8(1), left, right);
  const [a, b, c, d, e, f, g] = leaves;
  assert.equal(hex(rootOf(leaves)), hex(node(node(node(a, b), node(c, d)), node(node(e, f), g))));
});

test("ids stand in byte order, whatever language is set", () => {
  assert.deepEqual(["p-2", "p1", "p-10", "a"].sort(byId), ["a", "p-10", "p-2", "p1"]);
});

test("the roster's hash is over the ids in byte order", () => {
  const expected = sha256(Buffer.from("m3/1|roster\0"), ...["p-10", "p-2", "p1"].map((id) => Buffer.from([0, id.length, ...Buffer.from(id)])));
  assert.equal(hex(rosterHash(["p1", "p-10", "p-2"])), expected);
});

test("a live digest covers number, count and every chain", () => {
  const chains = [{ eventCount: 3, head: sha(u8(1)) }, { eventCount: 0, head: sha(u8(2)) }];
  const expected = sha256(Buffer.from("m3/1|live\0\0\x04demo\0\x02h1\0\0\0\x07\0\0\0\x02\0\0\0\x03", "latin1"), sha(u8(1)), Buffer.alloc(4), sha(u8(2)));
  assert.equal(hex(liveDigest({ event: "demo", heat: "h1", k: 7, chains })), expected);
});

test("a signature of RFC 8032 is taken, and none that differs in a bit", () => {
  // section 7.1, test 3
  const key = unhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  const signature = unhex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  const message = unhex("af82");
  assert.ok(isSigned(key, message, signature));
  for (let place = 0; place < 64; place += 1) assert.ok(!isSigned(key, message, signature.with(place, signature[place] ^ 1)), `byte ${place}`);
  assert.ok(!isSigned(key, unhex("af83"), signature));
  assert.ok(!isSigned(key.with(0, key[0] ^ 1), message, signature));
});

test("bytes that are no signature or no key are refused, not thrown about", () => {
  const none = new Uint8Array(64);
  for (const [signature, key] of [[none, new Uint8Array(32)], [none.subarray(1), new Uint8Array(32)], [none, new Uint8Array(31)], [none.fill(255), new Uint8Array(32).fill(255)]]) {
    assert.ok(!isSigned(key, utf8("text"), signature));
  }
});

test("what another library signs is taken", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const key = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  const message = utf8("m3/1 results\n");
  assert.ok(isSigned(key, message, new Uint8Array(sign(null, message, privateKey))));
});

const result = (player, score, timeMs, run = `run-${player}`) => ({ player, run, score, timeMs });

test("equal score and time share a rank, the next counts them all, and zero has none", () => {
  const order = standingsOf([result("d", 50, 9), result("c", 90, 4), result("a", 90, 5), result("b", 90, 4), result("z", 0, 0), result("e", 10, 1)]);
  assert.deepEqual(order.map(({ player, rank }) => [player, rank]), [["b", 1], ["c", 1], ["a", 3], ["d", 4], ["e", 5]]);
});

test("a player stands with the best run: score, then time, then the smaller id of the run", () => {
  const order = standingsOf([result("a", 90, 5, "run-3"), result("a", 90, 4, "run-9"), result("a", 90, 4, "run-2"), result("a", 80, 1, "run-1")]);
  assert.deepEqual(order, [{ rank: 1, player: "a", run: "run-2", score: 90, time_ms: 4 }]);
});

test("a sum counts the full time for a heat without a scoring move", () => {
  const rows = sumsOf([[result("a", 10, 5), result("b", 0, 0)], [result("b", 10, 6)]], 90_000);
  assert.deepEqual(rows, [
    { rank: 1, player: "a", score: 10, time_ms: 90_005 },
    { rank: 2, player: "b", score: 10, time_ms: 90_006 },
  ]);
});
