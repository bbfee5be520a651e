/**
 * Bytes to messages and back (twin of knack_protocol/wire/codec.py): decoding never throws, encoding throws only for a
 * message of our own that the table does not allow.
 */
import { tables } from "./codes.js";
import { WrongValue } from "./kinds.js";
import { COMMAND_BYTES_MAX, COMMAND_ITEMS_MAX, MESSAGE_BYTES_MAX, ROWS_MAX } from "./limits.js";
import { pack, unpack } from "./msgpack.js";
import { FIRST_PUSH, FIRST_REPLY, TABLE } from "./table.js";

const BY_OPCODE = new Map(TABLE.map((spec) => [spec.opcode, spec]));
const BY_NAME = new Map(TABLE.map((spec) => [spec.name, spec]));
const CODE_OF = new Map([...tables.rejects].map(([code, [name]]) => [name, code]));
const REQ_MAX = 0xffff_ffff;
const OPCODE_MAX = 0xff;
const BOARD_SIDE = 8;
const FROM_SERVER = { bytesMax: MESSAGE_BYTES_MAX, itemsMax: ROWS_MAX, mayBe: (opcode) => opcode >= FIRST_REPLY };
const FROM_CLIENT = { bytesMax: COMMAND_BYTES_MAX, itemsMax: COMMAND_ITEMS_MAX, mayBe: (opcode) => opcode < FIRST_REPLY };

/**
 * Read a frame from the server.
 * @param {Uint8Array} frame
 * @returns {object} a message `{type: 'MOVED', …}`, or `{type: 'MALFORMED', code, req, reason}`
 */
export function decodeMessage(frame) {
  return decode(frame, FROM_SERVER);
}

/** Read a frame from a client, as a server does; the result is like `decodeMessage`'s. */
export function decodeCommand(frame) {
  const message = decode(frame, FROM_CLIENT);
  if (message.type === "MOVE" && offTheBoard(message)) return malformed(message.req, "a swap off the board");
  return message;
}

/**
 * Write a message as a frame.
 * @param {object} message with every field of its type
 * @returns {Uint8Array}
 */
export function encode(message) {
  const spec = BY_NAME.get(message.type);
  if (!spec) throw new TypeError(`no message is called ${message.type}`);
  return pack([spec.opcode, ...spec.body.give(message)]);
}

function decode(frame, { bytesMax, itemsMax, mayBe }) {
  if (frame.length > bytesMax) return malformed(0, "too long");
  let array;
  try {
    array = unpack(frame, itemsMax);
  } catch {
    array = null;
  }
  if (!Array.isArray(array) || !isOpcode(array[0])) {
    return malformed(0, "not one array that begins with an opcode");
  }
  const [opcode, ...values] = array;
  const spec = mayBe(opcode) ? BY_OPCODE.get(opcode) : undefined;
  const req = spec && opcode >= FIRST_PUSH ? 0 : readableReq(values[0]);
  if (!spec) return malformed(req, `opcode ${opcode}`, "unknown_opcode");
  try {
    return { type: spec.name, ...spec.body.take(values) };
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    return malformed(req, `${spec.name}: not a ${error.message}`);
  }
}

function isOpcode(value) {
  return Number.isInteger(value) && value >= 0 && value <= OPCODE_MAX;
}

function readableReq(value) {
  return Number.isInteger(value) && value >= 0 && value <= REQ_MAX ? value : 0;
}

function malformed(req, reason, name = "malformed") {
  return { type: "MALFORMED", code: CODE_OF.get(name), req, reason };
}

function offTheBoard({ cell, direction }) {
  return direction === 0 ? cell % BOARD_SIDE === BOARD_SIDE - 1 : cell >= BOARD_SIDE * (BOARD_SIDE - 1);
}
