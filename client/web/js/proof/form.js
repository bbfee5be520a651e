/**
 * Published documents: canonical JSON, and the strict way from it to values (PROOF.md 2).
 *
 * A reader takes a JSON value and gives the value that the checker works with, or throws `Malformed`: hex becomes bytes, all
 * else stays as it is. Readers of documents are put together from the small ones below.
 */

import { unhex, utf8 } from "./bytes.js";

const DOCUMENT_BYTES_MAX = 2 ** 28;
const ID = /^[a-z0-9-]{1,32}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*/g;

/** Bytes that are not the document they should be; `where` leads to the place from the document's root. */
export class Malformed extends Error {
  where = "";

  constructor(what) {
    super(what);
    this.what = what;
  }

  /** The same with one more step on the way from the root. */
  inside(key) {
    this.where = this.where === "" ? key : `${key}.${this.where}`;
    return this;
  }
}

/**
 * The document that bytes hold, however it is formatted.
 *
 * @throws {Malformed} too long, no JSON, a number that is no integer, a key that comes twice, or what the reader refuses
 */
export function read(bytes, reader) {
  const { value, text } = decoded(bytes);
  refuseLoose(value, text);
  return reader(value);
}

/**
 * The document that canonical bytes hold, as `{found, value}`: read, and the JSON values themselves.
 *
 * @throws {Malformed} as `read` does, and for whatever is not written canonically
 */
export function readCanonical(bytes, reader) {
  const { value, text } = decoded(bytes);
  let found;
  try {
    found = reader(value);
  } catch (wrong) {
    refuseLoose(value, text);
    throw wrong;
  }
  if (canonicalText(value) === text) return { found, value };
  refuseLoose(value, text);
  throw new Malformed("not in canonical form");
}

/** The canonical bytes of JSON values. */
export const packed = (value) => utf8(canonicalText(value));

function decoded(bytes) {
  if (bytes.length > DOCUMENT_BYTES_MAX) throw new Malformed(`longer than ${DOCUMENT_BYTES_MAX} bytes`);
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("no UTF-8");
  }
  try {
    return { value: JSON.parse(text), text };
  } catch (broken) {
    throw new Malformed(broken instanceof SyntaxError ? `no JSON: ${broken.message}` : "nested too deeply");
  }
}

/** JSON.stringify writes one value in one way, but for the order of keys. */
function canonicalText(value) {
  if (typeof value === "string" && LONE_SURROGATE.test(value)) throw new Malformed("half a surrogate pair in a text");
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonicalText(value[key])}`);
  return `{${members.join(",")}}`;
}

/** Refuses what JSON.parse lets through without a trace. */
function refuseLoose(value, text) {
  let keys = 0;
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (colon !== undefined) keys += 1;
    else if (!token.startsWith('"') && !/^-?\d+$/.test(token)) throw new Malformed(`${token.slice(0, 40)} is no integer`);
  }
  if (keys !== keyCount(value)) throw new Malformed("a key comes twice");
}

function keyCount(value) {
  let count = 0;
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next === null || typeof next !== "object") continue;
    if (!Array.isArray(next)) count += Object.keys(next).length;
    for (const inner of Object.values(next)) waiting.push(inner);
  }
  return count;
}

// --- readers ---

/** A whole number from 0 to `most`. */
export const integer = (most = Number.MAX_SAFE_INTEGER) => (value) => {
  if (!Number.isSafeInteger(value) || value < 0) throw new Malformed("no integer from 0 to 2^53 - 1");
  if (value > most) throw new Malformed(`${value} is more than ${most}`);
  return value;
};

export const u32 = integer(2 ** 32 - 1);

/** Text of so many characters (code points). */
export const text = (low = 0, high = Infinity) => (value) => {
  if (typeof value !== "string") throw new Malformed("no text");
  if (high === Infinity) return value;
  const { length } = [...value];
  if (length < low || length > high) throw new Malformed(`${length} characters instead of ${low} to ${high}`);
  return value;
};

/** The one text that may stand there. */
export const exactly = (only) => (value) => {
  if (typeof value !== "string") throw new Malformed("no text");
  if (value !== only) throw new Malformed(`not '${only}'`);
  return value;
};

/** One of some words; gives the word. */
export const oneOf = (...words) => (value) => {
  if (!words.includes(value)) throw new Malformed(`none of ${words.join(", ")}`);
  return value;
};

/** So many bytes as hexadecimal digits in lower case. */
export const octets = (low, high = low) => (value) => {
  if (typeof value !== "string" || !/^(?:[0-9a-f]{2})*$/i.test(value)) throw new Malformed("no hex");
  if (value !== value.toLowerCase()) throw new Malformed("no hex in lower case");
  const found = unhex(value);
  if (found.length < low || found.length > high) throw new Malformed(`${found.length} bytes instead of ${low} to ${high}`);
  return found;
};

/** The id of an event, heat, run or player. */
export const id = (value) => {
  if (typeof value !== "string" || !ID.test(value)) throw new Malformed("no id");
  return value;
};

/** The empty text, or what the reader takes. */
export const orEmpty = (reader) => (value) => (value === "" ? "" : reader(value));

/** Null, or what the reader takes. */
export const nullable = (reader) => (value) => (value === null ? null : reader(value));

/** An array of what the reader takes. */
export const list = (reader) => (value) => {
  if (!Array.isArray(value)) throw new Malformed("no array");
  return value.map((item, place) => within(String(place), () => reader(item)));
};

/** An object with exactly these keys; each has its reader, and they read in this order. */
export const object = (readers) => (value) => {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Malformed("no object");
  const keys = new Set([...Object.keys(readers), ...Object.keys(value)]);
  for (const key of [...keys].sort()) {
    if (!Object.hasOwn(value, key)) throw new Malformed("missing").inside(key);
    if (!Object.hasOwn(readers, key)) throw new Malformed("not a field of this object").inside(key.slice(0, 40));
  }
  return Object.fromEntries(Object.entries(readers).map(([key, reader]) => [key, within(key, () => reader(value[key]))]));
};

function within(key, read) {
  try {
    return read();
  } catch (wrong) {
    throw wrong instanceof Malformed ? wrong.inside(key) : wrong;
  }
}
