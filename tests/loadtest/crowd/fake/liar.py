"""What a lie is, and a script that tells some of them at once.

A server tells a lie to honest people as well as it can: it waits until the lie matters, and tells it to as few as possible.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.loadtest.crowd.fake.hop import Frame, Request, Script, Way

from knack_protocol.wire import messages as wire
from knack_protocol.wire.messages import Delta, Role, Snapshot, View

HAND_REQ: Final = 1000
"""A cheat counts its commands from here on (`people.hand`)."""


@dataclass
class Known:
    """What a liar knows of one client."""

    role: Role | None = None
    watches: View | None = None
    is_cheat: bool = False
    first: Snapshot | None = None
    deltas: int = 0
    screen: int = -1
    """Its number among those who watch as nobody but a screen does: the view `top`, as a watcher."""


class Lie:
    """One lie; this one is none."""

    def said(self, known: Known, frame: Frame) -> Sequence[Frame]:
        """Return what a client hears instead of a frame."""
        return (frame,)

    def asked(self, way: Way, known: Known, frame: Frame) -> bool:
        """Tell whether a client's frame goes on to the server."""
        return True

    def hold_ns(self, known: Known, frame: Frame) -> int:
        """Return for how long a frame is held back."""
        return 0

    def requested(self, request: Request) -> bytes | None:
        """Answer a request (201) in the server's stead."""
        return None

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        """Return the document that its client gets: bytes of a bundle, else JSON."""
        return document


class Liar(Script):
    """Tells some lies at once."""

    def __init__(self, lies: Sequence[Lie]) -> None:
        self._lies = lies
        self._known: dict[int, Known] = {}
        self._gone = 0
        self._screens = 0

    def asked(self, way: Way, frame: Frame) -> None:
        known = self._known.setdefault(way.number, Known())
        match frame.command:
            case wire.Hello() as hello:
                known.role = hello.role
                known.is_cheat = known.is_cheat or hello.req > HAND_REQ
            case wire.Watch() as watch if known.watches is None:
                known.watches = watch.view
                if (known.role, watch.view) == (Role.WATCHER, View.TOP) and not known.is_cheat:
                    known.screen, self._screens = self._screens, self._screens + 1
            case _:
                pass
        if all(lie.asked(way, known, frame) for lie in self._lies):
            way.ask(frame)

    def said(self, way: Way, frame: Frame) -> None:
        known = self._known.setdefault(way.number, Known())
        told = [frame]
        for lie in self._lies:
            told = [other for one in told for other in lie.said(known, one)]
        message = frame.message
        if isinstance(message, Snapshot):
            known.first = known.first or message
        known.deltas += isinstance(message, Delta)
        for one in told:
            way.tell(one, max((lie.hold_ns(known, one) for lie in self._lies), default=0))

    def requested(self, request: Request) -> bytes | None:
        return next((own for lie in self._lies if (own := lie.requested(request)) is not None), None)

    def answered(self, request: Request, body: bytes) -> bytes:
        is_bundle = request.path == "/api/bundle"
        if request.method != "GET" or not (is_bundle or body[:1] == b"{"):
            return body
        truth = told = body if is_bundle else json.loads(body)
        for lie in self._lies:
            told = lie.answered(request, told, is_everybody_gone=self._gone == len(self._known) > 0)
        if told == truth:
            return body
        assert isinstance(told, bytes | dict)
        return told if isinstance(told, bytes) else json.dumps(told).encode()

    def gone(self, way: Way) -> None:
        self._known.setdefault(way.number, Known())
        self._gone += 1
