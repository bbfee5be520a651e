import pytest

from knack_protocol.ids import EventId, HeatId, RunId
from knack_protocol.proof.acts import first_head, next_head
from knack_protocol.proof.bundle import Act, ActKind
from knack_protocol.proof.decisions import ACTS_MAX, ActFault, Decisions

DEMO, R1, R2, H1 = EventId("demo"), RunId("r1"), RunId("r2"), HeatId("h1")


def decided(*acts: tuple[ActKind, str]) -> Decisions:
    return Decisions(
        DEMO,
        [
            Act(number=number, at_unix_ms=1000 + number, kind=kind, target=target)
            for number, (kind, target) in enumerate(acts, start=1)
        ],
    )


VOID, RESTORE, UNDO = ActKind.VOID, ActKind.RESTORE, ActKind.UNDO


def test_the_last_act_on_a_run_decides() -> None:
    assert not decided().is_run_voided(R1)
    assert decided((VOID, R1)).is_run_voided(R1)
    assert not decided((VOID, R1)).is_run_voided(R2)
    assert not decided((VOID, R1), (RESTORE, R1)).is_run_voided(R1)
    assert decided((VOID, R1), (RESTORE, R1), (VOID, R1)).is_run_voided(R1)


def test_an_undone_act_never_was_and_an_undone_undo_neither() -> None:
    assert not decided((VOID, R1), (UNDO, "1")).is_run_voided(R1)
    assert decided((VOID, R1), (UNDO, "1"), (UNDO, "2")).is_run_voided(R1)
    assert not decided((VOID, R1), (UNDO, "1"), (UNDO, "2"), (UNDO, "3")).is_run_voided(R1)
    assert decided((VOID, R1), (RESTORE, R1), (UNDO, "2")).is_run_voided(R1)
    assert not decided((VOID, R1), (UNDO, "1"), (UNDO, "2"), (UNDO, "1")).is_run_voided(R1)


def test_a_voided_heat_is_another_matter_than_a_voided_run() -> None:
    acts = decided((ActKind.VOID_HEAT, "r1"), (ActKind.HIDE_NAME, "r1"))
    assert not acts.is_run_voided(R1)
    assert acts.is_heat_voided(HeatId("r1"))
    assert not decided((ActKind.VOID_HEAT, H1), (UNDO, "1")).is_heat_voided(H1)


def test_what_was_ever_voided_is_remembered_though_it_was_undone() -> None:
    acts = decided((VOID, R1), (UNDO, "1"), (ActKind.VOID_HEAT, H1))
    assert acts.was_voided(R1, None)
    assert acts.was_voided(R2, H1)
    assert not acts.was_voided(R2, None)
    assert not acts.was_voided(R2, HeatId("h2"))


@pytest.mark.parametrize(
    ("target", "says"),
    [("2", "no earlier act"), ("0", "no earlier act"), ("01", "no earlier act"), ("r1", "no earlier act"),
     ("3", "no earlier act"), ("1" * 30, "no earlier act"), ("²", "no earlier act")],
)  # fmt: skip
def test_an_undo_of_nothing_is_no_act(target: str, says: str) -> None:
    with pytest.raises(ActFault, match=says):
        decided((VOID, R1), (UNDO, target))


def test_nothing_is_undone_twice() -> None:
    with pytest.raises(ActFault, match="act 3: undoes act 1, which is not in effect"):
        decided((VOID, R1), (UNDO, "1"), (UNDO, "1"))


def test_numbers_have_no_gaps() -> None:
    with pytest.raises(ActFault, match="act 1: carries number 2"):
        Decisions(DEMO, [Act(number=2, at_unix_ms=0, kind=VOID, target="r1")])


def test_there_are_never_more_acts_than_a_desk_does() -> None:
    with pytest.raises(ActFault, match="more than"):
        decided(*[(VOID, "r1")] * (ACTS_MAX + 1))


def test_heads_are_the_chain_over_the_acts() -> None:
    heads = decided((VOID, R1), (UNDO, "1")).heads
    first = first_head(DEMO)
    second = next_head(first, 1, 1001, "void", "r1")
    assert heads == [first, second, next_head(second, 2, 1002, "undo", "1")]
