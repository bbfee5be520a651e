"""Heats beyond any one person: promised before anybody comes, and what everybody was told of them on the way."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from knack_client.api import Api
from knack_client.errors import HttpError
from knack_loadtest.crowd.scenario.model import Heats
from knack_protocol.wire.messages import Heat


class NoHeats(Exception):
    """The heats of a plan cannot be played on this server; the text says why."""


@dataclass(frozen=True, slots=True)
class Promised:
    """The signed list of commitments as it was before anybody came, the signature as hex."""

    text: str
    signature: str


async def promise(api: Api, series: Iterable[Heats]) -> Promised:
    """Have the server commit to all heats and their reruns, and publish the list.

    Raises:
        NoHeats: the list of this event is out already, or another reason of the desk's.
        Unreachable: the server does not answer.
    """
    try:
        for heats in series:
            for heat in heats.ids:
                form = {"heat": heat, "course": heats.course, "scope": heats.scope, "reruns": heats.reruns}
                await api.post("/api/desk/heats", form)
        await api.post("/api/desk/commitments", {})
        told = await api.get("/api/commitments")
    except HttpError as refused:
        raise NoHeats(f"the desk did not take the heats: {refused}") from refused
    return Promised(str(told["text"]), str(told["signature"]))


@dataclass(slots=True)
class HeatWord:
    """What HEAT said of one heat, whoever heard it; hex where it is bytes, empty while it was not said."""

    heat: str
    course: str = ""
    scope: int = 0
    commit: str = ""
    roster_hash: str = ""
    public: str = ""
    t0_unix_ms: int = 0
    was_frozen_first: bool = False
    """Whether somebody heard the roster's hash before there was a public part."""

    def merge(self, other: "HeatWord") -> str:
        """Take in what somebody else heard; say what does not agree, or nothing."""
        for name in _SAID:
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine and theirs and mine != theirs:
                return f"{self.heat} has two of {name}: {mine} and {theirs}"
            setattr(self, name, mine or theirs)
        self.was_frozen_first |= other.was_frozen_first
        return ""

    def packed(self) -> dict[str, Any]:
        """Return plain values to send."""
        return asdict(self)


_SAID = [field.name for field in fields(HeatWord) if field.name not in {"heat", "was_frozen_first"}]


def word_of(message: Heat) -> HeatWord:
    """Return what one HEAT says."""
    return HeatWord(
        message.heat,
        message.course,
        int(message.scope),
        message.commit.hex(),
        message.roster_hash.hex(),
        message.public,
        message.t0_unix_ms,
        bool(message.roster_hash) and not message.public,
    )


def put_together(words: dict[str, HeatWord], heard: Sequence[HeatWord]) -> list[str]:
    """Add what was heard to what is known of each heat; returns what does not agree."""
    wrong = [words.setdefault(word.heat, HeatWord(word.heat)).merge(word) for word in heard]
    return [text for text in wrong if text]
