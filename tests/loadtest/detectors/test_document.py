"""docs/detectors.md is what its generator writes, with the server's thresholds of today, and so are the desk's figures."""

import re
from pathlib import Path

import pytest

from knack_loadtest.detectors.__main__ import CASUAL_HALLS, DOCUMENT, MIXED_HALLS, MODULE
from knack_loadtest.detectors.characters import CHEATS, HONEST
from knack_loadtest.detectors.document import MEANT_FOR, render, render_module
from knack_loadtest.detectors.halls import Crowd
from knack_loadtest.detectors.tally import Tally
from knack_server.core.flags.detectors import DETECTORS, Sense, Weight
from knack_server.core.flags.measured import ANY, POWER, REVIEW
from knack_server.core.flags.measured import HONEST as HONEST_RATES

ROOT = Path(__file__).parents[3]
RATE = re.compile(
    r"[\d,]+ of [\d,]+ \((?:95 % interval )?[\d.e-]+ % to [\d.]+ %\)|\d+ % \(\d+–\d+\)|(?<=\| )0(?= \|)"
)
FIGURES = re.compile(r"Rate\([\d., ]+\)")


@pytest.fixture(scope="module")
def tallies() -> tuple[Tally, Tally]:
    mixed, casual = Tally(), Tally()
    everybody: Crowd = dict.fromkeys((*HONEST, *CHEATS), 1)
    mixed.add_hall(everybody, 9_000)
    casual.add_hall({who: 1 for who in everybody if who not in HONEST[2:]}, 9_001)
    return mixed, casual


def test_the_document_is_of_the_generators_form_with_the_thresholds_of_today(
    tallies: tuple[Tally, Tally],
) -> None:
    written = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    rendered = render(*tallies, (MIXED_HALLS, CASUAL_HALLS))

    assert RATE.sub("…", written) == RATE.sub("…", rendered)


def test_the_servers_figures_are_of_the_generators_form(tallies: tuple[Tally, Tally]) -> None:
    written = (ROOT / MODULE).read_text(encoding="utf-8")

    assert FIGURES.sub("…", written) == FIGURES.sub("…", render_module(*tallies))


def test_the_document_and_the_desk_tell_the_same_figures() -> None:
    written = (ROOT / DOCUMENT).read_text(encoding="utf-8")

    for kind, power in POWER.items():
        rows = re.findall(
            rf"^\| `{kind}` \|.*\b{round(100 * power.rate.flagged / power.rate.of)} % \(",
            written,
            re.MULTILINE,
        )
        assert rows, kind
        assert power.cheat == MEANT_FOR[kind].name
    assert max(rate.flagged for rate in (*HONEST_RATES.values(), ANY, REVIEW)) <= 0.002 * ANY.of


def test_every_threshold_stands_in_the_document() -> None:
    written = (ROOT / DOCUMENT).read_text(encoding="utf-8")

    for detector in DETECTORS:
        side = "<" if detector.sense is Sense.BELOW else "≥"
        at = "–" if detector.weight is Weight.REMARK else f"{side} {detector.threshold:g}"
        assert f"| `{detector.kind}` | {detector.measures} | {at} |" in written
