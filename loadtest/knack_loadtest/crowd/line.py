"""A line of the tester's: one socket without a task of its own, which stamps what it hears before anything else is done.

It is a `Conversation`, so players and watchers of the reference client talk over it as they do over any connection; what
it does without is the library beneath, because thousands of them run in one process. A `Witness` sees every command with
the time at which it was written, and every message with the time at which its bytes came.

    connect ── TCP open ── handshake answered ── HELLO … WELCOME: `ready`
       └ refused, timeout_tcp, local_*  └ http_STATUS, reset_upgrade, …   └ close_CODE, reset, rejected_NAME
    Each attempt ends in exactly one of these outcomes; `Outcome` sees to that. What the scenario itself has barred is in
    `BARRED`: while it has taken the server away, an attempt ends in `server_away`, whatever became of it.
"""

import asyncio
import errno
import os
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from time import monotonic_ns
from typing import Final, Protocol, cast
from urllib.parse import urlsplit

from knack_client.connection import ABNORMAL_CLOSURE, PROTOCOL_ERROR, HandshakeRefused
from knack_client.conversation import Conversation, LineClosed
from knack_client.errors import KnackClientError, ServerFault, Unreachable
from knack_loadtest.crowd import frames
from knack_loadtest.crowd.frames import BrokenFrame, Frames, frame_of
from knack_loadtest.crowd.networks.way import Route, Way
from knack_loadtest.crowd.sharing import Shared
from knack_loadtest.crowd.tally import Tally
from knack_protocol.wire import SUBPROTOCOL, limits
from knack_protocol.wire.codec import Malformed, encode
from knack_protocol.wire.codes import REJECTS
from knack_protocol.wire.messages import Command, Push, Reject, Reply, Welcome

OPEN_WITHIN_S: Final = 10
"""As the reference client: a handshake that takes longer is given up."""

CLOSE_WITHIN_S: Final = 2
"""How long the server may take to answer a close frame."""

SILENCE_NS: Final = limits.SILENCE_MS * 1_000_000
"""A line without a word for so long is dead."""

HEAD_BYTES_MAX: Final = 16_384
"""A handshake's answer is a few hundred bytes."""

NORMAL: Final = 1000

BARRED: Final = ("server_away", "airplane", "captive_portal")
"""Outcomes of attempts that could not succeed, because the scenario, and not the server, did not let them."""

_NAMES: Final = {int(row.code): row.name for row in REJECTS}
_BIND_WITHOUT_PORT: Final = 24
"""IP_BIND_ADDRESS_NO_PORT (Linux): the port is chosen at connect, so that one serves for several destinations."""


class Witness(Protocol):
    """Sees all that one client says and hears, over all its lines."""

    def sent(self, command: Command, at_ns: int) -> None:
        """See a command that was just written."""

    def heard(self, message: Reply | Push, at_ns: int) -> None:
        """See a message whose bytes came at `at_ns`, before anybody acts on it."""

    def lost(self, code: int) -> None:
        """See that the line has ended."""


@dataclass(slots=True)
class Outage:
    """The time for which the scenario itself has taken the server away: what ends by that surprises nobody."""

    began_ns: int = 0
    """When the newest one began (monotonic clock)."""
    _is_off: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._is_off.set()

    def begin(self) -> None:
        """Take note that the server is about to go."""
        self.began_ns = monotonic_ns()
        self._is_off.clear()

    def end(self) -> None:
        """Take note that it is back."""
        self._is_off.set()

    async def passed(self) -> None:
        """Wait until the server is there."""
        await self._is_off.wait()

    def covers(self, since_ns: int) -> bool:
        """Tell whether what began at this moment and ends now may have ended by an outage."""
        return not self._is_off.is_set() or since_ns < self.began_ns


class Outcome:
    """How one attempt to connect ended: counted once, whatever happens afterwards."""

    __slots__ = ("_outage", "_tally", "is_settled", "since_ns")

    def __init__(self, tally: Tally, outage: "Outage") -> None:
        tally.count("connect.attempts")
        self._tally = tally
        self._outage = outage
        self.since_ns = monotonic_ns()
        self.is_settled = False

    def settle(self, word: str) -> None:
        """Name the outcome; only the first name counts."""
        if not self.is_settled:
            self.is_settled = True
            is_barred = (
                word != "ready" and not word.startswith("local_") and self._outage.covers(self.since_ns)
            )
            self._tally.mark("connect_outcomes", "server_away" if is_barred else word)
            if word.startswith("local_"):
                self._tally.count("generator.local_errors")
            if word == "ready":
                self._tally.time("connect", (monotonic_ns() - self.since_ns) / 1000)


@dataclass(frozen=True, slots=True)
class Dialer:
    """Opens lines to one server, from several addresses of our own in turn."""

    url: str
    tally: Tally
    shared: Shared
    lines: "set[Line]"
    """All lines that are open."""
    sources: Iterator[str]
    outage: Outage
    vanished: list[Way]
    """Ways that went dead, whose sockets may still be open."""

    @classmethod
    def to(cls, url: str, tally: Tally, shared: Shared, sources: tuple[str, ...]) -> "Dialer":
        """Return the dialer for a WebSocket address; without sources, the system chooses."""
        return cls(url, tally, shared, set(), cycle(sources or ("",)), Outage(), [])

    def barred(self, word: str) -> None:
        """Count an attempt that a person's own network does not let out, and give it up.

        Raises:
            Unreachable: always.
        """
        Outcome(self.tally, self.outage).settle(word)
        raise Unreachable(f"cannot connect to {self.url}: {word}")

    async def open(
        self,
        witness: Witness,
        on_push: Callable[[Push], None],
        receive_bytes: int = 0,
        outcomes: Tally | None = None,
        route: Route | None = None,
    ) -> "Line":
        """Connect and shake hands.

        Args:
            witness: Sees what goes over the line.
            on_push: Is called with pushes.
            receive_bytes: What the kernel keeps for a reader; 0 for the usual.
            outcomes: Where the attempt's outcome is counted, if not with everybody's.
            route: The way that its bytes take; None for the socket alone.

        Raises:
            Unreachable: no socket, no handshake, or not `knack.v1`.
        """
        outcome = Outcome(self.tally if outcomes is None else outcomes, self.outage)
        parts = urlsplit(self.url)
        assert parts.hostname, "the address was parsed before"
        address = (parts.hostname, parts.port or 80)
        line = Line(self, witness, on_push, outcome)
        stage = "tcp"
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                sock = _socket(address[0], next(self.sources), receive_bytes)
                loop = asyncio.get_running_loop()
                try:
                    await loop.sock_connect(sock, address)
                    if route is not None:
                        await route.wheel.until(route.greeted_ns(monotonic_ns()))
                except BaseException:
                    sock.close()
                    raise
                connected_ns = monotonic_ns()
                self.tally.time("connect.tcp", (connected_ns - outcome.since_ns) / 1000)
                stage = "upgrade"
                way = None if route is None else Way(line, route)
                line.way = way
                await loop.create_connection(lambda: way or line, sock=sock)
                await line.shake_hands(parts.netloc)
                self.tally.time("connect.upgrade", (monotonic_ns() - connected_ns) / 1000)
        except HandshakeRefused:
            line.abort()
            raise
        except (OSError, EOFError) as failed:  # TimeoutError is an OSError
            line.abort()
            word = _word(failed, stage)
            outcome.settle(word)
            raise Unreachable(f"cannot connect to {self.url}: {word}") from failed
        except BaseException:
            line.abort()
            outcome.settle("given_up")
            raise
        return line


class Line(Conversation, asyncio.Protocol):
    """One socket; `Dialer.open` makes it."""

    def __init__(
        self, dialer: Dialer, witness: Witness, on_push: Callable[[Push], None], outcome: Outcome
    ) -> None:
        super().__init__(on_push)
        self.is_wanted_end = False
        """Whether the line may end without anybody being surprised."""
        self.way: Way | None = None
        """What lies between the line and its socket, if anything does."""
        self._dialer = dialer
        self._witness = witness
        self._outcome = outcome
        self._transport: asyncio.Transport | None = None
        self._frames = Frames(limits.MESSAGE_BYTES_MAX)
        self._head: bytearray | None = bytearray()
        self._answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._code = ABNORMAL_CLOSURE
        self._heard_ns = monotonic_ns()
        self._pinged_ns = 0
        self._is_closing = False
        self._is_reading = True

    async def shake_hands(self, host: str) -> None:
        """Send the handshake and wait for its answer.

        Raises:
            HandshakeRefused: it is not 101.
            OSError, EOFError: the socket went away.
        """
        assert self._transport is not None
        key = b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n".encode()
        )
        await self._answered

    @property
    def since_ns(self) -> int:
        """When it was first tried (monotonic clock)."""
        return self._outcome.since_ns

    # --- the conversation's side ---

    async def close(self) -> None:
        """Close in good order, or after two seconds without."""
        self.is_wanted_end = True
        self.leave(NORMAL)
        await asyncio.wait([self.closed], timeout=CLOSE_WITHIN_S)
        self.abort()

    def leave(self, code: int) -> None:
        """Send a close frame, unless the line has ended."""
        if self._transport is not None and not self._is_closing and not self._transport.is_closing():
            self._is_closing = True
            self._transport.write(frame_of(frames.CLOSE, code.to_bytes(2, "big")))

    def abort(self) -> None:
        """Drop the socket."""
        if self._transport is not None:
            self._transport.abort()

    def pause(self, *, reading: bool) -> None:
        """Stop reading what comes, or go on; who reads nothing does not look whether the server is still there either."""
        self._is_reading = reading
        self._heard_ns = monotonic_ns()
        if self._transport is not None and not self._transport.is_closing():
            (self._transport.resume_reading if reading else self._transport.pause_reading)()

    def vanish(self) -> None:
        """Let the line go dead without a word to anybody; the way that it needs was laid when it was opened."""
        assert self.way is not None, "who may vanish has a way"
        self._dialer.vanished.append(self.way)
        self.way.vanish()

    def look_for_life(self, now_ns: int) -> None:
        """Ping a server that says nothing, and give one up that goes on saying nothing, as the reference client does."""
        silent_ns = now_ns - self._heard_ns
        if not self._is_reading or self._transport is None or self._transport.is_closing():
            return
        if silent_ns >= SILENCE_NS:
            self.abort()
        elif silent_ns >= SILENCE_NS / 2 and self._pinged_ns < self._heard_ns:
            self._pinged_ns = now_ns
            self._transport.write(frame_of(frames.PING, b""))

    def write(self, octets: bytes) -> None:
        """Write bytes as they are; cheats do.

        Raises:
            LineClosed: the line is closed or closing.
        """
        if self._transport is None or self._is_closing or self._transport.is_closing():
            raise LineClosed
        self._transport.write(octets)
        self._dialer.tally.count("bytes.out", len(octets))

    async def _send(self, command: Command) -> None:
        self.write(frame_of(frames.BINARY, encode(command)))
        self._dialer.tally.count("messages.out")
        self._witness.sent(command, monotonic_ns())

    def _read(self, frame: bytes) -> Reply | Push | Malformed:
        message = self._dialer.shared.read(frame)
        if not isinstance(message, Malformed):
            if not self._outcome.is_settled:
                self._note_outcome(message)
            self._witness.heard(message, self._heard_ns)
        return message

    def _note_outcome(self, message: Reply | Push) -> None:
        if isinstance(message, Welcome):
            self._outcome.settle("ready")
        elif isinstance(message, Reject):
            self._outcome.settle(f"rejected_{_NAMES.get(message.code, message.code)}")

    # --- the transport's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class
        self._dialer.lines.add(self)

    def data_received(self, data: bytes) -> None:
        """Stamp the moment, then read."""
        self._heard_ns = monotonic_ns()
        self._dialer.tally.count("bytes.in", len(data))
        if self._head is not None:
            data = self._take_head(data)
        try:
            for opcode, payload in self._frames.feed(data):
                self._take(opcode, payload)
        except BrokenFrame as broken:
            self._fail(ServerFault(f"the server sent {broken}"))
        except KnackClientError as fault:
            self._fail(fault)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody."""
        del exc
        self._dialer.lines.discard(self)
        if not self._answered.done():
            self._outcome.settle("reset_upgrade")
            self._answered.set_exception(ConnectionResetError("the socket went away"))
            self._answered.exception()  # whoever shakes hands may have gone already
        self._outcome.settle("reset" if self._code == ABNORMAL_CLOSURE else f"close_{self._code}")
        self._witness.lost(self._code)
        self._end(self._code)

    def _take_head(self, data: bytes) -> bytes:
        """Take the handshake's answer; return what came behind it."""
        assert self._head is not None
        self._head += data
        head, end, rest = bytes(self._head).partition(b"\r\n\r\n")
        if not end:
            if len(self._head) > HEAD_BYTES_MAX:
                self.abort()
            return b""
        self._head = None
        status = head.split(None, 2)[1:2]
        if not self._answered.done():
            if status == [b"101"]:
                self._answered.set_result(None)
            else:
                code = int(status[0]) if status and status[0].isdigit() else 0
                self._outcome.settle(f"http_{code}")
                self._answered.set_exception(HandshakeRefused(code))
                return b""
        return rest

    def _take(self, opcode: int, payload: bytes) -> None:
        match opcode:
            case frames.BINARY if not self._is_closing:
                self._dialer.tally.count("messages.in")
                self._handle(payload)
            case frames.PING if self._transport is not None and not self._transport.is_closing():
                self._transport.write(frame_of(frames.PONG, payload))
            case frames.CLOSE:
                self._code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
                self.leave(self._code if len(payload) >= 2 else NORMAL)
                if self._transport is not None:
                    self._transport.close()
            case frames.TEXT:
                self._handle("")
            case _:
                pass

    def _fail(self, fault: KnackClientError) -> None:
        self.fault = self.fault or fault
        self._dialer.tally.mark("client_faults", f"{type(fault).__name__}: {fault}"[:200])
        self.leave(PROTOCOL_ERROR)
        if self._transport is not None:
            self._transport.close()


def _socket(host: str, source: str, receive_bytes: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family)
    made.setblocking(False)
    try:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_bytes:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        if source:
            made.setsockopt(socket.IPPROTO_IP, _BIND_WITHOUT_PORT, 1)
            made.bind((source, 0))
    except OSError:
        made.close()
        raise
    return made


def _word(failed: Exception, stage: str) -> str:
    """Name how an attempt failed, in the words of the table connect_outcomes."""
    number = getattr(failed, "errno", None)
    if number in {errno.EMFILE, errno.ENFILE}:
        return "local_fd"
    if number in {errno.EADDRNOTAVAIL, errno.EADDRINUSE}:
        return "local_port"
    if number in {errno.ENOBUFS, errno.ENOMEM, errno.EPERM, errno.EACCES}:
        return "local_other"
    if isinstance(failed, socket.gaierror):
        return "dns"
    if isinstance(failed, ConnectionRefusedError):
        return "refused"
    if isinstance(failed, TimeoutError):
        return f"timeout_{stage}"
    return f"reset_{stage}"
