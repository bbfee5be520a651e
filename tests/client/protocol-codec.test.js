import assert from "node:assert/strict";
import test from "node:test";

import { decodeCommand, decodeMessage, encode } from "../../client/web/js/protocol/codec.js";
import { tables } from "../../client/web/js/protocol/codes.js";
import { FIRST_REPLY, OPCODES, TABLE } from "../../client/web/js/protocol/table.js";
import { bytesOf, hexOf, read, vectors, written } from "./wire-vectors.js";

const GOOD = vectors("wire");
const BAD = vectors("reject");
const nameOf = (code) => tables.rejects.get(code)[0];
const decoderOf = (type) => (OPCODES.get(type) < FIRST_REPLY ? decodeCommand : decodeMessage);

for (const { name, hex, message, decode_only: decodeOnly } of GOOD) {
  test(`vector ${name}: the bytes are this message`, () => {
    assert.deepEqual(written(decoderOf(message.type)(bytesOf(hex))), message);
  });

  if (!decodeOnly) {
    test(`vector ${name}: the message is these bytes`, () => {
      assert.equal(hexOf(encode(read(message))), hex);
    });
  }
}

for (const { name, hex, code, req, direction } of BAD) {
  test(`vector ${name}: refused as ${code}, req ${req}`, () => {
    const refused = (direction === "command" ? decodeCommand : decodeMessage)(bytesOf(hex));
    assert.deepEqual([refused.type, nameOf(refused.code), refused.req], ["MALFORMED", code, req]);
  });
}

test("every message has a vector", () => {
  assert.deepEqual(new Set(GOOD.map(({ message }) => message.type)), new Set(TABLE.map(({ name }) => name)));
});

test("a frame within a larger buffer is read from where it begins", () => {
  const { hex } = GOOD.find(({ name }) => name === "begin");
  const padded = new Uint8Array(hex.length / 2 + 10);
  padded.set(bytesOf(hex), 10);
  assert.equal(written(decodeMessage(padded.subarray(10))).head.bin.length, 64);
});

test("no bytes whatever make the decoder throw", () => {
  const random = lcg(20260101);
  for (let round = 0; round < 3000; round += 1) {
    const bytes = Uint8Array.from({ length: random() % 40 }, () => random() & 0xff);
    assert.equal(typeof decodeMessage(bytes).type, "string");
    assert.equal(typeof decodeCommand(bytes).type, "string");
  }
});

test("no change of any vector makes the decoder throw, and what it still takes it writes again", () => {
  const random = lcg(7);
  for (const { hex, message } of GOOD) {
    const decoder = decoderOf(message.type);
    for (let round = 0; round < 60; round += 1) {
      const bytes = bytesOf(hex);
      bytes[random() % bytes.length] = random() & 0xff;
      const got = decoder(bytes.subarray(0, bytes.length - (random() % 3 === 0 ? 1 : 0)));
      if (got.type !== "MALFORMED") assert.deepEqual(decoder(encode(got)), got);
    }
  }
});

test("encoding refuses what no message may hold, before it is on its way", () => {
  assert.throws(() => encode({ type: "JOIN", req: 1, name: "x".repeat(257) }));
  assert.throws(() => encode({ type: "JOIN", req: 1, name: "\ud83d" }), "half a pair of surrogates");
  assert.throws(() => encode({ type: "PING", req: 0.5 }));
  assert.throws(() => encode({ type: "PING" }));
  assert.throws(() => encode({ type: "SHOUT", req: 1 }), TypeError);
});

/** Numbers without any pattern that matters here, the same in every run. */
function lcg(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}
