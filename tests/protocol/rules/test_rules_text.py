"""RULES.md is normative: every number in its tables and examples is read from the page and held against the engine."""

import hashlib
import hmac
import json
import re
from pathlib import Path

import pytest

from knack_protocol.ids import CourseName, EventId, PlayerId
from knack_protocol.proof import seeds
from knack_protocol.rules import log
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import COURSES, Course, Level, rules_document, rules_hash
from knack_protocol.rules.hashing import lp, tagged
from knack_protocol.rules.log import ConnectionKind, EndReason
from knack_protocol.rules.matching import points, windows
from knack_protocol.rules.numbers import MULTIPLIER_HALVES
from knack_protocol.rules.run import Run
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import legal_swap_count, legal_swaps

TEXT = (Path(__file__).parents[3] / "protocol/RULES.md").read_text()
EVENT, HEAT, PLAYER = EventId("demo"), "h1", PlayerId("p1")
RULES_HASH = hashlib.sha256(b"rules").digest()
SERVER_SEED = bytes(range(32))
COMMIT = seeds.commit(EVENT, HEAT, CourseName("sprint"), seeds.Scope.HEAT, RULES_HASH, SERVER_SEED)
SEED = seeds.seed(SERVER_SEED, EVENT, HEAT, b"stage:hello")
H0 = log.h0(EVENT, HEAT, PLAYER, COMMIT, RULES_HASH, 1_700_000_000_000, 0)


def block(name: str) -> list[str]:
    """Return the lines of the page's one block of that name."""
    (found,) = re.findall(rf"^```{name}\n(.*?)^```$", TEXT, flags=re.DOTALL | re.MULTILINE)
    return found.splitlines()


def values(name: str) -> dict[str, str]:
    """Return a block whose lines are a name, two or more spaces, and a value."""
    return dict(re.split(r"\s{2,}", line, maxsplit=1) for line in block(name))


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table that begins with this heading row, its rule left out."""
    lines = TEXT[TEXT.index(heading) :].split("\n\n", 1)[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [cells[0], *cells[2:]]


def sample_run() -> Run:
    return Run(Course(CourseName("sprint"), (Level(0, 4_000_000_000),)), SeededTiles(SEED), H0, 0)


def test_the_seeds() -> None:
    assert values("seeds") == {
        "commit": COMMIT.hex(),
        "seed": SEED.hex(),
        "player seed": seeds.player_seed(SEED, PLAYER).hex(),
        "H(0)": H0.hex(),
    }


def test_the_stream() -> None:
    message = tagged("stream") + lp("col") + bytes(12)
    symbols = SeededTiles(SEED).falling(0, 0, 0)
    assert values("stream") == {
        "message": message.hex(),
        "block": hmac.digest(SEED, message, "sha256").hex(),
        "symbols": "".join(map(str, symbols)),
    }


def test_the_first_board() -> None:
    board = SeededTiles(SEED).first_board(0)
    assert str(board).splitlines() == block("board")
    assert legal_swap_count(board.planes) == 9


def test_the_move() -> None:
    written = values("move")
    run = sample_run()
    outcome = run.move(900, 7, 1)
    hashed = bytes.fromhex(written["board8 of"])
    assert hashed[:11] == tagged("board")
    assert hashed[11:75] == run.board.symbols
    (event,) = outcome.events
    assert written["MOVE"] == event.payload.hex()
    assert hashlib.sha256(hashed).digest()[:8] == event.payload[-8:]
    assert written["H(1)"] == event.hash.hex()
    assert outcome.steps == ((b"", b"", b"", b"", b"", b"\4", b"\1", b"\0"),)
    assert outcome.lock_end_ms == 1_400


def test_the_run() -> None:
    lines = block("run")
    moves = [tuple(map(int, line.split())) for line in lines[1:9]]
    run, played, drawn = sample_run(), [], [0] * 8
    for _ in range(60):
        swap = legal_swaps(run.board)[0]
        outcome = run.move(run.lock_end_ms + 900, *swap)
        played.append((*swap, len(outcome.steps), outcome.points, outcome.score))
        drawn = [count + sum(len(step[c]) for step in outcome.steps) for c, count in enumerate(drawn)]
    assert played[:8] == moves
    assert lines[9] == f"score {run.score}, tiles drawn per column {' '.join(map(str, drawn))}, no shuffle"
    assert lines[10] == f"board {' '.join(str(run.board).split())}"
    assert lines[11] == f"H(60) {run.head.hex()}"
    assert run.shuffles == 0


def test_the_shuffles() -> None:
    tiles = SeededTiles(SEED)
    board = Board.of(bytes((2 * row + column) % 6 for row in range(8) for column in range(8)))
    expected = {
        f"z {z}": (f"attempt {attempt}", " ".join(str(shuffled).split()))
        for z in (0, 62)
        for attempt, shuffled in [tiles.shuffle(board, z)]
    }
    attempt, rescued = tiles.rescue(0)
    expected["rescue 0"] = (f"a {attempt}", " ".join(str(rescued).split()))
    assert {
        (line := re.split(r"\s{2,}", text))[0]: (line[1], line[2]) for text in block("shuffles")
    } == expected


def test_the_root_of_the_results() -> None:
    def leaf(i: int) -> bytes:
        last = hashlib.sha256(bytes([i])).digest()
        fields = lp(f"p{i}") + (100 * i).to_bytes(4, "big") + i.to_bytes(4, "big")
        return hashlib.sha256(b"\0" + fields + last).digest()

    def root(hashes: list[bytes]) -> bytes:
        if len(hashes) == 1:
            return hashes[0]
        split = 1 << (len(hashes) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()

    assert values("root") == {"root": root([leaf(i) for i in range(5)]).hex()}


def test_the_rules_hash_and_every_number_of_the_rules_file() -> None:
    assert block("rules-hash") == [rules_hash().hex()]
    document = json.loads(rules_document())
    assert document.pop("version") == "m3/1"
    document.pop("courses")
    flat = {
        f"`{group}.{name}`": ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for group, numbers in document.items()
        for name, value in numbers.items()
    }
    assert {key: value for key, value, _ in rows("| key | value | section |")[1:]} == flat


def test_what_matches_and_steps_pay() -> None:
    lengths, pays = rows("| length of a match |")
    for length, pay in zip(lengths[1:], pays[1:], strict=True):
        cells = [(2 * (i // 8) + i % 8) % 5 for i in range(64)]
        cells[: int(length)] = [5] * int(length)
        assert points(*windows(Board.of(bytes(cells)).planes)) == int(pay)
    _, multipliers = rows("| step | 1 |")
    assert [float(text) * 2 for text in multipliers[1:]] == list(MULTIPLIER_HALVES)


def test_the_courses() -> None:
    table = {cells[0].strip("`"): cells[1:] for cells in rows("| course | levels |")[1:]}
    assert table.keys() == COURSES.keys()
    for name, (count, _, time) in table.items():
        course = COURSES[CourseName(name)]
        assert len(course.levels) == int(count)
        assert {level.time_ms for level in course.levels} == {int(time.split()[0].replace(",", ""))}
    formula = table["climb"][1].split("`")[1].replace("·", "*").replace("²", "**2")
    assert [level.goal for level in COURSES[CourseName("climb")].levels] == [
        eval(formula, {"n": n}) for n in range(40)
    ]


@pytest.mark.parametrize("cells", rows("| event | bytes |")[1:], ids=lambda cells: cells[0])
def test_the_events(cells: list[str]) -> None:
    name, size, fields = cells
    widths = [{"u8": 1, "u16": 2, "u32": 4}.get(field.split()[-1], 8) for field in fields.split(", ")[1:]]
    assert 1 + sum(widths) == int(size)
    payload = bytes.fromhex(fields.split("`")[1]) + bytes(sum(widths))
    event = log.decode(payload)
    assert type(event).__name__.upper() == f"{name}EVENT"


def test_the_kinds_and_reasons() -> None:
    for value, kind, reason in rows("| value | kind of CONNECTION |")[1:]:
        assert ConnectionKind(int(value)).name.replace("_", " ").lower() in kind
        assert EndReason(int(value)).name.replace("_", " ").lower() == reason


def test_every_section_that_the_table_of_contents_names_is_there() -> None:
    for title, anchor in re.findall(r"^- \[(.+?)\]\(#(.+?)\)$", TEXT, flags=re.MULTILINE):
        assert re.search(rf"^## {re.escape(title)}$", TEXT, flags=re.MULTILINE)
        assert anchor == re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
