/** SHA-256 and HMAC-SHA-256, and how everything that is hashed begins (RULES.md, notation). */

import { hmac } from "../../vendor/noble-hashes/hmac.js";
import { sha256 } from "../../vendor/noble-hashes/sha2.js";
import { join, utf8 } from "./bytes.js";
import { RULES_VERSION } from "./numbers.js";

/** What leads every byte string hashed for one purpose: `m3/1|purpose` and a zero byte. */
export function tagged(purpose) {
  return utf8(`${RULES_VERSION}|${purpose}\0`);
}

/** The SHA-256 of all parts, one behind the other. */
export function sha(...parts) {
  return sha256(join(...parts));
}

/** HMAC-SHA-256 under one key, for many messages: the key is hashed in once. */
export class Mac {
  #keyed;

  /** @param {Uint8Array} key */
  constructor(key) {
    this.#keyed = hmac.create(sha256, key);
  }

  /** The 32 bytes for all parts, one behind the other. */
  of(...parts) {
    return this.#keyed.clone().update(join(...parts)).digest();
  }
}
