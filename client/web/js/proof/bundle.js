/**
 * Bundles: everything that a stranger needs to check a heat, open play, one solo run, or a whole event (PROOF.md 3).
 *
 * Every table below is an object of the published JSON, its fields in the order in which they are read.
 */

import { sha } from "./hashing.js";
import { exactly, id, integer, list, Malformed, nullable, object, octets, oneOf, packed, readCanonical, text, u32 } from "./form.js";
import { GRACE_MS_MAX } from "./numbers.js";

export const FORMAT = "knackpunkt bundle 1";

export const hash = octets(32);
const signature = octets(64);
const events = list(octets(1, 64));
export const publicPart = octets(1, 8192);
export const graceMs = integer(GRACE_MS_MAX);
const number = integer();

const act = object({
  number: u32,
  at_unix_ms: number,
  kind: oneOf("void", "restore", "void_heat", "hide_name", "replace_name", "show_name", "undo"),
  target: text(1, 32),
});
const acts = object({ list: list(act), signature });
export const commitmentList = object({ text: text(), signature });
const results = object({ tree_size: u32, root: hash, signature });
const digests = list(object({ k: u32, digest: hash }));
const row = object({ rank: u32, player: id, run: id, score: number, time_ms: number });
export const head = object({ count: u32, head: hash });

const heatRun = object({ run: id, player: id, grace_ms: graceMs, events, live: list(u32) });
const heat = object({
  heat: id,
  course: id,
  scope: oneOf("heat", "player"),
  commit: hash,
  server_seed: hash,
  public: publicPart,
  t0_unix_ms: number,
  roster: list(id),
  runs: list(heatRun),
  live: digests,
  results,
  standings: list(row),
});

const SOLO = {
  run: id, player: id, course: id, commit: hash, server_seed: hash, public: publicPart, t0_unix_ms: number, grace_ms: graceMs, events,
};
const openPlay = object({
  runs_max: nullable(number),
  runs: list(object({ ...SOLO, live: object({ first: u32, counts: list(u32) }) })),
  live: digests,
  in_play: list(object({ run: id, first: u32, heads: list(head) })),
  results,
  standings: list(object({ course: id, rows: list(row) })),
});

const sum = object({
  course: id,
  heats: list(id),
  rows: list(object({ rank: u32, player: id, score: number, time_ms: number })),
});

/** What every bundle says: whose it is, by which rules, what moderators decided, and the seal over all of it. */
const SEALED = { format: exactly(FORMAT), event: id, key: hash, rules: text(), acts, seal: signature };

const KINDS = {
  heat: object({ ...SEALED, kind: exactly("heat"), commitments: commitmentList, heat }),
  open: object({ ...SEALED, kind: exactly("open"), open: openPlay }),
  run: object({ ...SEALED, kind: exactly("run"), run: object(SOLO), path: object({ index: u32, hashes: list(hash) }), results }),
  event: object({
    ...SEALED,
    kind: exactly("event"),
    commitments: commitmentList,
    heats: list(heat),
    open: openPlay,
    sums: list(sum),
    unused_heats: list(object({ heat: id, server_seed: hash })),
    unused_runs: list(object({ run: id, course: id, commit: hash, server_seed: hash })),
  }),
};

/**
 * The bundle that these bytes are, and the hash that its seal signs, over all of it but the seal.
 *
 * @returns {{bundle: object, sealed: Uint8Array}}
 * @throws {Malformed} no bundle, or not in canonical form
 */
export function unpack(bytes) {
  const { found, value } = readCanonical(bytes, anyKind);
  const { seal, ...rest } = value;
  return { bundle: found, sealed: sha(packed(rest)) };
}

function anyKind(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Malformed("no object");
  if (value.format !== FORMAT) throw new Malformed(`not '${FORMAT}'`).inside("format");
  if (typeof value.kind !== "string" || !Object.hasOwn(KINDS, value.kind)) {
    throw new Malformed(`none of ${Object.keys(KINDS).join(", ")}`).inside("kind");
  }
  return KINDS[value.kind](value);
}
