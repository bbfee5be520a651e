import json
from random import Random
from typing import Any

from click.testing import CliRunner, Result

from knack_loadtest.detectors.characters import HONEST, LOCK_SPEED
from knack_loadtest.detectors.playing import Line, play_sprint
from knack_server.cli.flags import flags

SEED = b"\5" * 32


def document(player: str = "p-1", heat: str = "h-1", **changed: Any) -> dict[str, Any]:
    character = LOCK_SPEED if player == "p-bot" else HONEST[0]
    recording = play_sprint(character, Line(30), SEED, Random(player + heat), player, heat)
    return {**recording.document(), **changed}


def judged(*documents: dict[str, Any], arguments: tuple[str, ...] = ()) -> Result:
    lines = "\n".join(map(json.dumps, documents))
    return CliRunner().invoke(flags, ["-", *arguments], input=lines)


def test_every_run_has_a_line_in_the_order_of_the_file() -> None:
    result = judged(document("p-1"), document("p-bot"), document("p-2"), arguments=("--resamples", "20"))

    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert [report["run"] for report in reports] == ["h-1-p-1", "h-1-p-bot", "h-1-p-2"]
    assert [report["needs_review"] for report in reports] == [False, True, False]
    assert {report["resamples"] for report in reports} == {20}
    assert result.exit_code == 0


def test_a_heat_is_a_cohort_and_a_player_is_taken_together() -> None:
    result = judged(document("p-1"), document("p-2"), document("p-1", "h-2"))

    first, second, third = (json.loads(line) for line in result.stdout.splitlines())
    assert [report["others"] for report in (first, second, third)] == [1, 1, 0]
    runs = [
        next(flag for flag in report["flags"] if flag["kind"] == "leak_all")["facts"].get("runs")
        for report in (first, second, third)
    ]
    assert runs == [2, None, 2]


def test_what_is_no_run_is_said_in_one_line() -> None:
    seedless = document()
    del seedless["seed"]

    for wrong in (document(course="marathon"), seedless, document(seed="xx"), document(seed="00" * 32)):
        result = judged(wrong)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert result.stdout == ""
    assert CliRunner().invoke(flags, ["-"], input="{").exit_code == 2
