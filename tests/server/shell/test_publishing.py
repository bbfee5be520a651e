"""Anybody may download what is needed to check us, as soon as a run is over."""

import hashlib

import pytest
from tests.support.site import Site

from knack_protocol.proof import bundle, receipt
from knack_protocol.proof.signing import is_signed


async def _finished(site: Site, name: str = "Anna") -> str:
    """Play a run to its end and return its id."""
    line = await site.player(name)
    hand = await site.begin(line)
    await hand.move()
    site.pass_ms(100_000)
    return hand.run


@pytest.mark.asyncio
async def test_a_finished_run_can_be_downloaded_under_the_published_key(site: Site) -> None:
    run = await _finished(site)
    key = (await site.http.get("/api/key")).json()

    answer = await site.http.get(f"/api/runs/{run}/bundle")

    published = bundle.unpack(answer.content)
    assert isinstance(published, bundle.RunBundle)
    assert published.run.run == run
    assert published.key.hex() == key["key"]
    assert key["fingerprint"] == hashlib.sha256(published.key).hexdigest()[:32]
    assert is_signed(published.key, bundle.seal_text(published), published.seal)
    assert f'filename="{run}.knack.json"' in answer.headers["Content-Disposition"]


@pytest.mark.asyncio
async def test_open_play_can_be_downloaded_whole_with_the_names_beside_it(site: Site) -> None:
    run = await _finished(site)

    published = bundle.unpack((await site.http.get("/api/bundle")).content)
    names = (await site.http.get("/api/names")).json()

    assert isinstance(published, bundle.OpenBundle)
    assert [one.run for one in published.open.runs] == [run]
    assert names["players"] == [{"player": published.open.runs[0].player, "name": "Anna"}]


@pytest.mark.asyncio
async def test_a_run_in_play_is_not_published(site: Site) -> None:
    hand = await site.begin(await site.player("Anna"))

    for what in ("bundle", "receipt", "receipt.svg"):
        assert (await site.http.get(f"/api/runs/{hand.run}/{what}")).status_code == 409
        assert (await site.http.get(f"/api/runs/run-nowhere/{what}")).status_code == 404


@pytest.mark.asyncio
async def test_a_receipt_says_how_the_run_ended_and_is_drawn_as_a_code(site: Site) -> None:
    run = await _finished(site)
    standing = (await site.http.get("/api/standings")).json()["rows"][0]

    text = (await site.http.get(f"/api/runs/{run}/receipt")).json()["receipt"]
    code = await site.http.get(f"/api/runs/{run}/receipt.svg")

    said = receipt.parse(text)
    assert (said.run, said.player, said.score) == (run, standing[2], standing[4])
    assert site.house.publisher.is_genuine(text)
    assert code.headers["Content-Type"].startswith("image/svg+xml")


@pytest.mark.asyncio
async def test_a_crowd_that_asks_at_once_is_answered_from_one_making(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _finished(site)
    made = []
    make = type(site.house.publisher).open_play
    monkeypatch.setattr(
        type(site.house.publisher), "open_play", lambda self, played: made.append(1) or make(self, played)
    )

    first = await site.http.get("/api/bundle")
    assert (await site.http.get("/api/bundle")).content == first.content
    assert len(made) == 1
    site.pass_ms(6000)
    await site.http.get("/api/bundle")
    assert len(made) == 2
