"""What the moderators' acts come to, and what an undo of an undo does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knack_protocol.ids import EventId, PlayerId, RunId
from knack_server.core.acts import ActRefusal, Acts
from knack_server.core.facts import Acted, ActKind, ActNumber

EVENT = EventId("demo")
RUN, OTHER_RUN = RunId("run-a"), RunId("run-b")
ANNA = PlayerId("p-anna")


def act(acts: Acts, kind: str, target: str, text: str = "") -> Acted:
    """Write the next act down without taking it in."""
    return Acted(EVENT, acts.next_number, 1000, "kim", ActKind(kind), target, text, "because")


def acts_of(*lines: str) -> Acts:
    """Take acts in from lines `KIND TARGET [TEXT]`; none of them may be refused."""
    acts = Acts(EVENT)
    for line in lines:
        kind, target, *text = line.split(maxsplit=2)
        assert acts.add(act(acts, kind, target, *text)) is None, line
    return acts


def test_without_acts_nothing_is_voided_and_every_name_is_as_it_is() -> None:
    assert not Acts(EVENT).is_voided(RUN)
    assert Acts(EVENT).shown_name(ANNA) is None


@pytest.mark.parametrize(
    ("lines", "voided"),
    [
        (["void run-a"], True),
        (["void run-a", "restore run-a"], False),
        (["void run-a", "restore run-a", "void run-a"], True),
        (["void run-b"], False),
        (["void run-a", "undo 1"], False),
        (["void run-a", "undo 1", "undo 2"], True),
        (["void run-a", "undo 1", "undo 2", "undo 3"], False),
        (["void run-a", "restore run-a", "undo 2"], True),
        (["void run-a", "restore run-a", "undo 1"], False),
        (["void run-a", "void run-a", "undo 1"], True),
        (["void run-a", "undo 1", "undo 2", "undo 1", "undo 3", "undo 4"], False),
    ],
)
def test_the_last_act_in_effect_decides_about_a_run(lines: list[str], voided: bool) -> None:
    assert acts_of(*lines).is_voided(RUN) is voided


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (["hide_name p-anna"], ""),
        (["replace_name p-anna Anna B."], "Anna B."),
        (["hide_name p-anna", "replace_name p-anna A"], "A"),
        (["replace_name p-anna A", "hide_name p-anna"], ""),
        (["hide_name p-anna", "show_name p-anna"], None),
        (["replace_name p-anna A", "hide_name p-anna", "undo 2"], "A"),
        (["replace_name p-anna A", "hide_name p-anna", "undo 2", "undo 1"], None),
        (["hide_name p-ben"], None),
    ],
)
def test_the_last_act_in_effect_decides_about_a_name(lines: list[str], shown: str | None) -> None:
    assert acts_of(*lines).shown_name(ANNA) == shown


def test_a_run_and_a_player_of_the_same_id_are_two_targets() -> None:
    acts = acts_of("void run-a", "hide_name run-a", "undo 2")
    assert acts.is_voided(RUN)
    assert acts.shown_name(PlayerId("run-a")) is None


@pytest.mark.parametrize("target", ["0", "2", "3", "-1", "", "x", "01", "1.0", " 1", "²", "9" * 5000])
def test_an_undo_of_an_act_that_is_not_there_is_refused_and_changes_nothing(target: str) -> None:
    acts = acts_of("void run-a")
    assert acts.refusal(ActKind.UNDO, target) is ActRefusal.UNKNOWN_ACT
    assert acts.add(act(acts, "undo", target)) is ActRefusal.UNKNOWN_ACT
    assert len(acts) == 1
    assert acts.is_voided(RUN)


def test_undoing_twice_is_refused_until_the_undo_is_undone() -> None:
    acts = acts_of("void run-a", "undo 1")
    assert acts.add(act(acts, "undo", "1")) is ActRefusal.ALREADY_UNDONE
    assert acts.add(act(acts, "undo", "2")) is None
    assert acts.add(act(acts, "undo", "1")) is None
    assert not acts.is_voided(RUN)


def test_the_list_keeps_every_act_and_tells_which_are_in_effect() -> None:
    acts = acts_of("void run-a", "hide_name p-anna", "undo 1", "undo 3")
    assert [a.number for a in acts] == [1, 2, 3, 4]
    assert [acts.is_in_effect(a.number) for a in acts] == [True, True, False, True]
    assert len(acts) == 4


def test_the_root_of_a_chain_of_undos_names_the_target_that_changed() -> None:
    acts = acts_of("hide_name p-anna", "void run-a", "undo 2", "undo 3", "undo 4")
    assert [acts.root(a).target for a in acts] == ["p-anna", "run-a", "run-a", "run-a", "run-a"]


def test_acts_come_in_order_and_without_gaps() -> None:
    acts = Acts(EVENT)
    with pytest.raises(AssertionError, match="without gaps"):
        acts.add(Acted(EventId("demo"), ActNumber(2), 0, "kim", ActKind.VOID, RUN, "", ""))


def effect_by_recursion(acts: list[Acted], number: int) -> bool:
    """Say the definition again, word for word."""
    return not any(
        other.kind is ActKind.UNDO and other.target == str(number) and effect_by_recursion(acts, other.number)
        for other in acts
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["void", "restore", "undo", "undo", "undo"]),
            st.sampled_from([RUN, OTHER_RUN]),
            st.integers(0, 13),
        ),
        max_size=12,
    )
)
def test_any_acts_come_to_what_the_definition_says(moves: list[tuple[str, RunId, int]]) -> None:
    acts = Acts(EVENT)
    for kind, run, number in moves:
        next_act = act(acts, kind, str(number) if kind == "undo" else run)
        expected = None
        if kind == "undo" and not 1 <= number <= len(acts):
            expected = ActRefusal.UNKNOWN_ACT
        elif kind == "undo" and not effect_by_recursion(list(acts), number):
            expected = ActRefusal.ALREADY_UNDONE
        assert acts.add(next_act) is expected
    taken = list(acts)
    assert [acts.is_in_effect(a.number) for a in taken] == [
        effect_by_recursion(taken, a.number) for a in taken
    ]
    for run in (RUN, OTHER_RUN):
        kinds = [a.kind for a in taken if a.target == run and effect_by_recursion(taken, a.number)]
        assert acts.is_voided(run) is (kinds[-1:] == [ActKind.VOID])
