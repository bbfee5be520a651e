"""`move` and `window`: what a move costs with 2,000 players at play, and what it costs to show each their own window.

A move is everything from the bytes of its frame to the bytes of its answer: parsed, judged, resolved, chained, recorded
and committed. As many are offered as so many players can make under the lock, and the echoing peers get the same rate.

What 2,000 runs in play cost when nobody moves (marks of their clocks, live digests) is taken off; so is what the peers
cost at rest. Ours rests right after it has played: later the heartbeats of silent players would be taken off, too, which
players at play do not have. The note says what a move comes to with nothing taken off.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Final

from knack_loadtest.bench.process import Work
from knack_loadtest.bench.readings import Reading, Round, Row, alternating, reading, wrong_of
from knack_loadtest.bench.stage import FAILURES, Stage, Stand, absent, faults, our_stand, peer_stand

MOVES_PER_S: Final = 1800
"""Nearly all that 2,000 players can make: a lock lasts a second and more."""

WINDOW_MOVES_PER_S: Final = 1000
ECHOING: Final = ("colyseus", "asgi")
ECHO: Final = bytes(59)
"""As long as a MOVE."""


def measure(stage: Stage) -> Iterator[Row]:
    """Measure a move beside bare echoes, and then the two kinds of view, A/B/A/B."""
    players = stage.size(small=10, full=2000)
    rate = stage.size(small=8, full=MOVES_PER_S)
    duration_s = stage.size(small=1, full=4)
    with ExitStack() as open_stands:
        ours = open_stands.enter_context(our_stand(stage))
        ours.do("gather", number=players)
        yield from _moves(stage, open_stands, ours, players, rate, duration_s)
        ours.do("begin")
        yield from _windows(stage, ours, stage.size(small=8, full=WINDOW_MOVES_PER_S), duration_s)


def _moves(
    stage: Stage, open_stands: ExitStack, ours: Stand, players: int, rate: int, duration_s: int
) -> Iterator[Row]:
    missing: dict[str, Exception] = {}
    echoing: dict[str, Stand] = {}
    for name in ECHOING if stage.scratch else ():
        try:
            stand = open_stands.enter_context(peer_stand(stage, name))
            stand.connect(players)
        except FAILURES as reason:
            missing[name] = reason
        else:
            echoing[name] = stand
    played: list[Work] = []
    ours.do("begin")
    works = {"ours": lambda: _move_round(ours, rate, duration_s, played)} | {
        name: partial(_echo_round, stand, rate, duration_s) for name, stand in echoing.items()
    }
    rounds = alternating(stage.rounds, works)
    mine = reading(rounds["ours"])
    row = Row(
        "move",
        f"a move, socket to socket, with chain and its share of the commit, {players:,} players",
        "µs CPU",
        mine,
        "–",
        note=_move_note(played, rate, duration_s),
        wrong=wrong_of(rounds["ours"]),
    )
    if not stage.scratch:
        yield row
    for name in ECHOING if stage.scratch else ():
        label = {"colyseus": "Colyseus' bare echo", "asgi": "Starlette's bare echo"}[name]
        held = row._replace(against=label, aim="at most 2 times", limit=2.0)
        if name in rounds:
            yield held._replace(theirs=reading(rounds[name]), wrong=wrong_of(rounds["ours"], rounds[name]))
        else:
            yield absent(held, missing[name])


def _move_round(ours: Stand, rate: int, duration_s: int, played: list[Work]) -> Round:
    work = ours.do("play", rate_per_s=rate, duration_s=duration_s)
    resting = ours.do("rest", duration_s=duration_s / 2)
    moves = max(work.answer["moves"], 1)
    at_rest_s = resting.server_cpu_s / resting.wall_s * work.wall_s
    played.append(work)
    return Round((work.server_cpu_s - at_rest_s) / moves * 1e6, work.client_share, faults(work))


def _move_note(played: list[Work], rate: int, duration_s: int) -> str:
    moves = sum(work.answer["moves"] for work in played)
    cpu_us = sum(work.server_cpu_s for work in played) / max(moves, 1) * 1e6
    made = moves / (len(played) * duration_s)
    busy = max(work.server_cpu_s for work in played) / duration_s
    return (
        f"{rate:,} moves a second offered, {made:,.0f} made and answered ok, with up to {busy:.0%} of the server's core and "
        f"{max(work.client_share for work in played):.0%} of the client's; {cpu_us:.0f} µs with all that the runs in play cost beside them"
    )


def _echo_round(stand: Stand, rate: int, duration_s: int) -> Round:
    resting = stand.do("rest", duration_s=1)
    work = stand.echo(ECHO, rate, duration_s)
    sent = max(work.answer["sent"], 1)
    wrong = () if work.answer["came_back"] == sent else (f"{sent} sent, {work.answer['came_back']} back",)
    cpu_s = work.server_cpu_s - resting.server_cpu_s / resting.wall_s * work.wall_s
    return Round(cpu_s / sent * 1e6, work.client_share, wrong)


def _windows(stage: Stage, ours: Stand, rate: int, duration_s: int) -> Iterator[Row]:
    boards: dict[str, list[int]] = {"OWN": [], "TOP": []}

    def look(view: str) -> Round:
        ours.do("watch", view=view)
        work = ours.do("play", rate_per_s=rate, duration_s=duration_s)
        ours.do("unwatch")
        boards[view].append(work.answer["boards"])
        silent = () if work.answer["boards"] else (f"nobody was shown anything ({view})",)
        return Round(work.server_cpu_s / work.wall_s, work.client_share, (*faults(work), *silent))

    rounds = alternating(stage.rounds, {"own": lambda: look("OWN"), "top": lambda: look("TOP")})
    alone = ours.do("play", rate_per_s=rate, duration_s=duration_s)
    own, top = reading(rounds["own"]), reading(rounds["top"])
    yield Row(
        "window",
        f"own windows of all players, {rate:,} moves a second",
        "CPU s a second",
        own,
        "the same number on the shared top view",
        top,
        aim="at most 3 times",
        limit=3.0,
        note=_window_note(boards, own, top, alone),
        wrong=wrong_of(*rounds.values()),
    )


def _window_note(boards: dict[str, list[int]], own: Reading | None, top: Reading | None, alone: Work) -> str:
    shown = {view: sum(counts) // len(counts) for view, counts in boards.items()}
    note = f"{shown['OWN']:,} frames of own windows, {shown['TOP']:,} of the top view a round"
    if own is None or top is None:
        return note
    base = alone.server_cpu_s / alone.wall_s
    return f"{note}; moves alone take {base:.2f}, so the views {own.median - base:.2f} and {top.median - base:.2f}"
