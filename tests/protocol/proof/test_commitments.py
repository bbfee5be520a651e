import pytest

from knack_protocol.ids import CourseName, EventId, HeatId
from knack_protocol.proof import commitments
from knack_protocol.proof.commitments import Commitment
from knack_protocol.proof.form import Malformed
from knack_protocol.proof.seeds import Scope
from knack_protocol.proof.signing import Signer

DEMO, SPRINT = EventId("demo"), CourseName("sprint")
H1, H1_R1 = HeatId("h1"), HeatId("h1-r1")
PROMISES = [
    Commitment(H1, SPRINT, Scope.PLAYER, b"\1" * 32),
    Commitment(H1_R1, SPRINT, Scope.HEAT, b"\2" * 32),
]
TEXT = f"m3/1 commitments\ndemo\nh1 sprint player {'01' * 32}\nh1-r1 sprint heat {'02' * 32}\n"
SIGNER = Signer(bytes(32))


def test_the_list_is_the_text_of_the_rules_and_comes_back() -> None:
    assert commitments.text_of(DEMO, PROMISES) == TEXT
    assert list(commitments.parse(DEMO, TEXT).values()) == PROMISES
    assert commitments.parse(DEMO, "m3/1 commitments\ndemo\n") == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m3/1 commitments\n",
        TEXT[:-1],
        TEXT + "\n",
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("m3/1 commitments", "m3/2 commitments"),
        TEXT.replace("demo", "demo2"),
        TEXT.replace("h1-r1", "h1"),
        TEXT.replace("h1-r1", "run-1"),
        TEXT.replace("h1-r1", "H1"),
        TEXT.replace("sprint heat", "sprint  heat"),
        TEXT.replace("heat", "all"),
        TEXT.replace("01" * 32, "01" * 31),
        TEXT.replace("01" * 32, "0A" * 32),
    ],
)
def test_what_is_no_list_of_this_event_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        commitments.parse(DEMO, text)


def test_a_published_file_is_the_list_and_its_signature_in_a_last_line() -> None:
    signature = SIGNER.sign(TEXT.encode())
    data = commitments.published(TEXT, signature)
    assert data == TEXT.encode() + b"signature " + signature.hex().encode() + b"\n"
    listed = commitments.parse_published(data)
    assert (listed.text, listed.signature) == (TEXT, signature)
    assert commitments.is_genuine(TEXT, SIGNER.key, signature)
    assert not commitments.is_genuine(TEXT + "x", SIGNER.key, signature)


def test_the_list_alone_will_do() -> None:
    listed = commitments.parse_published(TEXT.encode())
    assert (listed.text, listed.signature) == (TEXT, None)


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}", TEXT.encode() + b"signature 00\n", b"signature \n"])
def test_another_file_is_told_from_a_list(data: bytes) -> None:
    with pytest.raises(Malformed):
        commitments.parse_published(data)


def test_a_rerun_comes_after_its_heat_and_all_earlier_reruns() -> None:
    promised = {HeatId(name) for name in ("h1", "h1-r1", "h1-r2", "final-r1", "a-r1-r1", "a-r1")}
    assert commitments.predecessors(H1, promised) == []
    assert commitments.predecessors(H1_R1, promised) == [H1]
    assert commitments.predecessors(HeatId("h1-r3"), promised) == [H1, H1_R1, HeatId("h1-r2")]
    assert commitments.predecessors(HeatId("final-r1"), promised) == [], "final is no promised heat"
    assert commitments.predecessors(HeatId("a-r1-r1"), promised) == [HeatId("a-r1")]
    assert commitments.predecessors(HeatId("h1-r0"), promised) == []
    assert commitments.predecessors(HeatId("h1-r01"), promised) == []
