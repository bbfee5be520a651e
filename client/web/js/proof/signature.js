/** Ed25519 (RFC 8032) without Web Crypto, which plain http and opened files lack, and every text that is signed (PROOF.md 4). */

import { hashes, verify } from "../../vendor/noble-ed25519/index.js";
import { sha512 } from "../../vendor/noble-hashes/sha2.js";
import { hex, utf8 } from "./bytes.js";
import { sha } from "./hashing.js";
import { RULES_VERSION } from "./numbers.js";

const FINGERPRINT_BYTES = 16;

hashes.sha512 = sha512;

/** Whether the 64 bytes are this key's signature of exactly this message. */
export function isSigned(key, message, signature) {
  if (signature.length !== 64 || key.length !== 32) return false;
  return verify(signature, message, key, { zip215: false });
}

/** The 32 hexadecimal digits by which people compare keys. */
export const fingerprint = (key) => hex(sha(key).subarray(0, FINGERPRINT_BYTES));

/** What is signed of results; in open play heat and roster hash are empty and T0 is 0. */
export function resultsText({ event, heat, treeSize, root, t0UnixMs, rosterHash }) {
  return signedText("results", `${event}/${heat}`, treeSize, hex(root), t0UnixMs, hex(rosterHash));
}

/** What is signed of the moderators' acts: how many there are and the hash that holds all. */
export const actsText = (event, count, head) => signedText("acts", event, count, hex(head));

/** What a bundle's seal signs: the hash of everything else in it. */
export const bundleText = (event, kind, hash) => signedText("bundle", event, kind, hex(hash));

function signedText(purpose, ...lines) {
  return utf8([`${RULES_VERSION} ${purpose}`, ...lines].map((line) => `${line}\n`).join(""));
}
