"""`slow`: of 2,000 subscribers 5 % never read, at ten boards a second: what that costs in memory, and the others in freshness.

Freshness is the age of the oldest change that a board brings, from the sending of the move that made it to the reading
of the board; p99, beside the same server without slow readers. Memory is the resident one and what the kernel keeps for
the server's sockets; it is looked at before and after a minute, with websockets' `broadcast()` going through the same
minute on the other side, in which it sends boards of 300 bytes; ours are as large as what has changed. Whoever was closed
meanwhile comes back, and in the end everybody has the newest board.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Final

from knack_loadtest.bench.process import Work
from knack_loadtest.bench.readings import Reading, Round, Row, alternating, reading, wrong_of
from knack_loadtest.bench.realtime.fanout import OurBoard
from knack_loadtest.bench.stage import FAILURES, Stage, Stand, absent, against, faults, our_stand, peer_stand

BOARDS_PER_S: Final = 10
_INTERVAL_MS: Final = 1000 // BOARDS_PER_S
_KIB: Final = 1024
_SLOW_BUFFER_BYTES: Final = 4096
"""What the kernel keeps on the side of a reader who does not read, such as a phone in a pocket."""


def measure(stage: Stage) -> Iterator[Row]:
    """Measure freshness A/B/A/B, then the rest of the minute."""
    subscribers = stage.size(small=40, full=2000)
    slow = subscribers // 20
    stretch_s, rounds = stage.size(small=1, full=8), min(stage.rounds, 2)
    minute_s = stage.size(small=2, full=60)
    with ExitStack() as open_stands:
        boards: dict[str, OurBoard] = {}
        for name in ("slow", "clean"):
            stand = open_stands.enter_context(our_stand(stage, publish_interval_ms=_INTERVAL_MS))
            boards[name] = OurBoard(stand, stretch_s, bases=1)
            stand.connect(slow, receive_buffer_bytes=_SLOW_BUFFER_BYTES)
            stand.connect(subscribers - slow)
        crowd = boards["slow"].stand
        before = crowd.server.kept_bytes
        crowd.do("stall", first=1, count=slow)
        ages = alternating(rounds, {name: partial(_age, board) for name, board in boards.items()})
        peer, reason = _peer(stage, open_stands, subscribers, slow)
        grown = _grown(boards["slow"], peer, minute_s, minute_s - stretch_s * rounds, before)
        wrong = (*wrong_of(*ages.values()), *_come_back(boards["slow"], slow))
    row = Row(
        "slow",
        f"growth of memory in {minute_s} s while {slow} of {subscribers:,} read nothing",
        "KiB",
        grown[0],
        "websockets `broadcast()`",
        aim="a tenth",
        limit=0.1,
        note=f"kernel's queues included; frames of {boards['slow'].bytes_apiece:.0f} bytes here, of 300 there",
        wrong=wrong,
    )
    if reason is None:
        yield against(row, grown[1])
    else:
        yield absent(row, reason)
    yield Row(
        "slow",
        "age of what the others are shown, p99",
        "ms",
        reading(ages["slow"]),
        "the same without slow readers",
        reading(ages["clean"]),
        aim="at most 1.2 times",
        limit=1.2,
        wrong=wrong,
    )


def _age(board: OurBoard) -> Round:
    work = board.play(ages=True)
    # Slow readers are closed after a while; that is no fault here.
    work.answer.pop("closes")
    return Round(work.answer["age_ms"]["p99"], work.client_share, faults(work))


def _peer(
    stage: Stage, open_stands: ExitStack, subscribers: int, slow: int
) -> tuple[Stand | None, Exception | None]:
    try:
        peer = open_stands.enter_context(peer_stand(stage, "broadcast"))
        peer.connect(1)
        peer.connect(slow, receive_buffer_bytes=_SLOW_BUFFER_BYTES)
        peer.connect(subscribers - slow)
    except FAILURES as reason:
        return None, reason
    peer.do("stall", first=1, count=slow)
    return peer, None


def _grown(
    board: OurBoard, peer: Stand | None, minute_s: int, left_s: int, before: int
) -> tuple[Reading, Reading | None]:
    """Let the rest of the minute pass on our side, and a whole one on the peer's, and return by how much each has grown."""
    theirs_before = peer.server.kept_bytes if peer else 0
    if peer is not None:
        assert peer.peer is not None
        peer.client.begin(
            "beat", message=peer.peer.trigger.hex(), rate_per_s=BOARDS_PER_S, duration_s=minute_s
        )
    end: list[Work] = []
    while sum(work.wall_s for work in end) < left_s:
        end.append(board.play())
    theirs = None
    if peer is not None:
        peer.client.finish()
        theirs = _kib(peer.server.kept_bytes - theirs_before)
    return _kib(board.stand.server.kept_bytes - before), theirs


def _come_back(board: OurBoard, slow: int) -> list[str]:
    """Let slow readers read again, and whoever was closed connect anew; return what is wrong then."""
    stand = board.stand
    stand.do("wake", first=1, count=slow)
    stand.connect(slow)
    return board.disagreements()


def _kib(size: int) -> Reading:
    kib = max(size, 0) / _KIB
    return Reading(kib, kib, kib, 1)
