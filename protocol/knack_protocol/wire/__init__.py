"""Bytes to messages and back: the wire protocol `knack.v1` (protocol/README.md is its normative text).

Start with `messages` for what is said, `table` for what each field may hold, `codec` for the two directions.
"""

SUBPROTOCOL = "knack.v1"
"""The WebSocket subprotocol that both sides must name."""
