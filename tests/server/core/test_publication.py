"""What is published of open play says exactly what was played, and nothing that is still a secret."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.arena import EVENT, MASTER, Hand, World
from tests.support.database import record

from knack_protocol.ids import RunId
from knack_protocol.proof import bundle, merkle, receipt
from knack_protocol.proof.leaves import leaf
from knack_protocol.proof.live import live_digest
from knack_protocol.proof.report import Verdict
from knack_protocol.proof.seeds import server_seed
from knack_protocol.proof.signing import Signer, is_signed, results_text
from knack_protocol.proof.verify import Anchors, verify
from knack_protocol.rules.log import LoggedEvent
from knack_protocol.wire.messages import Live
from knack_server.core.facts import ActKind, Fact
from knack_server.core.publication import Publisher
from knack_server.core.recorded import PlayedOpen, PlayedSolo
from knack_server.store.opening import open_store
from knack_server.store.queries import Queries

SIGNER = Signer(bytes(range(32)))
PUBLISHER = Publisher(SIGNER, lambda event, run: server_seed(MASTER, event, run))


async def _played(folder: Path, facts: Sequence[Fact]) -> PlayedOpen:
    await record(folder / "knack.sqlite", facts)
    async with await open_store(folder / "knack.sqlite") as store:
        return await Queries(store).open_play(EVENT)


async def _solo(folder: Path, run: RunId) -> PlayedSolo:
    """Read one run of what was written there before."""
    async with await open_store(folder / "knack.sqlite") as store:
        played = await Queries(store).solo_run(EVENT, run)
    assert played is not None
    return played


def _afternoon() -> tuple[World, list[Hand]]:
    """Two finished runs, one voided, and one in play."""
    world = World()
    hands = []
    for name, course, moves in (("Anna", "climb", 12), ("Berta", "sprint", 3), ("Clara", "sprint", 2)):
        phone = world.phone()
        phone.join(name)
        hand = phone.begin(course)
        for _ in range(moves):
            hand.move_in_time()
        if name != "Clara":
            world.pass_ms(100_000)
        hands.append(hand)
    _, effects = world.arena.act(world.event, "Mia", ActKind.VOID, hands[1].run, "", "a test", world.now)
    world.perform(effects)
    world.pass_ms(2500)
    return world, hands


@pytest.mark.asyncio
async def test_open_play_is_published_with_every_finished_run_and_its_seed(tmp_path: Path) -> None:
    world, hands = _afternoon()

    published = bundle.unpack(PUBLISHER.open_play(await _played(tmp_path, world.facts)))

    assert isinstance(published, bundle.OpenBundle)
    assert [run.run for run in published.open.runs] == sorted(hand.run for hand in hands[:2])
    for run in published.open.runs:
        assert run.server_seed == server_seed(MASTER, EVENT, run.run)
    assert is_signed(SIGNER.key, bundle.seal_text(published), published.seal)


@pytest.mark.asyncio
async def test_of_a_run_in_play_nothing_is_published_but_hashes(tmp_path: Path) -> None:
    world, hands = _afternoon()

    data = PUBLISHER.open_play(await _played(tmp_path, world.facts))

    published = bundle.unpack(data)
    assert isinstance(published, bundle.OpenBundle)
    (covered,) = published.open.in_play
    assert covered.run == hands[2].run
    assert covered.heads[-1].head == world.play(hands[2].run).run.head
    assert server_seed(MASTER, EVENT, hands[2].run).hex().encode() not in data


@pytest.mark.asyncio
async def test_the_published_counts_give_every_digest_that_was_sent(tmp_path: Path) -> None:
    world, hands = _afternoon()
    published = bundle.unpack(PUBLISHER.open_play(await _played(tmp_path, world.facts)))
    assert isinstance(published, bundle.OpenBundle)
    heads = {
        run.run: [
            b"",
            *(
                fact.hash
                for fact in world.facts
                if getattr(fact, "run", None) == run.run and hasattr(fact, "hash")
            ),
        ]
        for run in published.open.runs
    }
    told = {message.k: message.digest for message in hands[2].phone.all(Live)}

    checked = 0
    for place, sent in enumerate(published.open.live):
        chains: dict[str, tuple[int, bytes]] = {}
        for run in published.open.runs:
            at = place - run.live.first
            if 0 <= at < len(run.live.counts):
                chains[run.run] = (run.live.counts[at], heads[run.run][run.live.counts[at]])
        for one in published.open.in_play:
            at = place - one.first
            if 0 <= at < len(one.heads):
                chains[one.run] = (one.heads[at].count, one.heads[at].head)
        if all(count for count, _ in chains.values()):
            assert sent.digest == live_digest(EVENT, "", sent.k, [chains[run] for run in sorted(chains)])
            checked += 1
        if sent.k in told:
            assert told[sent.k] == sent.digest
    assert checked > 100


@pytest.mark.asyncio
async def test_a_voided_run_is_in_the_results_and_in_no_standing(tmp_path: Path) -> None:
    world, hands = _afternoon()

    published = bundle.unpack(PUBLISHER.open_play(await _played(tmp_path, world.facts)))

    assert isinstance(published, bundle.OpenBundle)
    assert [(rows.course, [row.run for row in rows.rows]) for rows in published.open.standings] == [
        ("climb", [hands[0].run]),
        ("sprint", []),
    ]
    assert [act.kind for act in published.acts.list] == [bundle.ActKind.VOID]
    assert published.open.results.tree_size == 2


@pytest.mark.asyncio
async def test_one_run_is_published_with_its_way_to_the_signed_root(tmp_path: Path) -> None:
    world, hands = _afternoon()

    await _played(tmp_path, world.facts)
    published = bundle.unpack(PUBLISHER.solo_run(await _solo(tmp_path, hands[0].run)))

    assert isinstance(published, bundle.RunBundle)
    entry = world.event.runs[hands[0].run]
    last = world.event.players[entry.player.id].last_ended
    mine = leaf(entry.run, entry.score, last.seq, last.head)
    results = published.results
    path = published.path
    assert merkle.root_of_path(mine, path.index, results.tree_size, path.hashes) == results.root
    text = results_text(EVENT, "", results.tree_size, results.root, 0, b"")
    assert is_signed(SIGNER.key, text, results.signature)


@pytest.mark.asyncio
async def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    world, _ = _afternoon()
    played = await _played(tmp_path, world.facts)

    assert PUBLISHER.open_play(played) == PUBLISHER.open_play(played)


@pytest.mark.asyncio
async def test_what_is_published_passes_the_check(tmp_path: Path) -> None:
    world, hands = _afternoon()
    played = await _played(tmp_path, world.facts)

    solo = await _solo(tmp_path, hands[0].run)
    for data in (PUBLISHER.open_play(played), PUBLISHER.solo_run(solo)):
        assert verify(data, Anchors()).verdict is Verdict.CONSISTENT
        assert verify(data.replace(b'"grace_ms":', b'"grace_ms": '), Anchors()).verdict is Verdict.WRONG


@pytest.mark.asyncio
async def test_a_run_that_outlived_the_server_passes_the_check_and_says_so(tmp_path: Path) -> None:
    world = World()
    phone = world.phone()
    phone.join("Anna")
    hand = phone.begin()
    hand.move()
    world.pass_ms(5000)
    after = world.restarted()
    after.pass_ms(200_000)

    report = verify(PUBLISHER.open_play(await _played(tmp_path, after.facts)), Anchors())

    assert report.verdict is Verdict.CONSISTENT, report.wrong
    assert any(hand.run in str(notice) for notice in report.notices)


@pytest.mark.asyncio
async def test_before_anybody_has_played_there_is_an_empty_bundle(tmp_path: Path) -> None:
    published = bundle.unpack(PUBLISHER.open_play(await _played(tmp_path, World().facts)))

    assert isinstance(published, bundle.OpenBundle)
    assert published.open.runs == ()
    assert published.open.results.tree_size == 0


@pytest.mark.asyncio
async def test_nothing_published_names_a_player_or_holds_a_token(tmp_path: Path) -> None:
    world, hands = _afternoon()

    data = PUBLISHER.open_play(await _played(tmp_path, world.facts))

    for secret in ("Anna", "Berta", "Mia", "a test", hands[0].phone.token):
        assert secret.encode() not in data


def test_a_receipt_is_genuine_until_a_letter_of_it_changes() -> None:
    events = [LoggedEvent(1, b"x", bytes(32))]
    text = PUBLISHER.receipt(EVENT, "run-a", "p-a", 30, events)

    assert PUBLISHER.is_genuine(text)
    assert receipt.parse(text).score == 30
    assert not PUBLISHER.is_genuine(text.replace(".30.", ".31."))
    assert not Publisher(Signer(bytes(32)), PUBLISHER._server_seed).is_genuine(text)
