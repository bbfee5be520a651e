/**
 * What a field may hold (twin of knack_protocol/wire/kinds.py). A kind has `words` as the documents write it, `take`,
 * which turns a decoded value into what messages hold or throws `WrongValue`, and `give`, the way back.
 */
import { PUBLIC_BYTES_MAX, TEXT_BYTES_MAX, TOKEN_BYTES_MAX } from "./limits.js";

/** A value that its field does not allow. */
export class WrongValue extends Error {}

const SYMBOL_COUNT = 6;
const BOARD_CELL_COUNT = 64;
const ID = /^[a-z0-9-]{1,32}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const utf8 = new TextEncoder();

/** A kind whose values look the same on both sides. */
function plain(words, allows) {
  const take = (value) => {
    if (!allows(value)) throw new WrongValue(words);
    return value;
  };
  return { words, take, give: take };
}

const number = (words, low, high) =>
  plain(words, (value) => Number.isInteger(value) && value >= low && value <= high);

const text = (words, bytesMax) =>
  plain(
    words,
    (value) =>
      typeof value === "string" &&
      value.length <= bytesMax &&
      !LONE_SURROGATE.test(value) &&
      utf8.encode(value).length <= bytesMax,
  );

const bin = (words, size, orNone = false) =>
  plain(words, (value) => value instanceof Uint8Array && (value.length === size || (orNone && value.length === 0)));

const symbols = (words, low, high, orNone = false) =>
  plain(
    words,
    (value) =>
      value instanceof Uint8Array &&
      ((value.length >= low && value.length <= high) || (orNone && value.length === 0)) &&
      value.every((symbol) => symbol < SYMBOL_COUNT),
  );

export const U8 = number("u8", 0, 0xff);
export const U16 = number("u16", 0, 0xffff);
export const U32 = number("u32", 0, 0xffff_ffff);
export const I32 = number("i32", -0x8000_0000, 0x7fff_ffff);
export const UNIX_MS = number("u53", 0, Number.MAX_SAFE_INTEGER);
export const CELL = number("cell", 0, BOARD_CELL_COUNT - 1);
export const DIRECTION = number("direction", 0, 1);
export const STATE_BITS = number("state", 0, 15);
export const TEXT = text("text", TEXT_BYTES_MAX);
export const TOKEN = text("token", TOKEN_BYTES_MAX);
export const PUBLIC = text("public", PUBLIC_BYTES_MAX);
export const ID_KIND = plain("id", (value) => typeof value === "string" && ID.test(value));
export const ID_OR_NONE = plain("id or empty", (value) => value === "" || (typeof value === "string" && ID.test(value)));
export const HEAD = bin("bin 8", 8);
export const NONCE = bin("bin 16", 16);
export const DIGEST = bin("bin 32", 32);
export const DIGEST_OR_NONE = bin("bin 32 or empty", 32, true);
export const BOARD = symbols("board", BOARD_CELL_COUNT, BOARD_CELL_COUNT);
export const BOARD_OR_NONE = symbols("board or empty", BOARD_CELL_COUNT, BOARD_CELL_COUNT, true);
export const FILL = symbols("fill", 0, 8);

/** A number 0 … count−1 that stands for a word. */
export const choice = (words, count) => number(words, 0, count - 1);

/** Null, or a value of another kind. */
export const maybe = (words, kind) => ({
  words,
  take: (value) => (value === null ? null : kind.take(value)),
  give: (value) => (value === null ? null : kind.give(value)),
});

/** An array of `low` to `high` values of one kind. */
export const listOf = (words, kind, low, high) => {
  const checked = (values) => {
    if (!Array.isArray(values) || values.length < low || values.length > high) throw new WrongValue(words);
    return values;
  };
  return {
    words,
    take: (values) => checked(values).map((value) => kind.take(value)),
    give: (values) => checked(values).map((value) => kind.give(value)),
  };
};

/** An array with one named kind a place; messages hold an object. */
export const record = (words, kinds) => {
  const names = Object.keys(kinds);
  return {
    words,
    length: names.length,
    names,
    take(values) {
      if (!Array.isArray(values) || values.length !== names.length) throw new WrongValue(words);
      return Object.fromEntries(names.map((name, place) => [name, kinds[name].take(values[place])]));
    },
    give: (value) => names.map((name) => kinds[name].give(value[name])),
  };
};

/** One of several records, told apart by their lengths. */
export const oneRecordOf = (words, records) => ({
  words,
  take(values) {
    const fitting = records.find((kind) => kind.length === values?.length);
    if (!fitting) throw new WrongValue(words);
    return fitting.take(values);
  },
  give: (value) => records.find((kind) => kind.length === Object.keys(value).length).give(value),
});
