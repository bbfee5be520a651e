/** The log of a run: six events, their bytes, and the chain that no event can leave or enter (RULES.md 7). */

import { hex, lp, numberOf, u16, u32, u64, u8, join } from "./bytes.js";
import { sha, tagged } from "./hashing.js";

const RUN = tagged("run");
const EVENT = tagged("ev");
const BOARD = tagged("board");

/** The first byte of every event. */
export const EventKind = Object.freeze({ MOVE: 1, ILLEGAL: 2, SHUFFLE: 3, CONNECTION: 4, END: 5, LEVEL: 6 });

/** What happened to a player's connection. */
export const ConnectionKind = Object.freeze({ LOST: 0, RESUMED: 1, REPLACED: 2, SERVER_AWAY: 3 });

/** Why a run ended. */
export const EndReason = Object.freeze({ TIME: 0, COURSE_DONE: 1, ABANDONED: 2, VOIDED: 3 });

/** A stored log is not what a run under these rules writes; the message says where. */
export class LogError extends Error {}

const number = (size, write) => ({ size, write, read: numberOf });
const U8 = number(1, u8);
const U16 = number(2, u16);
const U32 = number(4, u32);
const BOARD8 = { size: 8, write: (bytes) => bytes, read: (bytes) => bytes };

/** The fields behind the first byte, in their order. */
const FIELDS = Object.freeze({
  MOVE: { seq: U32, tArr: U32, tEff: U32, cell: U8, direction: U8, steps: U16, points: U32, score: U32, board8: BOARD8 },
  ILLEGAL: { seq: U32, tArr: U32, tEff: U32, cell: U8, direction: U8 },
  SHUFFLE: { seq: U32, z: U32, attempt: U32, board8: BOARD8 },
  CONNECTION: { seq: U32, t: U32, kind: U8 },
  END: { seq: U32, t: U32, reason: U8, score: U32, moves: U32 },
  LEVEL: { seq: U32, t: U32, level: U8, bonus: U32, score: U32, board8: BOARD8 },
});

/** Kinds of connection and reasons of an end beyond these do not exist. */
const LAST = Object.freeze({ kind: ConnectionKind.SERVER_AWAY, reason: EndReason.VOIDED });

const TYPES = Object.freeze(Object.fromEntries(Object.entries(EventKind).map(([type, kind]) => [kind, type])));

/** The bytes of an event: `{type: "MOVE", seq, tArr, …}` with the fields of its type. */
export function encode(event) {
  const fields = Object.entries(FIELDS[event.type]).map(([name, { write }]) => write(event[name]));
  return join(u8(EventKind[event.type]), ...fields);
}

/**
 * The event that these bytes are.
 *
 * @throws {LogError} an unknown kind, a wrong length, a reason or a kind of connection that does not exist
 */
export function decode(payload) {
  const type = TYPES[payload[0]];
  if (type === undefined) throw new LogError(`event of unknown kind ${payload[0]}`);
  const event = { type };
  let place = 1;
  for (const [name, { size, read }] of Object.entries(FIELDS[type])) {
    event[name] = read(payload.subarray(place, place + size));
    place += size;
  }
  const beyond = Object.entries(LAST).some(([name, last]) => event[name] > last);
  if (place !== payload.length || beyond) throw new LogError(`not an event: ${hex(payload)}`);
  return event;
}

/** The 8 bytes that pin a board, the tiles drawn per column in this level, and the run's shuffles so far. */
export function board8(board, drawn, shuffles) {
  return sha(BOARD, board, ...drawn.map(u32), u32(shuffles)).subarray(0, 8);
}

/** The hash of a log that goes on from `previous` with this event. */
export function chain(previous, payload) {
  return sha(EVENT, previous, payload);
}

/** The hash that a run's chain begins with; `heat` is the run's own id in solo play. */
export function chainStart({ event, heat, player, commit, rulesHash, t0UnixMs, graceMs }) {
  return sha(RUN, lp(event), lp(heat), lp(player), commit, rulesHash, u64(t0UnixMs), u16(graceMs));
}
