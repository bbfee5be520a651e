"""Which names may be taken, which look the same, and what is offered instead."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knack_server.core.names import NameBook, NameFault, NameOk, NameRefused, Skeletons, check_name, suggest
from knack_server.shell.confusables import load_confusables

SKELETONS = load_confusables()


def stored(text: str) -> str:
    checked = check_name(text, SKELETONS)
    assert isinstance(checked, NameOk), checked
    return checked.name


def refused(text: str) -> NameFault:
    checked = check_name(text, SKELETONS)
    assert isinstance(checked, NameRefused), checked
    return checked.reason


def clash(one: str, other: str) -> bool:
    book = NameBook(SKELETONS)
    book.add(stored(one))
    return book.is_taken(stored(other))


@pytest.mark.parametrize(
    "name",
    ["Al", "Müller", "Nguyễn Thị Ánh", "Ὀδυσσεύς", "Анна", "יעל", "محمد", "मोहित", "田中", "김민준", "O'Neill", "x_X-9", "🦊 Fuchs", "👍🏽ok", "🇩🇪🇩🇪"],
)  # fmt: skip
def test_names_of_the_world_are_taken_as_they_are(name: str) -> None:
    assert stored(name) == unicodedata.normalize("NFC", name)


def test_a_name_is_composed_trimmed_and_its_spaces_single() -> None:
    assert stored("  Zoe\u0308 \u00a0\u3000 K  ") == "Zoë K"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", NameFault.TOO_SHORT),
        ("   ", NameFault.TOO_SHORT),
        ("A", NameFault.TOO_SHORT),
        ("e\u0323\u0302", NameFault.TOO_SHORT),
        ("A" * 21, NameFault.TOO_LONG),
        ("A" * 100_000, NameFault.TOO_LONG),
        ("An\u202ena", NameFault.CHARACTERS),
        ("\u2066Anna\u2069", NameFault.CHARACTERS),
        ("An\u200bna", NameFault.CHARACTERS),
        ("An\u00adna", NameFault.CHARACTERS),
        ("An\tna", NameFault.CHARACTERS),
        ("Anna\n", NameFault.CHARACTERS),
        ("An\u0000na", NameFault.CHARACTERS),
        ("An\u2028na", NameFault.CHARACTERS),
        ("An\u2029na", NameFault.CHARACTERS),
        ("Anna\ufe0f", NameFault.CHARACTERS),
        ("Anna\U000e0101", NameFault.CHARACTERS),
        ("Anna\U000e0041", NameFault.CHARACTERS),
        ("\u3164\u3164\u3164", NameFault.CHARACTERS),
        ("\u115f\u1160", NameFault.CHARACTERS),
        ("\u2800\u2800", NameFault.CHARACTERS),
        ("An\u034fna", NameFault.CHARACTERS),
        ("An\ud800na", NameFault.CHARACTERS),
        ("An\ue000na", NameFault.CHARACTERS),
        ("An\uffffna", NameFault.CHARACTERS),
        ("A\u0301\u0302\u0303nna", NameFault.MARKS),
        ("\u00e9\u0302\u0303nna", NameFault.MARKS),
        ("\u0301Anna", NameFault.MARKS),
        ("An \u0301na", NameFault.MARKS),
    ],
)
def test_a_name_is_refused_for_one_reason(text: str, fault: NameFault) -> None:
    assert refused(text) is fault


def test_limits_count_visible_characters_not_code_points() -> None:
    assert stored("A" * 20) == "A" * 20
    twenty = "x\u0323\u0302" * 20
    assert stored(twenty) == unicodedata.normalize("NFC", twenty)
    assert refused(twenty + "x") is NameFault.TOO_LONG


def test_a_letter_that_some_alphabet_composes_of_three_marks_is_a_letter() -> None:
    assert stored("\u1f85δω") == "\u1f85δω"


def test_the_widest_name_fits_the_wire() -> None:
    eighth_note = (
        "\U0001d160"  # NFC takes it apart: a base and two marks of four bytes each, the widest there is
    )

    assert len(stored(eighth_note * 20).encode()) == 240


def test_no_character_is_accepted_that_shows_nothing() -> None:
    accepted = [
        chr(code)
        for code in range(0x110000)
        if isinstance(check_name("a" + chr(code) + "b", SKELETONS), NameOk) and code != 0x20
    ]

    silent = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not [c for c in accepted if unicodedata.category(c) in silent]
    assert not [
        c for c in accepted if " SELECTOR" in unicodedata.name(c, "") and unicodedata.category(c) == "Mn"
    ]
    blank = [
        c for c in accepted if "BLANK" in (words := unicodedata.name(c, "").split()) or "FILLER" in words
    ]
    # These have BLANK or FILLER in their names and yet show something: a sign for a blank, marks that fill a line.
    assert {ord(c) for c in blank} <= {0x2422, 0xA8F9, 0x10AF6, 0x1144E, 0x11945, 0x11F48}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "anna"),
        ("Anna", "ANNA"),
        ("Anna", "\u0410nna"),
        ("anna", "\u0430nn\u0430"),
        ("Max", "\u041c\u0430\u0445"),
        ("Ivan", "lvan"),
        ("Ivan", "ivan"),
        ("Bob", "B0b"),
        ("modern", "rnodern"),
        ("Мария", "мария"),
        ("ΣΟΦΙΑ", "σοφια"),
        ("Straße", "STRASSE"),
        ("fisch", "\ufb01sch"),
        ("Anna", "\uff21\uff2e\uff2e\uff21"),
        ("Zoë", "Zoe\u0308"),
    ],
)
def test_names_that_can_be_mistaken_for_one_another_clash(one: str, other: str) -> None:
    assert clash(one, other)
    assert clash(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Elia", "Ella"),
        ("Lia", "Ila"),
        ("Jan", "Jana"),
        ("Muller", "Müller"),
        ("Anna", "Anna 2"),
        ("Mia", "Mila"),
    ],
)
def test_names_that_differ_to_the_eye_may_stand_beside_one_another(one: str, other: str) -> None:
    assert not clash(one, other)


@given(st.text(max_size=40))
def test_a_skeleton_is_its_own_skeleton(text: str) -> None:
    once = SKELETONS.skeleton(text)

    assert SKELETONS.skeleton(once) == once


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_a_name_once_accepted_is_accepted_unchanged_ever_after(text: str) -> None:
    checked = check_name(text, SKELETONS)

    if isinstance(checked, NameOk):
        assert check_name(checked.name, SKELETONS) == checked


def test_reducing_ends_for_every_character_there_is() -> None:
    for code in range(0x110000):
        reduced = SKELETONS.skeleton(chr(code))
        assert SKELETONS.skeleton(reduced) == reduced


def test_a_taken_name_gets_the_first_free_number() -> None:
    assert suggest("Anna", {"Anna"}.__contains__) == "Anna 2"
    assert suggest("Anna", {"Anna", "Anna 2", "Anna 3"}.__contains__) == "Anna 4"
    assert suggest("Anna 2", {"Anna 2", "Anna"}.__contains__) == "Anna 3"


def test_a_suggestion_is_a_name_that_may_be_taken() -> None:
    book = NameBook(SKELETONS)
    for name in ("Bartholomäus Müller", "B" * 20, "ABCDEFGHIJKLMNOPQ RS", "x\u0323\u0302" * 20):
        book.add(stored(name))
        free = book.suggest(stored(name))
        assert stored(free) == free
        assert not book.is_taken(free)


def test_a_suggestion_for_a_crowded_name_costs_few_questions() -> None:
    asked: list[str] = []

    def is_taken(name: str) -> bool:
        asked.append(name)
        return int(name.removeprefix("Anna ")) <= 5_000

    assert suggest("Anna", is_taken) == "Anna 5001"
    assert len(asked) < 30


def test_a_suggestion_is_free_by_its_looks_too() -> None:
    book = NameBook(SKELETONS)
    book.add("Ann\u0430")
    book.add("anna 2")

    assert book.suggest("Anna") == "Anna 3"


def test_the_vendored_table_is_the_whole_one() -> None:
    assert SKELETONS.version == "16.0.0"
    assert SKELETONS.skeleton("\u05ad") == "\u0596"
    assert SKELETONS.skeleton("\u2fd5") == "\u9fa0"


def test_a_table_without_version_is_not_read() -> None:
    with pytest.raises(ValueError, match="version"):
        Skeletons.parse("0430 ; 0061 ; MA\n")
