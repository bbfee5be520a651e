"""Every key of a scenario once: name, kind, default, meaning. Reading, the schema and the manual are made from it."""

from dataclasses import dataclass
from typing import Any, Final

from knack_loadtest.crowd.faults import KINDS as FAULTS
from knack_loadtest.crowd.networks.profiles import PROFILES
from knack_loadtest.crowd.people.attempts import ATTEMPTS
from knack_loadtest.crowd.people.concerns import CONCERNS
from knack_loadtest.crowd.scenario import model
from knack_loadtest.crowd.scenario.kinds import (
    Choice,
    Choices,
    Duration,
    Kind,
    Mix,
    Rate,
    Share,
    Text,
    Texts,
    Truth,
    Whole,
)
from knack_loadtest.crowd.shapes import SHAPES, Arrive
from knack_loadtest.crowd.skills import SKILLS
from knack_protocol.rules.course import COURSES

REQUIRED: Final = object()
"""The default of a key that has to be there."""

PEOPLE_MAX: Final = 100_000
"""People of one group: more than a city has at its festival."""


HEATS_MAX: Final = 6
"""Heats of one series: with a rerun and the course itself as many standings as a phone may watch."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `field` is its name in the model: the unit is added there."""

    name: str
    field: str
    kind: Kind
    default: Any
    meaning: str


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a scenario: what it makes, its keys, whether it is one of several with names of their own."""

    title: str
    makes: type
    keys: tuple[Key, ...]
    named: bool
    meaning: str


def _key(name: str, kind: Kind, default: Any, meaning: str, field: str = "") -> Key:
    return Key(name, field or name, kind, default, meaning)


_COURSE = _key("course", Choice(tuple(COURSES)), "sprint", "Which course.")
_NETWORK = _key(
    "network",
    Mix(tuple(PROFILES)),
    model.CABLE,
    "Through which network they come, by name, or which share of them through which; `crowd list networks`.",
)
_COUNT = _key("count", Whole(0, PEOPLE_MAX), REQUIRED, "How many of them; `--scale` multiplies it.")

ARRIVE: Final = Section(
    "arrive",
    Arrive,
    (
        _key("shape", Choice(tuple(SHAPES)), "at_once", "In which shape they come."),
        _key("at", Duration(), 0, "When the first may come.", "at_ms"),
        _key("over", Duration(), 0, "For how long they come (ramp, spike, wave).", "over_ms"),
        _key("rate", Rate(), 0.0, "How many come (poisson).", "rate_per_s"),
        _key("step", Whole(1, PEOPLE_MAX), 0, "How many come at once (stairs)."),
        _key("every", Duration(), 0, "How often they do (stairs).", "every_ms"),
    ),
    named=False,
    meaning="When the people of a group come, whether the server is slow or not.",
)

FRAME: Final = Section(
    "scenario",
    model.Frame,
    (
        _key("name", Text(40), REQUIRED, "A short name, as in `crowd run NAME`."),
        _key("title", Text(80), REQUIRED, "What it is, in a few words."),
        _key("about", Text(), REQUIRED, "What it shows and what it costs."),
        _key("duration", Duration(), REQUIRED, "For how long people come and begin runs.", "duration_ms"),
        _key("seed", Whole(0, 2**53), 1, "What chance is drawn from; `--seed` replaces it."),
        _key("warmup", Duration(), 0, "The time at the beginning that no figure counts.", "warmup_ms"),
        _key(
            "ending",
            Choice(("finish", "abandon")),
            "finish",
            "What becomes of runs in play at the end: played to their end, or abandoned for a new one.",
        ),
        _key(
            "recorded",
            Text(4096),
            "",
            "The folder of an earlier run whose moves are made again, at the same times; `crowd replay` sets it.",
        ),
    ),
    named=False,
    meaning="The scenario itself.",
)

PLAYERS: Final = Section(
    "players",
    model.Players,
    (
        _COUNT,
        _key("skill", Choice(tuple(SKILLS)), REQUIRED, "How they play; `crowd list skills`."),
        _COURSE,
        _key("runs", Whole(0, 1000), 1, "How many runs each plays; 0: as many as the time allows."),
        _key("alone", Truth(), default=True, meaning="Whether they play runs alone; else heats only."),
        _key("gap", Duration(), 5000, "Between two runs.", "gap_ms"),
        _key(
            "pacing",
            Choice(("human", "metronome")),
            "human",
            "Moves after thinking (closed), or on a fixed schedule for capacity.",
        ),
        _key("every", Duration(), 2500, "Between the moves of one player (metronome).", "every_ms"),
        _key(
            "follows",
            Truth(),
            default=True,
            meaning="Whether their phone shows their place in the standings.",
        ),
        _key("go_at", Duration(), None, "When all start at once; else each when they came.", "go_at_ms"),
        _NETWORK,
    ),
    named=True,
    meaning="A group of players.",
)

WATCHERS: Final = Section(
    "watchers",
    model.Watchers,
    (
        _COUNT,
        _key("device", Choice(("screen", "phone")), REQUIRED, "A big screen is always held to the end."),
        _COURSE,
        _key("view", Choice(("top", "latest")), "top", "What it shows."),
        _key("heats", Text(80), None, "Whose standings it shows beside the course's, such as `heats.final`."),
        _key("sample", Share(), 1.0, "Which share of the phones measures when a move becomes visible."),
        _key("stays", Duration(), None, "How long each stays; else to the end.", "stays_ms"),
        _NETWORK,
    ),
    named=True,
    meaning="A group of watchers.",
)

MODERATORS: Final = Section(
    "moderators",
    model.Moderators,
    (
        _COUNT,
        _COURSE,
        _key("hide_name", Rate(), 0.0, "How often each hides a name, and shows it again.", "hide_name_per_s"),
        _key("void", Rate(), 0.0, "How often each voids a run.", "void_per_s"),
    ),
    named=True,
    meaning="A group of moderators; they need the organiser's desk token.",
)

VISITORS: Final = Section(
    "visitors",
    model.Visitors,
    (
        _COUNT,
        _key("rate", Rate(), REQUIRED, "How often each writes.", "rate_per_s"),
        _key("payloads", Choices(tuple(CONCERNS)), ("plain",), "What they write."),
    ),
    named=True,
    meaning="A group of visitors of the contact form.",
)

CHEATS: Final = Section(
    "cheats",
    model.Cheats,
    (
        _key("count", Whole(0, 1000), REQUIRED, "How many of each kind."),
        _COURSE,
        _key("kinds", Choices(tuple(ATTEMPTS)), tuple(ATTEMPTS), "What they try; `crowd list cheats`."),
    ),
    named=True,
    meaning="A group of cheats.",
)

HEATS: Final = Section(
    "heats",
    model.Heats,
    (
        _key("players", Text(80), REQUIRED, "Which group takes part, such as `players.casual`."),
        _key("share", Share(), 1.0, "Which share of it."),
        _COURSE,
        _key(
            "scope",
            Choice(("player", "heat")),
            "player",
            "Whether everybody has tiles of their own, or all the same.",
        ),
        _key("at", Duration(), REQUIRED, "When the first lobby is opened.", "at_ms"),
        _key(
            "lobby",
            Duration(),
            15_000,
            "For how long it is open at the most; the roster is frozen as soon as everybody is there.",
            "lobby_ms",
        ),
        _key("repeat", Whole(1, HEATS_MAX), 1, "How many heats one after another."),
        _key("gap", Duration(), 10_000, "Between the end of one and the lobby of the next.", "gap_ms"),
        _key("late", Share(), 0.0, "Which share of them comes when the roster is frozen, and only looks on."),
        _key(
            "lost",
            Share(),
            0.0,
            "Which share loses the line and comes back: half of them in the countdown, half while they play.",
        ),
        _key(
            "void_after",
            Duration(),
            None,
            "How long after its start the first heat is voided, to be played again; else none is.",
            "void_after_ms",
        ),
    ),
    named=True,
    meaning="Heats that people of a group play; they need the organiser's desk token.",
)

FAULT: Final = Section(
    "faults",
    model.Fault,
    (
        _key("at", Duration(), REQUIRED, "When.", "at_ms"),
        _key("kind", Choice(tuple(FAULTS)), REQUIRED, "What happens; `crowd list faults`."),
        _key(
            "who",
            Text(),
            "all",
            "To whom: `all`, a kind such as `watchers`, or a group such as `players.casual`.",
        ),
        _key("share", Share(), 1.0, "To which share of them."),
        _key(
            "within",
            Duration(),
            0,
            "Spread over how much time; the server is struck once, somewhere in it.",
            "within_ms",
        ),
        _key("rude", Share(), 0.0, "Which share comes back at once, without any patience."),
        _key("for", Duration(), 10_000, "For how long; a server is started again after it.", "for_ms"),
    ),
    named=False,
    meaning="Something that goes wrong on the way.",
)

EXPECT: Final = Section(
    "expect",
    model.Expect,
    (_key("thresholds", Texts(), (), "Such as `move_ack.p99 < 150ms`; `crowd list metrics`."),),
    named=False,
    meaning="What figures have to be; correctness is always expected.",
)

GROUPS: Final = (PLAYERS, WATCHERS, MODERATORS, VISITORS, CHEATS)
"""The sections that hold groups of people; each of them also has the table `arrive`."""

SECTIONS: Final = (FRAME, *GROUPS, HEATS, FAULT, EXPECT)
