"""An outsider has the published bundle and no key: whatever he changes in it is refused, without any anchor."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

import pytest
from tests.conftest import Size

from knack_loadtest.staged.publishing import event_bundle, heat_bundle, open_bundle, run_bundle
from knack_loadtest.staged.stage import Stage, staged_heat, staged_solo
from knack_protocol.ids import HeatId, RunId
from knack_protocol.proof import form
from knack_protocol.proof.bundle import ActKind, pack
from knack_protocol.proof.report import Check
from knack_protocol.proof.verify import verify

SEED = 20_251


@cache
def small_event() -> Stage:
    stage = Stage()
    staged_heat(stage, "h1", 2, 1)
    staged_solo(stage, "run-0", "s0", 2)
    staged_solo(stage, "run-1", "s0", 3, t0_unix_ms=1_700_000_600_000)
    stage.act(ActKind.VOID, "run-1")
    return stage


@cache
def bundles() -> dict[str, bytes]:
    stage = small_event()
    return {
        "heat": pack(heat_bundle(stage, HeatId("h1"))),
        "open": pack(open_bundle(stage)),
        "run": pack(run_bundle(stage, RunId("run-1"))),
        "event": pack(event_bundle(stage)),
    }


def test_random_changes_of_bytes_are_all_refused(size: Size) -> None:
    players = size("bots in the heat", small=10, full=200)
    changes = size("random changes of bytes", small=60, full=500)
    stage, random = Stage(), Random(SEED)
    staged_heat(stage, "h1", players, 1)
    data = pack(heat_bundle(stage, HeatId("h1")))
    assert verify(data).is_ok

    accepted = [number for number in range(changes) if verify(changed(data, random)).is_ok]

    assert accepted == [], f"seed {SEED}"


def changed(data: bytes, random: Random) -> bytes:
    """Exchange, drop, insert or swap a byte or a few."""
    place, length = random.randrange(len(data)), random.choice([1, 1, 1, 2, 8])
    match random.randrange(4):
        case 0:
            other = bytes(
                random.choice([b for b in b'0123456789abcdef",{}[]:' if b != data[place]]) for _ in "x"
            )
            return data[:place] + other + data[place + 1 :]
        case 1:
            return data[:place] + data[place + length :]
        case 2:
            return data[:place] + random.randbytes(length) + data[place:]
        case _:
            return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


@pytest.mark.parametrize("kind", ["heat", "open", "run", "event"])
def test_no_value_of_a_bundle_can_be_exchanged_for_another(kind: str, size: Size) -> None:
    """Every field in turn (of long arrays some), in canonical form again: nothing in a bundle is only for show."""
    tried = size("values", small=120, full=3000)
    document = json.loads(bundles()[kind])
    places = list(leaves(document))
    chosen = Random(SEED).sample(places, min(tried, len(places)))

    accepted = [place for place in chosen if verify(form.packed(exchanged(document, place))).is_ok]

    assert accepted == []


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from leaves(item, (*place, key))
    else:
        yield place


def exchanged(document: Any, place: tuple[Any, ...]) -> Any:
    copy = deepcopy(document)
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = other_than(inner[place[-1]])
    return copy


def other_than(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return (value or 0) + 1
    last = {"0": "1", "9": "8", "a": "b", "f": "e"}.get(value[-1:], "0")
    return value[:-1] + last


@pytest.mark.parametrize("kind", ["heat", "open", "run", "event"])
def test_no_item_of_a_list_can_be_left_out_or_doubled(kind: str) -> None:
    document = json.loads(bundles()[kind])
    accepted = []
    for place in lists(document):
        for doubles in (False, True):
            copy = deepcopy(document)
            inner = copy
            for key in place:
                inner = inner[key]
            inner[:] = [*inner, inner[-1]] if doubles else inner[:-1]
            if verify(form.packed(copy)).is_ok:
                accepted.append(place)
    assert accepted == []


def lists(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, list) and value:
        yield place
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from lists(item, (*place, key))


def test_what_only_the_seal_binds_is_refused_by_the_seal() -> None:
    """A run's id in a heat is in no hash: without the seal, an outsider could make a void hit somebody else."""
    document = json.loads(bundles()["heat"])
    heat = document["heat"]
    for row in (*heat["runs"], *heat["standings"]):
        row["run"] += "x"
    report = verify(form.packed(document))
    assert report.wrong
    assert report.wrong.check is Check.SEAL


def test_a_piece_of_one_bundle_does_not_fit_into_another() -> None:
    heat, event = json.loads(bundles()["heat"]), json.loads(bundles()["event"])
    heat["seal"] = event["seal"]
    report = verify(form.packed(heat))
    assert report.wrong
    assert report.wrong.check is Check.SEAL
