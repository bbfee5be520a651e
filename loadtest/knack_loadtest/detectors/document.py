"""docs/detectors.md, and the same figures as the server's module: written from a measurement, by nobody's hand."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from knack_loadtest.detectors.characters import (
    CHEATS,
    HONEST,
    KNOWING,
    LOCK_SPEED,
    METRONOME,
    TWIN,
    Character,
)
from knack_loadtest.detectors.halls import CASUAL, HEATS, MIXED, ROUND_TRIP_MEDIAN_MS, Crowd
from knack_loadtest.detectors.intervals import Interval
from knack_loadtest.detectors.tally import ANY, LEAK_ENTRY, REVIEW, Tally

COMMAND: Final = "python -m knack_loadtest.detectors"

MEANT_FOR: Final = {
    "leak": KNOWING,
    "leak_all": KNOWING,
    "reaction": LOCK_SPEED,
    "quick_reactions": LOCK_SPEED,
    "cadence": METRONOME,
    "streak": METRONOME,
    "riding": LOCK_SPEED,
    "best": METRONOME,
    "speed": LOCK_SPEED,
    "twin": TWIN,
}
"""The cheat whose rate a moderator is told as a detector's power."""

_WEIGHTS: Final = {"alone": "review", "in_pairs": "with another", "remark": "remark"}
_SIDES: Final = {"at_least": "≥", "below": "<"}
_PAGE: Final = """\
# Detectors

<!-- Written by `{command}`; not to be edited. -->

What marks a run for moderators, from when on, how often honest players get the mark and how often cheats do. A flag
decides nothing: it says which replay deserves a look, and nobody but the desk sees it.

## Thresholds

Weight says what a flag asks for: a *review* of the replay by itself, a review *with another* flag of a different kind, or
nothing, because it is a mere *remark*.

{thresholds}

Honest runs with any flag: {any}. Honest runs that ask for a review: {review}.

## Leak test over an entry

An entry is {heats} sprints. It is flagged when one of them is, or all of them together.

- Seed known, one swap looked ahead: {knowing}.
- Honest, all four kinds: {honest}.

## Power

Runs flagged (for `leak_all` entries) with the 95 % interval; 0 stands for none.

{mixed_halls} mixed halls, each of {mixed_crowd}:

{mixed}

{casual_halls} casual halls, each of {casual_crowd}:

{casual}

## Who plays

{characters}

Everybody plays sprints over a line with a round trip of {round_trip_ms} ms (median, log-normal), with jitter and stalls.
Intervals are those of Clopper and Pearson, which err on the wide side.

## Limits

- **The honest players are bots of ours.** Nobody has measured people at this board yet. What is exact is the leak test:
  its rate does not depend on how anybody plays. All other thresholds stand where these bots and known limits of people put
  them, and should be looked at again after a practice session of 200 human runs.
- **An even cadence is no proof.** It makes a run stand in the list; a review it asks for only together with another
  flag, because rhythm is a way to play.
- **`best` needs a hall to stand out from.** Where honest experts find every best swap at sight, finding them all is no
  sign; its power is that of the casual halls.
- **`humanised` goes undetected.** A program that plays what a good player would play, hardly faster and as unevenly,
  leaves nothing in a log. That is why prize places are decided on the organiser's devices.
- **`leak` shows knowledge, not its source.** A look at a neighbour's screen in a heat of scope `heat` counts as well.
- The players of a hall share its tiles: two knowing entries of one hall are not quite independent, and the intervals take
  them for independent.

## Measured again

`{command}` lets the halls play, four minutes of one core, and writes this page and
the figures that the desk shows anew.
"""


def render(mixed: Tally, casual: Tally, halls: tuple[int, int]) -> str:
    """Return the document; `halls` are how many mixed and casual ones were measured."""
    characters = [(f"`{who.name}`", who.meaning, _pace(who)) for who in (*HONEST, *CHEATS)]
    return _PAGE.format(
        command=COMMAND,
        thresholds=_table(
            ("flag", "what is measured", "flags at", "weight", "honest runs flagged (95 % interval)"),
            [_threshold_row(flag, mixed) for flag in mixed.table],
        ),
        any=_words(mixed.rate(HONEST, ANY)),
        review=_words(mixed.rate(HONEST, REVIEW)),
        heats=HEATS,
        knowing=_words(mixed.rate([KNOWING], LEAK_ENTRY)),
        honest=_words(mixed.rate(HONEST, LEAK_ENTRY)),
        mixed_halls=halls[0],
        mixed_crowd=_crowd(MIXED),
        mixed=_power_table(mixed),
        casual_halls=halls[1],
        casual_crowd=_crowd(CASUAL),
        casual=_power_table(casual),
        characters=_table(("name", "somebody who …", "think time"), characters),
        round_trip_ms=ROUND_TRIP_MEDIAN_MS,
    )


def render_module(mixed: Tally, casual: Tally) -> str:
    """Return the module that the server knows its detectors' rates from."""
    kinds = [flag["kind"] for flag in mixed.table]
    honest = "\n".join(f"    Kind.{kind.upper()}: {_rate(mixed.rate(HONEST, kind))}," for kind in kinds)
    power = "\n".join(
        f'    Kind.{kind.upper()}: Power("{who.name}", {_rate((casual if kind == "best" else mixed).rate([who], kind))}),'
        for kind, who in MEANT_FOR.items()
    )
    return f'''"""How often simulated honest players have each flag, and the cheats that it is meant for.

Written by `{COMMAND}`, as docs/detectors.md is; not to be edited.
"""

from typing import Final

from knack_server.core.flags.detectors import Kind
from knack_server.core.flags.rate import Power, Rate

HONEST: Final = {{
{honest}
}}

POWER: Final = {{
{power}
}}

ANY: Final = {_rate(mixed.rate(HONEST, ANY))}
REVIEW: Final = {_rate(mixed.rate(HONEST, REVIEW))}
'''


def _threshold_row(flag: dict[str, Any], tally: Tally) -> tuple[str, ...]:
    side = "–" if flag["weight"] == "remark" else f"{_SIDES[flag['sense']]} {flag['threshold']:g}"
    rate = tally.rate(HONEST, flag["kind"])
    return f"`{flag['kind']}`", flag["measures"], side, _WEIGHTS[flag["weight"]], _counted(rate)


def _power_table(tally: Tally) -> str:
    kinds = [flag["kind"] for flag in tally.table if flag["weight"] != "remark"]
    present = [who for who in (*HONEST, *CHEATS) if tally.runs[who]]
    rows = [
        (f"`{kind}`", *(_percent(tally.rate([who], kind)) for who in present))
        for kind in [*kinds, ANY, REVIEW]
    ]
    return _table(("flag", *(f"`{who.name}`" for who in present)), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _crowd(crowd: Crowd) -> str:
    return ", ".join(f"{count} {who.name}" for who, count in crowd.items())


def _pace(who: Character) -> str:
    if who.pace.median_ms == 0:
        return f"none, {who.ahead_ms} ms ahead" if who.ahead_ms else "none"
    spread = f"σ {who.pace.sigma:g} of its logarithm" if who.pace.sigma else "always"
    return f"{who.pace.median_ms} ms, {spread}"


def _counted(rate: Interval) -> str:
    return f"{rate.flagged:,} of {rate.of:,} ({_share(rate.least)} to {_share(rate.most)})"


def _words(rate: Interval) -> str:
    return f"{rate.flagged:,} of {rate.of:,} (95 % interval {_share(rate.least)} to {_share(rate.most)})"


def _percent(rate: Interval) -> str:
    if not rate.flagged:
        return "0"
    return f"{100 * rate.flagged / rate.of:.0f} % ({100 * rate.least:.0f}–{100 * rate.most:.0f})"


def _share(rate: float) -> str:
    return f"{100 * rate:.2g} %" if rate < 0.1 else f"{100 * rate:.1f} %"


def _rate(rate: Interval) -> str:
    return f"Rate({rate.flagged}, {rate.of}, {rate.least:.6f}, {rate.most:.6f})"
