"""What the proof costs: a whole heat checked against the plain engine, and what the log adds to every move."""

import socket
from collections.abc import Iterator
from random import Random

import msgpack  # type: ignore[import-untyped]  # ships no types
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from knack_loadtest.bench.figure import Figure, Work, interleaved
from knack_loadtest.oracle.run import PlainRun
from knack_loadtest.staged.publishing import heat_bundle
from knack_loadtest.staged.stage import Stage, StagedHeat, staged_heat
from knack_protocol.ids import EventId, HeatId, PlayerId, RunId
from knack_protocol.proof import receipt, seeds
from knack_protocol.proof.bundle import pack
from knack_protocol.proof.signing import Signer
from knack_protocol.proof.verify import verify
from knack_protocol.rules import log
from knack_protocol.rules.board import Board
from knack_protocol.rules.course import SPRINT
from knack_protocol.rules.run import Outcome, Run
from knack_protocol.rules.streams import SeededTiles
from knack_protocol.rules.swaps import legal_swaps
from knack_protocol.wire.codec import decode_command, encode
from knack_protocol.wire.messages import Move, Moved, MoveVerdict

PLAIN = "the plain engine (knack_loadtest.oracle), moves alone"
WHOLE = (
    "a whole move over a local WebSocket: parsed, decoded, judged, logged, encoded; no event loop, no disk"
)

_SEED = 20_251
_BOTS = 200
_ROUNDS = 5
_PLAIN_RUNS = 4
"""The plain engine takes some 100 ms a run."""
_MOVE_ROUNDS = 100
_GAMES = 10
_MOVE_WAIT_MS = 10
_FRAME_BYTES_MAX = 1 << 16
_HEAD_BYTES = 8
"""Of the chain's last hash, in every MOVE."""
_RUN = RunId("run-0123456789abcdefghij")


def _checked(data: bytes) -> Work:
    def work() -> int:
        report = verify(data)
        assert report.is_ok
        assert report.contents
        return report.contents.runs

    return work


def _played_plainly(stage: Stage, heat: StagedHeat, place: int) -> Work:
    """Return one of the heat's runs in the plain engine: its moves and nothing that a check does beside them."""
    script = heat.scripts[place]
    seed = seeds.seed(stage.server_seed(heat.heat), stage.event, heat.heat, heat.public)
    own = seeds.player_seed(seed, script.player)
    levels = [(level.goal, level.time_ms) for level in heat.course.levels]

    def work() -> int:
        run = PlainRun(levels, seed, own, bytes(32), script.grace_ms)
        for move in script.moves:
            run.move(*move)
        return 1

    return work


class _Game:
    """A sprint that was played once and can be played again, frame by frame."""

    def __init__(self, random: Random) -> None:
        self.tiles = SeededTiles(random.randbytes(32))
        self.moves: list[tuple[int, int, int]] = []
        self.outcomes: list[Outcome] = []
        self.frames: list[bytes] = []
        run = self.fresh()
        while True:
            cell, direction = random.choice(legal_swaps(run.board))
            t_arr = run.lock_end_ms + _MOVE_WAIT_MS
            command = encode(Move(1, _RUN, run.seq + 1, run.head[:_HEAD_BYTES], cell, direction))
            frame = Frame(Opcode.BINARY, command).serialize(mask=True)
            outcome = run.move(t_arr, cell, direction)
            if run.end:
                return
            self.frames.append(frame)
            self.moves.append((t_arr, cell, direction))
            self.outcomes.append(outcome)

    def fresh(self) -> Run:
        """Return the run before its first move."""
        return Run(SPRINT, self.tiles, bytes(32), 0)


def _whole(game: _Game) -> Work:
    """Return every move on its way: a frame through a socket, parsed, decoded, judged, logged, its reply encoded and sent.

    Parsed by what the server parses with; a server's event loop and its disk come on top of it.
    """

    def work() -> int:
        phone, server = socket.socketpair()
        with phone, server:
            run, line = game.fresh(), ServerProtocol(state=OPEN)
            for frame, (t_arr, _, _) in zip(game.frames, game.moves, strict=True):
                phone.sendall(frame)
                line.receive_data(server.recv(_FRAME_BYTES_MAX))
                (received,) = line.events_received()
                assert isinstance(received, Frame)
                command = decode_command(bytes(received.data))
                assert isinstance(command, Move)
                outcome = run.move(t_arr, command.cell, command.direction)
                server.sendall(Frame(Opcode.BINARY, encode(_reply(run, outcome))).serialize(mask=False))
                phone.recv(_FRAME_BYTES_MAX)
        return len(game.moves)

    return work


def _reply(run: Run, outcome: Outcome) -> Moved:
    return Moved(
        1,
        _RUN,
        MoveVerdict.OK,
        run.seq,
        run.head,
        outcome.t_arr,
        outcome.t_eff,
        outcome.lock_end_ms,
        outcome.points,
        outcome.score,
        outcome.steps,
        outcome.shuffle.symbols if outcome.shuffle else None,
        None,
        1,
        1,
    )


def _proof_of(game: _Game, signer: Signer) -> Work:
    """Return what chain and receipts alone add: board hash, event, chain, the receipt in the reply, a signed one at the end."""
    board = Board(_planes_after(game))

    def work() -> int:
        head = bytes(32)
        for outcome in game.outcomes:
            for event in outcome.events:
                board8 = log.board8(board, [0] * 8, 0)
                payload = log.move(event.seq, outcome.t_arr, outcome.t_eff, 7, 1, 1, 30, 30, board8)
                head = log.chain(head, payload)
            msgpack.packb(head)
        names = EventId("demo"), HeatId(""), _RUN, PlayerId("p1")
        receipt.sign(*names, outcome.score, event.seq, head, signer)
        return len(game.moves)

    return work


def _planes_after(game: _Game) -> int:
    run = game.fresh()
    for move in game.moves:
        run.move(*move)
    return run.board.planes


def figures() -> Iterator[Figure]:
    """Measure; yield each figure as soon as it is known. Some ten seconds."""
    stage = Stage()
    heat = staged_heat(stage, "h1", _BOTS, _SEED)
    data = pack(heat_bundle(stage, heat.heat))
    plain = [_played_plainly(stage, heat, place) for place in range(_PLAIN_RUNS)]
    ours, theirs = interleaved(_ROUNDS, [_checked(data)], plain)
    yield Figure("proof.verify_runs_per_s", 1_000_000 / ours, "runs/s", PLAIN, theirs / ours)
    random = Random(_SEED)  # noqa: S311 - the same games every time
    games, signer = [_Game(random) for _ in range(_GAMES)], Signer(random.randbytes(32))
    whole, added = interleaved(
        _MOVE_ROUNDS, [_whole(game) for game in games], [_proof_of(game, signer) for game in games]
    )
    yield Figure("proof.move_overhead", added, "us", WHOLE, added / whole)
