"""A port that nobody else is given while its server is away for a while."""

import socket


def keep_port() -> socket.socket:
    """Bind a free port of the loopback without listening: connections are refused until a server listens there.

    Whoever asks the system for any free port is given another one; who asks for this one by its number, as our server
    does, gets it, because both allow addresses to be reused. It is free again when the socket is closed.
    """
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    return place
