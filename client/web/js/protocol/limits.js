/**
 * The sizes and times that pages hold (twin of knack_protocol/wire/limits.py; a test compares both with
 * protocol/README.md, where each number has its reason).
 */
export const COMMAND_BYTES_MAX = 4096;
export const MESSAGE_BYTES_MAX = 1_048_576;
export const COMMAND_ITEMS_MAX = 64;
export const DEPTH_MAX = 4;
export const TEXT_BYTES_MAX = 256;
export const TOKEN_BYTES_MAX = 64;
export const PUBLIC_BYTES_MAX = 4096;
export const ROWS_MAX = 1024;
export const STEPS_MAX = 1024;
export const COURSES_MAX = 64;
export const HEARTBEAT_EVERY_MS = 10_000;
export const SILENCE_MS = 20_000;
export const RECONNECT_BASE_MS = 500;
export const RECONNECT_CAP_MS = 20_000;
