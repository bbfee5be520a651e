/** The public part P of a seed: what did not exist when the server promised its own (RULES.md 5). */

import { utf8 } from "./bytes.js";

const STAGE = "stage:";
const STAGE_LENGTH_MIN = 40;
const STAGE_LENGTH_MAX = 1000;
const CLIENT = utf8("client:");
const NONCE_BYTES = 16;

const OUTER_SPACE = /^\p{White_Space}|\p{White_Space}$/u;
const CONTROL = /\p{Cc}/u;

/** What is wrong with a heat's public part, or null. */
export function heatPublicFault(bytes) {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, STAGE.length));
  if (start === "drand:") return "drand: is reserved for heats with a network; these rules check stage: only";
  if (start !== STAGE) return "a heat's public part begins with stage:";
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(STAGE.length));
  } catch {
    return "the text is no UTF-8";
  }
  const { length } = [...text];
  if (length < STAGE_LENGTH_MIN || length > STAGE_LENGTH_MAX) {
    return `the text has ${length} characters instead of ${STAGE_LENGTH_MIN} to ${STAGE_LENGTH_MAX}`;
  }
  if (CONTROL.test(text)) return "the text has a control character in it";
  if (OUTER_SPACE.test(text)) return "the text begins or ends with a space";
  return text === text.normalize("NFC") ? null : "the text is not in NFC";
}

/** What is wrong with a solo run's public part, or null. */
export function soloPublicFault(bytes) {
  const isClient = bytes.length === CLIENT.length + NONCE_BYTES && CLIENT.every((byte, place) => bytes[place] === byte);
  return isClient ? null : `a solo run's public part is client: and ${NONCE_BYTES} bytes`;
}
