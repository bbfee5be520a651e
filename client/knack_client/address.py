"""The addresses of one server, from whatever form of it a person has at hand."""

from dataclasses import dataclass
from urllib.parse import urlsplit

_SCHEMES = {"ws": ("ws", "http"), "http": ("ws", "http"), "wss": ("wss", "https"), "https": ("wss", "https")}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server answers: `socket` for the game, `http` (without a slash at its end) for everything else."""

    socket: str
    http: str

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read `ws://host:port`, `https://host`, or either with `/ws` or a page's path behind it.

        Raises:
            ValueError: neither a WebSocket nor an HTTP address.
        """
        parts = urlsplit(url)
        schemes = _SCHEMES.get(parts.scheme)
        if schemes is None or not parts.hostname:
            raise ValueError(f"{url!r} is no address of a server; one looks like ws://127.0.0.1:8000")
        socket, http = schemes
        return cls(f"{socket}://{parts.netloc}/ws", f"{http}://{parts.netloc}")
