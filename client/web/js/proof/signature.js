/** Ed25519 (RFC 8032): whose word a text is, without Web Crypto, which plain http and opened files lack. */

import { hashes, verify } from "../../vendor/noble-ed25519/index.js";
import { sha512 } from "../../vendor/noble-hashes/sha2.js";

hashes.sha512 = sha512;

/** Whether the 64 bytes are this key's signature of exactly this message. */
export function isSigned(message, signature, key) {
  if (signature.length !== 64 || key.length !== 32) return false;
  return verify(signature, message, key, { zip215: false });
}
