"""The desk says of every receipt what it is worth now."""

import pytest
from tests.support.heats import Desk
from tests.support.site import Hand, Site

from knack_protocol.proof import receipt
from knack_protocol.proof.signing import Signer

RECEIPTS = "/api/desk/receipts"


async def _finished(site: Site, name: str = "Anna", moves: int = 1) -> Hand:
    hand = await site.play(await site.player(name), moves)
    site.pass_ms(100_000)
    await site.settled()
    return hand


async def _receipt(site: Site, run: str) -> str:
    text: str = (await site.http.get(f"/api/runs/{run}/receipt")).json()["receipt"]
    return text


@pytest.mark.asyncio
async def test_a_receipt_just_given_is_valid_and_says_whose_it_is(site: Site) -> None:
    desk, hand = await site.desk(), await _finished(site)
    text = await _receipt(site, hand.run)

    answer = await site.http.post(RECEIPTS, json={"text": text}, headers=desk)

    assert answer.status_code == 200
    assert answer.json() == {
        "verdict": "valid",
        "signed": True,
        "event": "demo",
        "run": hand.run,
        "player": hand.player,
        "name": "Anna",
        "course": "sprint",
        "score": hand.score,
    }


@pytest.mark.asyncio
async def test_a_receipt_that_was_broken_into_lines_on_its_way_is_read_all_the_same(site: Site) -> None:
    desk, hand = await site.desk(), await _finished(site)
    text = await _receipt(site, hand.run)

    broken = f"  {text[:90]}\n{text[90:]}\n"

    answer = await site.http.post(RECEIPTS, json={"text": broken}, headers=desk)
    assert answer.json()["verdict"] == "valid"


@pytest.mark.asyncio
async def test_a_run_that_moderators_have_voided_is_voided_until_they_restore_it(site: Site) -> None:
    desk, hand = await site.desk(), await _finished(site)
    text = await _receipt(site, hand.run)
    verdicts = []
    for kind in ("void", "restore"):
        act = {"kind": kind, "target": hand.run, "text": "", "reason": "a test"}
        assert (await site.http.post("/api/desk/acts", json=act, headers=desk)).status_code == 201
        answer = await site.http.post(RECEIPTS, json={"text": text}, headers=desk)
        verdicts.append(answer.json()["verdict"])

    assert verdicts == ["voided", "valid"]


@pytest.mark.asyncio
async def test_a_run_is_superseded_as_soon_as_its_player_stands_with_a_better_one(site: Site) -> None:
    desk, first = await site.desk(), await _finished(site)
    better = await site.begin(first.line)
    while better.score <= first.score:
        await better.move()
    site.pass_ms(100_000)
    verdicts = [
        (await site.http.post(RECEIPTS, json={"text": await _receipt(site, run)}, headers=desk)).json()[
            "verdict"
        ]
        for run in (first.run, better.run)
    ]

    assert verdicts == ["superseded", "valid"]


@pytest.mark.asyncio
async def test_what_is_no_receipt_or_changed_or_signed_by_somebody_else_is_forged(site: Site) -> None:
    desk, hand = await site.desk(), await _finished(site)
    text = await _receipt(site, hand.run)
    said = receipt.parse(text)
    more = text.replace(f".{hand.score}.", f".{hand.score + 1}.")
    assert more != text
    stranger = receipt.sign(
        said.event, said.heat, said.run, said.player, said.score, said.event_count, said.last_hash,
        Signer(bytes(32)),
    )  # fmt: skip

    for forged in ("", "hello", more, text[:-1], stranger, "knack-receipt-1........."):
        answer = (await site.http.post(RECEIPTS, json={"text": forged}, headers=desk)).json()
        assert (answer["verdict"], answer["signed"], answer["run"]) == ("forged", False, None), forged


@pytest.mark.asyncio
async def test_a_receipt_with_our_signature_that_disagrees_with_what_is_stored_is_told_apart(
    site: Site,
) -> None:
    desk, hand = await site.desk(), await _finished(site)
    said = receipt.parse(await _receipt(site, hand.run))
    signer = site.house.publishers.organisers._signer
    for run, score in ((said.run, said.score + 10), ("run-nowhere", said.score)):
        text = receipt.sign(
            said.event, said.heat, run, said.player, score, said.event_count, said.last_hash, signer
        )
        answer = (await site.http.post(RECEIPTS, json={"text": text}, headers=desk)).json()
        assert (answer["verdict"], answer["signed"]) == ("forged", True)


@pytest.mark.asyncio
async def test_nobody_reads_receipts_without_a_desk_token(site: Site) -> None:
    assert (await site.http.post(RECEIPTS, json={"text": "x"})).status_code == 401


@pytest.mark.asyncio
async def test_a_receipt_of_a_heat_is_valid_voided_and_superseded_when_the_rerun_is_played(
    site: Site,
) -> None:
    desk = Desk(site, await site.desk())
    hands = await desk.begin("Anna", "Berta")
    for hand in hands:
        await hand.move()
    await desk.end_heat()
    anna, berta = [await _receipt(site, hand.run) for hand in hands]

    async def worth(text: str) -> str:
        verdict: str = (await desk.post("receipts", text=text)).json()["verdict"]
        return verdict

    assert [await worth(text) for text in (anna, berta)] == ["valid", "valid"]
    await desk.post("acts", kind="void_heat", target="h1", reason="the light went out")
    assert [await worth(text) for text in (anna, berta)] == ["voided", "voided"]
    (again,) = await desk.begin(heat="h1-r1", lines=(hands[0].line,))
    await again.move()
    assert await worth(anna) == "voided"
    await desk.end_heat()
    rerun = await _receipt(site, again.run)

    assert [await worth(text) for text in (anna, berta, rerun)] == ["superseded", "voided", "valid"]
    await desk.post("acts", kind="void", target=again.run, reason="she had help")
    assert [await worth(text) for text in (anna, rerun)] == ["voided", "voided"]
