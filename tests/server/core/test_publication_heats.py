"""What is published of a heat passes the check, whatever became of it, and agrees with what phones hold."""

from pathlib import Path

import pytest
from tests.support.arena import EVENT, MASTER, SIGNER, STAGE_TEXT, Hand, Phone, World
from tests.support.held import held_of
from tests.support.published import heat_bundle

from knack_protocol.ids import HeatId
from knack_protocol.proof import bundle
from knack_protocol.proof.anchors import Anchors
from knack_protocol.proof.bundle import CommitmentList
from knack_protocol.proof.commitments import PublishedList
from knack_protocol.proof.report import Anchor, NoticeKind, Report, Verdict
from knack_protocol.proof.seeds import Scope, server_seed
from knack_protocol.proof.verify import verify
from knack_protocol.wire.messages import Begin
from knack_server.core import rows
from knack_server.core.facts import ActKind
from knack_server.core.heats import HeatStep

pytestmark = pytest.mark.asyncio

H1 = HeatId("h1")


def _gathered(world: World, *names: str) -> list[Phone]:
    phones = []
    for name in names:
        phone = world.phone()
        phone.join(name)
        phone.gather()
        phones.append(phone)
    return phones


def _running(scope: Scope = Scope.PLAYER, course: str = "sprint") -> tuple[World, list[Hand]]:
    """Three players in a heat whose T0 has come."""
    world = World()
    world.desk.prepare("h1", scope, course)
    world.desk.publish()
    world.desk.step("h1", HeatStep.OPEN)
    phones = _gathered(world, "Anna", "Berta", "Clara")
    world.desk.start()
    world.pass_ms(3000)
    return world, [Hand(phone, phone.last(Begin)) for phone in phones]


def _play(hands: list[Hand], moves: int) -> None:
    for _ in range(moves):
        for hand in hands:
            hand.move_in_time()


def _check(world: World, data: bytes, phones: list[Phone]) -> Report:
    """Check a bundle against everything that anybody holds."""
    published = world.event.published
    listed = CommitmentList(text=published.text, signature=published.signature)
    held = tuple(
        (phone.player, held_of(phone.told, EVENT, SIGNER.key, phone.player, listed)) for phone in phones
    )
    report = verify(data, Anchors(SIGNER.key.hex(), PublishedList(published.text, published.signature), held))
    assert report.verdict is Verdict.ANCHORED, report.wrong
    assert [one.anchor for one in report.anchored_by] == [
        Anchor.KEY,
        Anchor.COMMITMENTS,
        *(Anchor.HELD for _ in phones),
    ]
    return report


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("course", ["sprint", "climb"])
async def test_a_heat_is_published_with_its_seed_and_everybodys_run(
    tmp_path: Path, scope: Scope, course: str
) -> None:
    world, hands = _running(scope, course)
    _play(hands[:2], 6)
    world.pass_ms(700_000)

    data = await heat_bundle(tmp_path, world.facts)

    _check(world, data, [hand.phone for hand in hands])
    published = bundle.unpack(data)
    assert isinstance(published, bundle.HeatBundle)
    assert published.heat.server_seed == server_seed(MASTER, EVENT, "h1")
    assert published.heat.public == f"stage:{STAGE_TEXT}".encode()
    assert published.heat.roster == tuple(sorted(hand.phone.player for hand in hands))
    shown = rows.top(world.event, H1, None)
    assert [(row.rank, row.run, row.score, row.time_ms) for row in published.heat.standings] == [
        (row.rank, row.run, row.score, row.time_ms) for row in shown
    ]
    assert len(shown) == 2


async def test_a_phone_that_was_told_something_else_contradicts_it(tmp_path: Path) -> None:
    world, hands = _running()
    _play(hands, 2)
    world.pass_ms(100_000)
    data = await heat_bundle(tmp_path, world.facts)
    published = world.event.published
    held = held_of(hands[0].phone.told, EVENT, SIGNER.key, hands[0].phone.player)

    for wrong in (
        data.replace(b'"t0_unix_ms":17', b'"t0_unix_ms":18'),
        data.replace(published.signature.hex().encode(), bytes(64).hex().encode()),
        data.replace(hands[1].run.encode(), hands[2].run.encode()),
    ):
        assert wrong != data
        report = verify(wrong, Anchors(held=(("phone", held),)))
        assert report.verdict is Verdict.WRONG


async def test_a_voided_heat_is_published_without_standings_and_its_rerun_counts(tmp_path: Path) -> None:
    world, hands = _running()
    _play(hands, 3)
    world.desk.act(ActKind.VOID_HEAT, "h1")
    world.pass_ms(2000)
    assert world.desk.step("h1-r1", HeatStep.OPEN) is None
    for hand in hands:
        hand.phone.gather("h1-r1")
    world.desk.start("h1-r1")
    world.pass_ms(3000)
    again = [Hand(hand.phone, hand.phone.last(Begin)) for hand in hands]
    _play(again, 2)
    world.pass_ms(100_000)

    phones = [hand.phone for hand in hands]
    for heat, standing in (("h1", 0), ("h1-r1", 3)):
        data = await heat_bundle(tmp_path, world.facts, heat)
        _check(world, data, phones)
        published = bundle.unpack(data)
        assert isinstance(published, bundle.HeatBundle)
        assert len(published.heat.standings) == standing


async def test_a_heat_voided_in_its_countdown_is_published_as_what_it_was(tmp_path: Path) -> None:
    world = World()
    world.desk.open()
    phones = _gathered(world, "Anna", "Berta")
    world.desk.start()
    world.pass_ms(1000)
    world.desk.act(ActKind.VOID_HEAT, "h1")
    world.pass_ms(5000)

    data = await heat_bundle(tmp_path, world.facts)

    report = _check(world, data, phones)
    assert report.contents is not None
    assert (report.contents.runs, report.contents.moves) == (2, 0)


@pytest.mark.parametrize("phase", ["open", "frozen", "typed"])
async def test_a_heat_that_was_never_started_reveals_nothing(tmp_path: Path, phase: str) -> None:
    world = World()
    world.desk.open()
    _gathered(world, "Anna")
    if phase != "open":
        world.desk.step("h1", HeatStep.FREEZE)
    if phase == "typed":
        world.desk.step("h1", HeatStep.TYPE, STAGE_TEXT)
    assert not world.event.heats[H1].was_played
    world.desk.act(ActKind.VOID_HEAT, "h1")

    assert not world.event.heats[H1].was_played
    with pytest.raises(AssertionError):
        await heat_bundle(tmp_path, world.facts)


async def test_one_voided_run_of_a_heat_is_in_its_results_and_in_no_standing(tmp_path: Path) -> None:
    world, hands = _running()
    _play(hands, 2)
    world.desk.act(ActKind.VOID, hands[1].run)
    _play([hands[0]], 2)
    world.pass_ms(100_000)
    world.desk.act(ActKind.VOID, hands[2].run)

    data = await heat_bundle(tmp_path, world.facts)

    _check(world, data, [hand.phone for hand in hands])
    published = bundle.unpack(data)
    assert isinstance(published, bundle.HeatBundle)
    assert [row.run for row in published.heat.standings] == [hands[0].run]
    assert published.heat.results.tree_size == 3


async def test_an_interrupted_heat_says_where_its_clock_went_on(tmp_path: Path) -> None:
    world, hands = _running()
    _play(hands, 3)
    world.desk.act(ActKind.VOID, hands[2].run)  # an END later than any mark
    after = world.restarted()
    after.pass_ms(13_000)
    after = after.restarted()
    after.pass_ms(200_000)

    data = await heat_bundle(tmp_path, after.facts)

    report = _check(after, data, [hand.phone for hand in hands])
    away = [notice for notice in report.notices if notice.kind is NoticeKind.AWAY]
    assert len(away) == 2
    assert "interrupted" in str(away[0])


async def test_a_heat_whose_t0_came_while_the_server_was_away_passes_the_check(tmp_path: Path) -> None:
    world = World()
    world.desk.open()
    phones = _gathered(world, "Anna", "Berta")
    world.desk.start()
    world.pass_ms(2000)
    after = world.restarted()
    after.pass_ms(200_000)

    _check(after, await heat_bundle(tmp_path, after.facts), phones)


async def test_a_heat_voided_while_its_clock_stood_passes_the_check(tmp_path: Path) -> None:
    world, hands = _running()
    _play(hands, 3)
    after = world.restarted()
    after.pass_ms(2000)
    after.desk.act(ActKind.VOID, hands[0].run)
    after.pass_ms(2000)
    after.desk.act(ActKind.VOID_HEAT, "h1")
    after.pass_ms(2000)

    _check(after, await heat_bundle(tmp_path, after.facts), [hand.phone for hand in hands])


async def test_nothing_published_of_a_heat_names_a_player_or_holds_a_token(tmp_path: Path) -> None:
    world, hands = _running()
    _play(hands, 1)
    world.desk.act(ActKind.VOID, hands[0].run)
    world.pass_ms(100_000)

    data = await heat_bundle(tmp_path, world.facts)

    for secret in ("Anna", "Berta", "Clara", "Mia", "because", *(hand.phone.token for hand in hands)):
        assert secret.encode() not in data
