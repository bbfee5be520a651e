import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from knack_server.cli.commands import knackpunkt
from knack_server.cli.verify import verify

FOLDER = Path(__file__).parents[3] / "protocol/vectors/proof"
EVENT, HELD, LISTED = (
    str(FOLDER / name) for name in ("event.bundle.json", "ada.held.json", "event.commitments.txt")
)
FINGERPRINT = "24f6 ed6a cbfe 1009 c030 d7ca 567c 33ca"

WITHOUT_THE_HOUSE = """
import sys
from importlib.abc import MetaPathFinder

class Nothing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] not in ALLOWED and name.split(".")[0] not in sys.stdlib_module_names:
            raise ImportError(name)

ALLOWED = {"knack_protocol", "cryptography", "_cffi_backend", "cffi"}
sys.meta_path.insert(0, Nothing())
for name in [name for name in sys.modules if name.startswith("knack_")]:
    del sys.modules[name]
from pathlib import Path
from knack_protocol.proof.verify import verify
print(*verify(Path(sys.argv[1]).read_bytes()).lines(), sep="\\n")
"""


def check(*arguments: str) -> Result:
    return CliRunner().invoke(verify, arguments)


def last(result: Result) -> str:
    return result.stdout.splitlines()[-1]


def test_without_anchors_a_good_bundle_is_consistent_only_and_says_what_would_tell() -> None:
    result = check(EVENT)
    assert (result.exit_code, last(result)) == (0, "OK, consistent only")
    assert all(option in result.stdout for option in ("--key", "--commitments", "--held"))


@pytest.mark.parametrize(
    "anchors",
    [["--key", FINGERPRINT], ["--commitments", LISTED], ["--held", HELD], ["--held", HELD, "--held", HELD]],
)
def test_with_an_anchor_that_agrees_it_is_anchored(anchors: list[str]) -> None:
    result = check(EVENT, *anchors)
    assert (result.exit_code, last(result)) == (0, "OK, anchored")


def test_the_first_thing_that_is_wrong_is_the_last_line() -> None:
    result = check(str(FOLDER / "wrong-commit.bundle.json"))
    assert (result.exit_code, last(result)) == (
        1,
        "WRONG (commit): heat h1: the revealed seed is not the one that was promised",
    )


def test_what_contradicts_an_anchor_is_wrong() -> None:
    result = check(EVENT, "--key", "0" * 32)
    assert result.exit_code == 1
    assert last(result).startswith("WRONG (anchor_key)")
    result = check(str(FOLDER / "forged-act.bundle.json"), "--held", HELD)
    assert result.exit_code == 1
    assert last(result).startswith("WRONG (anchor_held): held file ada.held.json: ")


def test_a_file_that_is_no_bundle_is_wrong_and_one_that_is_not_there_unreadable() -> None:
    assert check(HELD).exit_code == 1
    result = check(str(FOLDER / "nothing.json"))
    assert result.exit_code == 2
    assert "nothing.json: No such file or directory" in result.stderr


@pytest.mark.parametrize(
    ("anchors", "says"),
    [
        (["--key", "abc"], "--key: a fingerprint has 32 hex digits"),
        (["--commitments", HELD], "ada.held.json: no list of commitments"),
        (["--held", LISTED], "event.commitments.txt: no JSON"),
        (["--held", "/nowhere"], "/nowhere: No such file or directory"),
        (["--held", "."], "Is a directory"),
    ],
)
def test_an_anchor_that_cannot_be_read_is_the_callers_mistake(anchors: list[str], says: str) -> None:
    result = check(EVENT, *anchors)
    assert result.exit_code == 2
    assert says in result.stderr


def test_every_time_the_server_was_away_is_listed() -> None:
    result = check(str(FOLDER / "heat-interrupted.bundle.json"))
    assert "note: heat h1: interrupted: the server was away; the clock went on at 40.000 s" in result.stdout


def test_verify_is_a_command_of_the_house() -> None:
    assert knackpunkt.commands["verify"] is verify


def test_the_check_needs_the_protocol_and_cryptography_and_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_HOUSE, EVENT], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "OK, consistent only"
