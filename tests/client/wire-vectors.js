/** The golden vectors of the wire, as Python's tests read them too. */
import { readFileSync, readdirSync } from "node:fs";

const folder = (name) => new URL(`../../protocol/vectors/${name}/`, import.meta.url);

/** All vectors of a folder, `wire` or `reject`. */
export function vectors(name) {
  return readdirSync(folder(name))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => JSON.parse(readFileSync(new URL(file, folder(name)), "utf-8")));
}

/** One vector of `wire`, as its frame. */
export function frame(name) {
  return bytesOf(JSON.parse(readFileSync(new URL(`${name}.json`, folder("wire")), "utf-8")).hex);
}

export const bytesOf = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
export const hexOf = (bytes) => Buffer.from(bytes).toString("hex");

/** A message as the vectors write it: bins as `{bin: hex}`. */
export function written(value) {
  if (value instanceof Uint8Array) return { bin: hexOf(value) };
  if (Array.isArray(value)) return value.map(written);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, written(item)]));
}

/** The way back. */
export function read(value) {
  if (Array.isArray(value)) return value.map(read);
  if (value === null || typeof value !== "object") return value;
  const names = Object.keys(value);
  if (names.length === 1 && names[0] === "bin") return bytesOf(value.bin);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, read(item)]));
}
