/** Bytes as the rules write them (RULES.md, notation): whole numbers with the highest byte first, texts behind their length. */

const TEXT_BYTES_MAX = 0xffff;
const U32 = 2 ** 32;

const encoder = new TextEncoder();

/** The UTF-8 bytes of a text. */
export const utf8 = (text) => encoder.encode(text);

/** A number below 2^8 as one byte. */
export const u8 = (value) => whole(value, 1);

/** A number below 2^16 as two bytes. */
export const u16 = (value) => whole(value, 2);

/** A number below 2^32 as four bytes. */
export const u32 = (value) => whole(value, 4);

/** A number below 2^53, which is all that a double counts, as eight bytes. */
export const u64 = (value) => {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no u64 that can be counted here`);
  return join(u32(Math.floor(value / U32)), u32(value % U32));
};

function whole(value, size) {
  if (!Number.isInteger(value) || value < 0 || value >= 256 ** size) throw new RangeError(`${value} does not fit ${size} bytes`);
  return Uint8Array.from({ length: size }, (_, place) => Math.floor(value / 256 ** (size - 1 - place)) % 256);
}

/** The number that the bytes are; up to six of them. */
export function numberOf(bytes) {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

/** A text (as UTF-8) or bytes behind their length, u16. */
export function lp(content) {
  const bytes = typeof content === "string" ? utf8(content) : content;
  if (bytes.length > TEXT_BYTES_MAX) throw new RangeError("a text that is hashed has at most 65535 bytes");
  return join(u16(bytes.length), bytes);
}

/** All parts, one behind the other. */
export function join(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    joined.set(part, place);
    place += part.length;
  }
  return joined;
}

/** Less than 0, 0 or more than 0, as the first bytes stand before, with or after the second in byte order. */
export function compare(first, second) {
  const shared = Math.min(first.length, second.length);
  for (let place = 0; place < shared; place += 1) {
    if (first[place] !== second[place]) return first[place] - second[place];
  }
  return first.length - second.length;
}

/** Whether both are the same bytes. */
export const equal = (first, second) => compare(first, second) === 0;

/** The bytes as hexadecimal digits. */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Values of the characters 0 to 9 and a to f by their codes; all others are NONE. */
const NONE = 255;
const NIBBLES = new Uint8Array(128).fill(NONE);
for (let value = 0; value < 16; value += 1) NIBBLES[value.toString(16).charCodeAt(0)] = value;

/**
 * The bytes that lower-case hexadecimal digits stand for.
 *
 * @throws {RangeError} when they are none
 */
export function unhex(digits) {
  if (typeof digits !== "string" || digits.length % 2 !== 0) throw new RangeError(`${digits} is not hexadecimal`);
  const bytes = new Uint8Array(digits.length / 2);
  for (let place = 0; place < bytes.length; place += 1) {
    const high = NIBBLES[digits.charCodeAt(2 * place)] ?? NONE;
    const low = NIBBLES[digits.charCodeAt(2 * place + 1)] ?? NONE;
    if (high === NONE || low === NONE) throw new RangeError(`${digits} is not hexadecimal`);
    bytes[place] = high * 16 + low;
  }
  return bytes;
}
