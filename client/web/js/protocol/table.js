/**
 * The table of messages (twin of knack_protocol/wire/table.py): opcode, name, and the kind of each field in wire order.
 * A frame is the array `[opcode, field, …]`; a message is an object `{type: NAME, field: …}`.
 */
import {
  BOARD,
  BOARD_OR_NONE,
  CELL,
  DIGEST,
  DIGEST_OR_NONE,
  DIRECTION,
  FILL,
  HEAD,
  I32,
  ID_KIND as ID,
  ID_OR_NONE,
  NONCE,
  PUBLIC,
  STATE_BITS,
  TEXT,
  TOKEN,
  U16,
  U32,
  U8,
  UNIX_MS,
  WrongValue,
  choice,
  listOf,
  maybe,
  oneRecordOf,
  record,
} from "./kinds.js";
import { COURSES_MAX, ROWS_MAX, STEPS_MAX } from "./limits.js";

/** What a connection is for. */
export const Role = Object.freeze({ PLAYER: 0, WATCHER: 1, DESK: 2 });
/** What a feed shows. */
export const View = Object.freeze({ TOP: 0, OWN: 1, DESK: 2, LATEST: 3 });
/** What a recorded move was. */
export const MoveVerdict = Object.freeze({ OK: 0, ILLEGAL: 1 });
/** Where a resumed run stands. */
export const Phase = Object.freeze({ COUNTDOWN: 0, PLAYING: 1, WAITING: 2 });
/** Where a heat stands. */
export const HeatPhase = Object.freeze({
  OPEN: 0,
  FROZEN: 1,
  COUNTDOWN: 2,
  RUNNING: 3,
  WAITING: 4,
  OVER: 5,
  VOIDED: 6,
  CLOSED: 7,
});
/** Who shares tiles in a heat: everybody, or nobody but the first boards. */
export const Scope = Object.freeze({ HEAT: 0, PLAYER: 1 });
/** Whether the connection's player takes part in a heat. */
export const Place = Object.freeze({ OUTSIDE: 0, MEMBER: 1 });
/** Whether a heat's clock ever stood because the server was away. */
export const Marked = Object.freeze({ NO: 0, INTERRUPTED: 1 });
/** Why a run ended. */
export const EndReason = Object.freeze({ TIME: 0, COURSE_DONE: 1, ABANDONED: 2, VOIDED: 3 });
/** Whether the server can record moves. */
export const Recording = Object.freeze({ AGAIN: 0, NOT_NOW: 1 });
/** The bits of a row's `state`. */
export const RowState = Object.freeze({ RUNNING: 1, VOIDED: 2, NAME_HIDDEN: 4, NOT_BEST: 8 });
/** A desk row's `end_reason` while its run is in play. */
export const IN_PLAY = 255;
/** Standings that view *own* always begins with. */
export const PODIUM_COUNT = 3;

export const FIRST_REPLY = 32;
export const FIRST_PUSH = 64;

const sizeOf = (names) => Object.keys(names).length;

const COURSE = record("course", { name: ID, level_count: U8 });
const LEVEL = record("level", { level: U8, start_ms: U32, goal: U32, time_ms: U32, bonus: U32, board: BOARD });
const STANDING = { player: ID, name: TEXT, score: U32, time_ms: U32, state: STATE_BITS };
const ROW = record("row", { number: U32, run: ID, ...STANDING });
const DESK_ROW = record("desk row", {
  number: U32,
  run: ID,
  rank: U32,
  ...STANDING,
  shown_name: TEXT,
  moves: U32,
  started_unix_ms: UNIX_MS,
  end_reason: U8,
});
const ROWS = listOf("rows", oneRecordOf("row or desk row", [ROW, DESK_ROW]), 0, ROWS_MAX);
const GAINS = listOf("gains", U32, 0, ROWS_MAX);
const NUMBERS = listOf("numbers", U32, 0, ROWS_MAX);
const STEPS = listOf("steps", listOf("step", FILL, 8, 8), 0, STEPS_MAX);

const MOVED = {
  req: U32,
  run: ID,
  verdict: choice("verdict", sizeOf(MoveVerdict)),
  seq: U32,
  head: DIGEST,
  t_arr: U32,
  t_eff: U32,
  lock_end: U32,
  points: U32,
  score: U32,
  steps: STEPS,
  shuffle: maybe("board or nil", BOARD),
  level: maybe("level or nil", LEVEL),
  epoch: U32,
  version: U32,
};
const MOVED_OPCODE = 38;
const MOVED_ARRAY = record("MOVED", { opcode: U8, ...MOVED });
const LAST_MOVED = {
  words: "MOVED",
  take(values) {
    const { opcode, ...fields } = MOVED_ARRAY.take(values);
    if (opcode !== MOVED_OPCODE) throw new WrongValue("MOVED");
    return { type: "MOVED", ...fields };
  },
  give: (message) => MOVED_ARRAY.give({ opcode: MOVED_OPCODE, ...message }),
};

const ROWS_OF_TABLE = [
  [1, "HELLO", { req: U32, role: choice("role", sizeOf(Role)), event: ID_OR_NONE, token: TOKEN }],
  [2, "PING", { req: U32 }],
  [3, "JOIN", { req: U32, name: TEXT }],
  [4, "LEAVE", { req: U32 }],
  [5, "PREPARE", { req: U32, course: ID }],
  [6, "START", { req: U32, run: ID, nonce: NONCE }],
  [7, "MOVE", { req: U32, run: ID, seq: U32, head: HEAD, cell: CELL, direction: DIRECTION }],
  [8, "WATCH", { req: U32, course: ID, view: choice("view", sizeOf(View)), epoch: U32, version: U32 }],
  [9, "UNWATCH", { req: U32, feed: U16 }],
  [10, "GATHER", { req: U32, heat: ID }],
  [11, "SCATTER", { req: U32 }],
  [
    32,
    "WELCOME",
    {
      req: U32,
      event: ID,
      title: TEXT,
      player: ID_OR_NONE,
      name: TEXT,
      server_unix_ms: UNIX_MS,
      rules_hash: DIGEST,
      courses: listOf("courses", COURSE, 0, COURSES_MAX),
    },
  ],
  [33, "PONG", { req: U32, server_unix_ms: UNIX_MS }],
  [34, "JOINED", { req: U32, player: ID, name: TEXT, token: TOKEN }],
  [35, "DONE", { req: U32 }],
  [36, "PREPARED", { req: U32, run: ID, course: ID, commit: DIGEST }],
  [37, "STARTED", { req: U32, run: ID, t0_unix_ms: UNIX_MS, countdown_ms: U32 }],
  [MOVED_OPCODE, "MOVED", MOVED],
  [39, "WATCHING", { req: U32, feed: U16, epoch: U32, version: U32 }],
  [40, "REJECT", { req: U32, code: U8, wait_ms: U32, detail: TEXT }],
  [
    64,
    "BEGIN",
    {
      run: ID,
      course: ID,
      grace_ms: U16,
      t0_unix_ms: UNIX_MS,
      commit: DIGEST,
      head: DIGEST,
      level: U8,
      goal: U32,
      time_ms: U32,
      board: BOARD,
    },
  ],
  [
    65,
    "RESUMED",
    {
      run: ID,
      course: ID,
      phase: choice("phase", sizeOf(Phase)),
      clock_ms: I32,
      seq: U32,
      head: DIGEST,
      level: U8,
      start_ms: U32,
      goal: U32,
      time_ms: U32,
      score: U32,
      level_points: U32,
      lock_end: U32,
      board: BOARD_OR_NONE,
      grace_ms: U16,
      t0_unix_ms: UNIX_MS,
      moves: U32,
      last: maybe("MOVED or nil", LAST_MOVED),
    },
  ],
  [
    66,
    "ENDED",
    {
      run: ID,
      course: ID,
      seq: U32,
      head: DIGEST,
      reason: choice("end reason", sizeOf(EndReason)),
      t: U32,
      score: U32,
      moves: U32,
      rank: U32,
      epoch: U32,
      version: U32,
    },
  ],
  [67, "SNAPSHOT", { feed: U16, epoch: U32, version: U32, skipped: U32, rank: U32, rows: ROWS }],
  [
    68,
    "DELTA",
    {
      feed: U16,
      from: U32,
      steps: U32,
      skipped: U32,
      rank: U32,
      rows: ROWS,
      gains: GAINS,
      gone: NUMBERS,
    },
  ],
  [69, "RESYNC", { feed: U16, epoch: U32 }],
  [70, "STATUS", { state: choice("recording", sizeOf(Recording)) }],
  [71, "LIVE", { heat: ID_OR_NONE, k: U32, digest: DIGEST, acts: U32, acts_head: DIGEST }],
  [
    72,
    "HEAT",
    {
      heat: ID,
      course: ID,
      scope: choice("scope", sizeOf(Scope)),
      phase: choice("heat phase", sizeOf(HeatPhase)),
      commit: DIGEST,
      members: U32,
      place: choice("place", sizeOf(Place)),
      run: ID_OR_NONE,
      roster_hash: DIGEST_OR_NONE,
      public: PUBLIC,
      t0_unix_ms: UNIX_MS,
      wait_ms: U32,
      marked: choice("marked", sizeOf(Marked)),
    },
  ],
  [73, "CLOSED", { at_unix_ms: UNIX_MS }],
];

/** Every message: {opcode, name, kinds: {field: kind}, body}. */
export const TABLE = ROWS_OF_TABLE.map(([opcode, name, kinds]) => ({
  opcode,
  name,
  kinds,
  body: record(name, kinds),
}));

/** Name → opcode. */
export const OPCODES = new Map(TABLE.map(({ name, opcode }) => [name, opcode]));
