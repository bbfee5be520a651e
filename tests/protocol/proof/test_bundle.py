import json
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from knack_loadtest.staged.publishing import event_bundle, heat_bundle, open_bundle, run_bundle
from knack_loadtest.staged.stage import Stage, staged_heat, staged_solo
from knack_protocol.ids import HeatId, RunId
from knack_protocol.proof import bundle as bundles
from knack_protocol.proof.bundle import Bundle, EventBundle, HeatBundle, OpenBundle, RunBundle, pack, unpack
from knack_protocol.proof.form import Malformed

PROOF_TEXT = Path(__file__).parents[3] / "protocol/PROOF.md"
KINDS = (HeatBundle, OpenBundle, RunBundle, EventBundle)


def published() -> list[Bundle]:
    stage = Stage()
    staged_heat(stage, "h1", 2, 1)
    staged_solo(stage, "run-1", "p1", 2)
    return [
        heat_bundle(stage, HeatId("h1")),
        open_bundle(stage),
        run_bundle(stage, RunId("run-1")),
        event_bundle(stage),
    ]


@pytest.mark.parametrize("place", range(4), ids=["heat", "open", "run", "event"])
def test_a_bundle_comes_back(place: int) -> None:
    bundle = published()[place]
    assert unpack(pack(bundle)) == bundle


@pytest.mark.parametrize("indent", [None, 2])
def test_another_form_of_the_same_is_refused(indent: int | None) -> None:
    data = pack(published()[0])
    document = json.loads(data)
    for other in (
        json.dumps(document, indent=indent).encode(),
        data + b"\n",
        b" " + data,
        data.replace(b'"kind":"heat"', b'"kind":"\\u0068eat"'),
        data.replace(b'"grace_ms":', b'"grace_ms":0', 1),
    ):
        with pytest.raises(Malformed):
            unpack(other)


def test_hex_has_one_form_too() -> None:
    data = pack(published()[0])
    key = json.loads(data)["key"]
    with pytest.raises(Malformed, match="key: no hex in lower case"):
        unpack(data.replace(key.encode(), key.upper().encode()))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[]", "no object"),
        (b"{}", "format"),
        (b'{"format":"knackpunkt bundle 2"}', "format"),
        (b'{"format":"knackpunkt bundle 1","kind":"hall"}', "kind: none of heat, open, run, event"),
        (b'{"format":"knackpunkt bundle 1","kind":["heat"]}', "kind"),
        (b'{"format":"knackpunkt bundle 1","kind":"heat"}', "missing"),
    ],
)
def test_what_is_no_bundle_is_told_so(data: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        unpack(data)


def test_the_seal_holds_all_but_itself() -> None:
    one = published()[0]
    sealed = bundles.sealed(one, Stage().signer)
    assert bundles.seal_text(one) == bundles.seal_text(sealed)
    assert one.seal == sealed.seal


def every_field(kind: Any, found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        found.add((kind.__name__, field.name))
        for part in (hints[field.name], *get_args(hints[field.name])):
            if isinstance(part, type) and is_dataclass(part):
                every_field(part, found)
    return found


def test_every_field_of_every_bundle_stands_in_the_text_and_none_of_them_could_name_a_person() -> None:
    names = {name for kind in KINDS for _, name in every_field(kind, set())}
    written = set(re.findall(r"`(\w+)`", PROOF_TEXT.read_text()))
    assert names - written == set()
    assert not names & {
        "name",
        "names",
        "token",
        "address",
        "ip",
        "email",
        "mail",
        "desk",
        "reason",
        "text_of_act",
    }
