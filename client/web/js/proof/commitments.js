/** The list of an event's promises, published and signed before it begins, reruns included (RULES.md 5). */

import { unhex } from "./bytes.js";
import { Malformed } from "./form.js";
import { RULES_VERSION } from "./numbers.js";
import { Scope } from "./seeds.js";

const TITLE = `${RULES_VERSION} commitments`;
const SIGNATURE = "\nsignature ";
const ID = /^[a-z0-9-]{1,32}$/;
const RERUN = /^(?<heat>.+)-r(?<number>[1-9][0-9]{0,3})$/;
const TEXT_BYTES_MAX = 2 ** 20;

/**
 * The promises of an event, `{heat, course, scope, commit}` by heat, in the list's order.
 *
 * @returns {Map<string, {heat: string, course: string, scope: "heat"|"player", commit: Uint8Array}>}
 * @throws {Malformed} another event's list, a line that is none, a heat that comes twice
 */
export function parseCommitments(event, text) {
  const lines = text.split("\n");
  if (text.length > TEXT_BYTES_MAX || lines.length < 3 || lines[0] !== TITLE || lines.at(-1) !== "") throw new Malformed("no list of commitments");
  if (lines[1] !== event) throw new Malformed(`the list is of event ${lines[1].slice(0, 40)}, not of ${event}`);
  const found = new Map();
  lines.slice(2, -1).forEach((line, place) => {
    const promise = parseLine(line);
    if (promise === null) throw new Malformed(`line ${place + 3} is no commitment`);
    if (found.has(promise.heat)) throw new Malformed(`heat ${promise.heat} comes twice`);
    found.set(promise.heat, promise);
  });
  return found;
}

/**
 * What a published file holds, `{text, signature}`; of a list alone, the signature is null.
 *
 * @throws {Malformed} no such file
 */
export function parsePublished(bytes) {
  let text = new TextDecoder("latin1").decode(bytes);
  if (bytes.some((byte) => byte > 127)) throw new Malformed("no list of commitments");
  let signature = null;
  const mark = text.lastIndexOf(SIGNATURE);
  if (mark >= 0) {
    const digits = text.slice(mark + SIGNATURE.length);
    if (!/^[0-9a-f]{128}\n$/.test(digits)) throw new Malformed("the last line is no signature");
    text = text.slice(0, mark + 1);
    signature = unhex(digits.slice(0, -1));
  }
  if (!text.startsWith(`${TITLE}\n`)) throw new Malformed("no list of commitments");
  return { text, signature };
}

/** The heats that must be voided before this one may be played: none, if it is not the rerun of a promised one. */
export function predecessors(heat, promised) {
  const { heat: first, number } = RERUN.exec(heat)?.groups ?? {};
  if (first === undefined || !promised.has(first)) return [];
  return [first, ...Array.from({ length: Number(number) - 1 }, (_, place) => `${first}-r${place + 1}`)];
}

function parseLine(line) {
  const words = line.split(" ");
  if (words.length !== 4 || !/^[0-9a-f]{64}$/.test(words[3])) return null;
  const [heat, course, scope, commit] = words;
  if (!isHeatId(heat) || !ID.test(course) || !Object.hasOwn(Scope, scope)) return null;
  return { heat, course, scope, commit: unhex(commit) };
}

/** Whether this may be a heat's id: an id that could not be a solo run's. */
export const isHeatId = (text) => ID.test(text) && !text.startsWith("run-");
