"""What can go wrong for a client, as one tree.

    KnackClientError
    |-- Unreachable          no first connection: name, port, handshake or hello failed
    |-- ConnectionLost       the line broke and did not come back while there was patience
    |-- Refused              the server closed with a code that forbids coming back (`code`)
    |   |-- Replaced         a newer connection of the same session took over (4500)
    |   `-- SessionEnded     the session is over or unknown (4501)
    |-- Rejected             the server answered a command with a reject (`code`, `wait_ms`, `detail`)
    |   `-- RunOver          ... because the run has ended; the usual way in which a run's last move ends
    |-- HeatMissed           the heat is played without this player, or not at all
    |-- OtherRules           the server plays by rules that this client does not know
    |-- HttpError            the server answered an HTTP request with an error (`status`, `error`, `message`)
    `-- ServerFault          the server sent what the protocol forbids
        `-- BrokenReceipt    a receipt, a board or a score that does not follow from what happened before

`Unreachable`, `ConnectionLost` are the world's fault and may pass; `Refused` and `Rejected` are the client's; a
`ServerFault` is never to be caught and forgotten: it says that the other side broke its word.
"""

from knack_protocol.wire.codes import REJECTS, CloseCode

_ROWS = {int(row.code): row for row in REJECTS}


class KnackClientError(Exception):
    """Anything that a client of a Knackpunkt server raises."""


class Unreachable(KnackClientError):
    """No connection could be made to begin with."""


class ConnectionLost(KnackClientError):
    """The connection broke, and what was asked for cannot be finished without it."""


class Refused(KnackClientError):
    """The server closed the connection for good."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} (close code {code})")
        self.code = code
        """The WebSocket close code."""


class Replaced(Refused):
    """A newer connection of the same session took over; this one must not come back."""


class SessionEnded(Refused):
    """The session is over, or the server does not know its token."""


class Rejected(KnackClientError):
    """The server refused a command; nothing has changed."""

    def __init__(self, code: int, wait_ms: int = 0, detail: str = "") -> None:
        known = _ROWS.get(code)
        super().__init__(f"{known.name}: {detail or known.meaning}" if known else f"refused, code {code}")
        self.code = known.code if known else code
        """Why, from the protocol's one table; a number of a later version that is not in it is never worth a retry."""
        self.may_retry = known is not None and known.may_retry
        """Whether the same command can succeed later as it stands."""
        self.wait_ms = wait_ms
        """Milliseconds after which to send the same command again, where `may_retry`; 0 for soon."""
        self.detail = detail
        """A word about the value at fault, such as a free name instead of a taken one; else empty."""


class RunOver(Rejected):
    """The run has ended, so there is nothing left to move; `Run.ended` tells how it went."""


class HeatMissed(KnackClientError):
    """The heat is played without this player: its roster was frozen before, its lobby closed again, or it was voided."""


class OtherRules(KnackClientError):
    """The server's rules file is not the one that this client plays by, so nothing could be checked."""


class HttpError(KnackClientError):
    """The server answered an HTTP request with a status of 400 or above."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(f"{message} (HTTP {status})" if message else f"HTTP {status}")
        self.status = status
        """The HTTP status."""
        self.error = error
        """The server's short name for what is wrong; empty when it gave none."""
        self.message = message
        """What is wrong, in words."""


class ServerFault(KnackClientError):
    """The server sent something that the protocol does not allow."""


class BrokenReceipt(ServerFault):
    """What the server claims about a run does not follow from what it said and did before."""


_CLOSED = {
    int(CloseCode.REPLACED): (Replaced, "another connection took over this session"),
    int(CloseCode.SESSION_ENDED): (SessionEnded, "the session has ended"),
}


def refused(code: int) -> Refused:
    """Build the error for a close code that forbids coming back."""
    kind, message = _CLOSED.get(code, (Refused, "the server closed the connection"))
    return kind(code, message)
