"""The sizes, rates and times that both sides of the wire hold (protocol/README.md, chapter Limits).

Every number has its unit in its name. `TABLE` lists them for documents and for tests.
"""

from typing import Final, NamedTuple

COMMAND_BYTES_MAX: Final = 4096
"""A frame from a client; the longest legal command needs under 400, and a longer frame closes with 1009."""

MESSAGE_BYTES_MAX: Final = 1_048_576
"""A frame from the server; a snapshot of 500 desk rows with the longest names stays under it."""

DEPTH_MAX: Final = 4
"""Arrays within arrays: message, `last`, `steps`, columns."""

COMMAND_ITEMS_MAX: Final = 64
"""Items of one array in a command; the longest has 7, and the rest is room for later versions to be refused in."""

TEXT_BYTES_MAX: Final = 256
"""UTF-8 bytes of any text."""

TOKEN_BYTES_MAX: Final = 64
"""UTF-8 bytes of a session's or a desk's token."""

PUBLIC_BYTES_MAX: Final = 4096
"""UTF-8 bytes of a heat's public part: `stage:` and 1000 characters of at most 4 bytes."""

BIN_BYTES_MAX: Final = 64
"""Bytes of any bin; a board is the longest."""

ROWS_MAX: Final = 1024
"""Rows, or numbers of one array, in one snapshot or delta."""

STEPS_MAX: Final = 1024
"""Cascade steps in one reply; the rules set no end, but none above 40 was ever seen."""

COURSES_MAX: Final = 64
"""Courses of one event."""

RATE_PER_S: Final = 10
"""Messages a second of one session, PING and the WebSocket's own ping and pong frames included."""

RATE_BURST: Final = 20
"""Messages at once of one session."""

FEEDS_MAX: Final = 8
"""Feeds that one connection watches: two of each course, and of a heat."""

MALFORMED_MAX: Final = 3
"""Malformed messages on one connection; the last of them closes it with 4502."""

HELLO_WITHIN_MS: Final = 10_000
"""From the handshake's end to HELLO, else 4001."""

HEARTBEAT_EVERY_MS: Final = 10_000
"""A page sends PING when it has sent nothing else for so long, because scripts cannot see ping frames."""

SILENCE_MS: Final = 20_000
"""A connection on which nothing came for so long is dead: two heartbeats."""

RESUME_EVERY_MS: Final = 1000
"""A session connects at most once in this time (rules, section 6), else `too_soon`."""

COUNTDOWN_MS: Final = 3000
"""From an accepted START to T0 (rules, section 6)."""

COUNTDOWN_PING_EVERY_MS: Final = 200
"""Between the ping frames of the countdown: 15 of them, so that 7 may get lost."""

COUNTDOWN_PONGS_MIN: Final = 8
"""Answered pings below which a run has no grace (rules, section 6)."""

GRACE_MAX_MS: Final = 250
"""The largest line delay that is credited (rules, section 6)."""

RECONNECT_BASE_MS: Final = 500
"""Full jitter: before try n = 1, 2, …, a client waits random(0, min(cap, base · 2^(n-1)))."""

RECONNECT_CAP_MS: Final = 20_000
"""The longest wait before another try."""


class Limit(NamedTuple):
    """One row of the table of limits."""

    name: str
    value: int
    unit: str


TABLE: Final = (
    Limit("COMMAND_BYTES_MAX", COMMAND_BYTES_MAX, "bytes"),
    Limit("MESSAGE_BYTES_MAX", MESSAGE_BYTES_MAX, "bytes"),
    Limit("DEPTH_MAX", DEPTH_MAX, "arrays"),
    Limit("COMMAND_ITEMS_MAX", COMMAND_ITEMS_MAX, "items"),
    Limit("TEXT_BYTES_MAX", TEXT_BYTES_MAX, "bytes"),
    Limit("TOKEN_BYTES_MAX", TOKEN_BYTES_MAX, "bytes"),
    Limit("PUBLIC_BYTES_MAX", PUBLIC_BYTES_MAX, "bytes"),
    Limit("BIN_BYTES_MAX", BIN_BYTES_MAX, "bytes"),
    Limit("ROWS_MAX", ROWS_MAX, "rows"),
    Limit("STEPS_MAX", STEPS_MAX, "steps"),
    Limit("COURSES_MAX", COURSES_MAX, "courses"),
    Limit("RATE_PER_S", RATE_PER_S, "messages a second"),
    Limit("RATE_BURST", RATE_BURST, "messages"),
    Limit("FEEDS_MAX", FEEDS_MAX, "feeds"),
    Limit("MALFORMED_MAX", MALFORMED_MAX, "messages"),
    Limit("HELLO_WITHIN_MS", HELLO_WITHIN_MS, "ms"),
    Limit("HEARTBEAT_EVERY_MS", HEARTBEAT_EVERY_MS, "ms"),
    Limit("SILENCE_MS", SILENCE_MS, "ms"),
    Limit("RESUME_EVERY_MS", RESUME_EVERY_MS, "ms"),
    Limit("COUNTDOWN_MS", COUNTDOWN_MS, "ms"),
    Limit("COUNTDOWN_PING_EVERY_MS", COUNTDOWN_PING_EVERY_MS, "ms"),
    Limit("COUNTDOWN_PONGS_MIN", COUNTDOWN_PONGS_MIN, "pongs"),
    Limit("GRACE_MAX_MS", GRACE_MAX_MS, "ms"),
    Limit("RECONNECT_BASE_MS", RECONNECT_BASE_MS, "ms"),
    Limit("RECONNECT_CAP_MS", RECONNECT_CAP_MS, "ms"),
)
