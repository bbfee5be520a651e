/** The held file: what a player's device saw with its own eyes, kept to hold published bundles against (PROOF.md 5). */

import { commitmentList, graceMs, hash, head, publicPart } from "./bundle.js";
import { exactly, id, integer, list, nullable, object, octets, orEmpty, read, u32 } from "./form.js";

const FORMAT = "knackpunkt held 1";

const heatOrOpen = orEmpty(id);

const held = object({
  format: exactly(FORMAT),
  event: id,
  key: hash,
  commitments: nullable(commitmentList),
  heats: list(object({ heat: id, roster_hash: hash, public: nullable(publicPart) })),
  runs: list(
    object({
      run: id,
      heat: heatOrOpen,
      player: id,
      course: id,
      commit: hash,
      nonce: nullable(octets(16)),
      t0_unix_ms: nullable(integer()),
      grace_ms: nullable(graceMs),
      receipts: list(object({ seq: u32, head: hash })),
    }),
  ),
  digests: list(object({ heat: heatOrOpen, k: u32, digest: hash })),
  acts: list(head),
});

/**
 * What a held file says; spaces, line ends and the order of keys are the writer's own affair.
 *
 * @throws {import("./form.js").Malformed} no held file
 */
export const parseHeld = (bytes) => read(bytes, held);
