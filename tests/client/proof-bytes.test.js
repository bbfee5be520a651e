import assert from "node:assert/strict";
import test from "node:test";

import { compare, equal, hex, join, lp, numberOf, u16, u32, u64, u8, unhex } from "../../client/web/js/proof/bytes.js";
import { Mac, sha } from "../../client/web/js/proof/hashing.js";

test("numbers stand with the highest byte first", () => {
  assert.equal(hex(join(u8(7), u16(0x0102), u32(0xfffefdfc), u64(1_700_000_000_000))), "070102fffefdfc0000018bcfe56800");
  assert.equal(hex(u64(Number.MAX_SAFE_INTEGER)), "001fffffffffffff");
  assert.equal(numberOf(unhex("fffefdfc")), 0xfffefdfc);
});

test("a number that does not fit is refused", () => {
  for (const write of [() => u8(256), () => u16(-1), () => u32(2 ** 32), () => u32(1.5), () => u64(2 ** 53), () => u32("1"), () => u8(undefined)]) {
    assert.throws(write, RangeError);
  }
});

test("a text stands as UTF-8 behind its length in bytes", () => {
  assert.equal(hex(lp("ü1")), "0003c3bc31");
  assert.throws(() => lp("x".repeat(65_536)), RangeError);
});

test("hexadecimal is read strictly", () => {
  assert.deepEqual(unhex("00ff"), Uint8Array.of(0, 255));
  for (const digits of ["0", "0G", "AB", " 00", 12, null]) assert.throws(() => unhex(digits), RangeError);
});

test("bytes are compared from the left, and a beginning stands first", () => {
  const order = ["", "00", "0001", "01", "ff"].map(unhex);
  for (let k = 1; k < order.length; k += 1) assert.ok(compare(order[k - 1], order[k]) < 0);
  assert.ok(equal(unhex("0a0b"), unhex("0a0b")));
  assert.ok(!equal(unhex("0a0b"), unhex("0a0b00")));
});

test("SHA-256 and HMAC-SHA-256 give the known answers", () => {
  // FIPS 180-4's "abc", and test case 2 of RFC 4231
  assert.equal(hex(sha(new TextEncoder().encode("ab"), new TextEncoder().encode("c"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const mac = new Mac(new TextEncoder().encode("Jefe"));
  const message = new TextEncoder().encode("what do ya want for nothing?");
  for (const parts of [[message], [message.subarray(0, 5), message.subarray(5)]]) {
    assert.equal(hex(mac.of(...parts)), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }
});
