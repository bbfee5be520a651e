"""socketify, Python on uWebSockets: its `publish()` to a topic, all of it in C++."""

import sys
from itertools import count
from typing import Any

from socketify import App, AppListenOptions, CompressOptions, OpCode  # type: ignore[import-not-found]

BOARD_BYTES = 300

app = App()
numbers = count(1)


def heard(websocket: Any, message: Any, opcode: Any) -> None:
    """Have a board frame sent to everybody; a socket's own `publish` would leave the asker out."""
    del websocket, message, opcode
    app.publish("board", next(numbers).to_bytes(8, "big") + bytes(BOARD_BYTES - 8), OpCode.BINARY, False)


def listening(options: Any) -> None:
    """Tell the port."""
    sys.stdout.write(f"ready {options.port}\n")
    sys.stdout.flush()


app.ws(
    "/",
    {
        "compression": CompressOptions.DISABLED,
        "max_payload_length": 4096,
        "idle_timeout": 0,
        "open": lambda websocket: websocket.subscribe("board"),
        "message": heard,
    },
)
app.listen(AppListenOptions(port=int(sys.argv[1]), host="127.0.0.1"), listening)
app.run()
