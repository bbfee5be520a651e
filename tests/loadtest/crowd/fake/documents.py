"""Lies in what a server answers over HTTP."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.loadtest.crowd.fake.hop import Request
from tests.loadtest.crowd.fake.liar import Lie

from knack_protocol.proof import bundle as bundles
from knack_protocol.proof.bundle import OpenBundle
from knack_protocol.rules import log
from knack_protocol.rules.log import MoveEvent


def _copied(document: Any) -> Any:
    return json.loads(json.dumps(document))


class FirstRow(Lie):
    """The first row of the API's standings has more points than anybody scored."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != "/api/standings" or not document["rows"]:
            return document
        changed = _copied(document)
        changed["rows"][0][4] += 30
        return changed


class MissingRow(Lie):
    """The last player is not in the API's standings."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != "/api/standings":
            return document
        changed = _copied(document)
        changed["rows"] = changed["rows"][:-1]
        return changed


class LateScore(FirstRow):
    """A score changes when everybody has gone home."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if not is_everybody_gone:
            return document
        return super().answered(request, document, is_everybody_gone=is_everybody_gone)


@dataclass
class LeakedKey(Lie):
    """A public document holds somebody's address."""

    path: str

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != self.path:
            return document
        return {**document, "contacts": [{"email": "ada.muster@example.org"}]}


class OtherKey(Lie):
    """The server names a key that never signed any of it."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        return {**document, "key": "11" * 32} if request.path == "/api/key" else document


class TouchedBundle(Lie):
    """One character of the bundle is another."""

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != "/api/bundle":
            return document
        return re.sub(
            rb'("t0_unix_ms":\d*)(\d)', lambda m: m[1] + (b"1" if m[2] != b"1" else b"2"), document, count=1
        )


class Rewritten(Lie):
    """The published record of some run has other events than it had."""

    def events(self, events: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Return the events that are published instead."""
        raise NotImplementedError

    def answered(self, request: Request, document: Any, *, is_everybody_gone: bool) -> Any:
        if request.path != "/api/bundle":
            return document
        bundle = bundles.unpack(document)
        assert isinstance(bundle, OpenBundle)
        runs = list(bundle.open.runs)
        for place, run in enumerate(runs):
            if sum(isinstance(log.decode(event), MoveEvent) for event in run.events) >= 2:
                runs[place] = replace(run, events=self.events(run.events))
                break
        return bundles.pack(replace(bundle, open=replace(bundle.open, runs=tuple(runs))))


def _last_move(events: Sequence[bytes]) -> int:
    return max(place for place, event in enumerate(events) if isinstance(log.decode(event), MoveEvent))


class ForgottenMove(Rewritten):
    """A move was acknowledged and is not in the record."""

    def events(self, events: tuple[bytes, ...]) -> tuple[bytes, ...]:
        place = _last_move(events)
        return events[:place] + events[place + 1 :]


class MoveTwice(Rewritten):
    """A move is in the record twice."""

    def events(self, events: tuple[bytes, ...]) -> tuple[bytes, ...]:
        place = _last_move(events)
        return events[: place + 1] + events[place:]


class LostLetter(Lie):
    """A visitor is thanked, and the organisers never hear of it."""

    def requested(self, request: Request) -> bytes | None:
        is_letter = (request.method, request.path) == ("POST", "/api/contact")
        return b'{"id": "c-nobodys"}' if is_letter else None
