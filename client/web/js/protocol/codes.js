/**
 * Why a command was refused and why a connection was closed (twin of knack_protocol/wire/codes.py; a test compares both
 * with the tables of protocol/README.md).
 */

/** Rejects: code → [name, whether the same command can succeed later as it stands]. */
const REJECTS = new Map([
  [1, ["malformed", false]],
  [2, ["unknown_opcode", false]],
  [3, ["not_allowed", false]],
  [4, ["hello_first", false]],
  [5, ["unknown_event", false]],
  [6, ["unknown_session", false]],
  [7, ["too_soon", true]],
  [8, ["not_joined", false]],
  [9, ["already_joined", false]],
  [10, ["name_invalid", false]],
  [11, ["name_taken", false]],
  [12, ["unknown_course", false]],
  [13, ["unknown_run", false]],
  [14, ["not_your_run", false]],
  [15, ["no_runs_left", false]],
  [16, ["already_started", false]],
  [18, ["out_of_order", false]],
  [19, ["over", false]],
  [20, ["late", false]],
  [21, ["early", true]],
  [22, ["too_many", true]],
  [23, ["not_recording", true]],
  [24, ["unknown_feed", false]],
  [25, ["full", false]],
  [26, ["unknown_heat", false]],
  [27, ["heat_closed", false]],
  [28, ["closed_event", false]],
]);

/** Closes that mean something to a page: code → name. */
const CLOSES = new Map([
  [1001, "going_away"],
  [1009, "too_big"],
  [1011, "internal"],
  [1012, "service_restart"],
  [4000, "restarting"],
  [4001, "silent"],
  [4002, "slow"],
  [4500, "replaced"],
  [4501, "session_ended"],
  [4502, "malformed"],
  [4503, "flooding"],
]);

const RECONNECT_CODES = new Set([1001, 1006, 1011, 1012, 1013]);

/** Whether a client comes back by itself after a close with this code. */
export function reconnects(closeCode) {
  return RECONNECT_CODES.has(closeCode) || (closeCode >= 4000 && closeCode < 4500);
}

/** The name of a close code, such as `replaced`; 'closed' for one without. */
export function closeName(closeCode) {
  return CLOSES.get(closeCode) ?? "closed";
}

/** The code of what a later version of the protocol says and this one does not know. */
export const UNKNOWN_OPCODE = 2;

/** All codes, for whoever compares them. */
export const tables = { rejects: REJECTS, closes: CLOSES };

/** A command that the server refused: nothing has changed. `reason` is the code's name, such as `name_taken`. */
export class Reject extends Error {
  /** @param {{code: number, wait_ms: number, detail: string}} message the REJECT */
  constructor(message) {
    const [reason, mayRetry] = REJECTS.get(message.code) ?? ["unknown", false];
    super(reason);
    this.name = "Reject";
    this.code = message.code;
    this.reason = reason;
    this.may_retry = mayRetry;
    this.wait_ms = message.wait_ms;
    this.detail = message.detail;
  }
}
