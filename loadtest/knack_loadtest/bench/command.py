"""`python -m knack_loadtest.bench`: the figures of the rules and the proof, and those of the real server.

Prints a JSON line a figure as soon as it is known. Exit code 1 when one is WRONG.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from knack_loadtest.bench import machine, paper, proof, report, rules, scratch
from knack_loadtest.bench.process import ProgramFailed
from knack_loadtest.bench.readings import Row
from knack_loadtest.bench.realtime import ack, fanout, idle, move, ranks, records, slow, storm, traffic
from knack_loadtest.bench.stage import Stage

REALTIME: Final[Mapping[str, Callable[[Stage], Iterator[Row]]]] = {
    "fanout": fanout.measure,
    "idle": idle.measure,
    "move": move.measure,
    "ack": ack.measure,
    "slow": slow.measure,
    "storm": storm.measure,
    "ranks": ranks.measure,
    "records": records.measure,
    "bytes": traffic.measure,
}
"""Every figure of the real server by its name; `move` measures `window`, too, with the same players."""

ENGINE: Final = {"rules": rules.figures, "proof": proof.figures}
"""What is measured inside this process: no server, no socket."""

LIMIT_S: Final = 720
_ROUNDS: Final = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for."""
    asked = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended, too
    names = asked.figure or [*ENGINE, *REALTIME]
    for name in names:
        if name in ENGINE:
            for figure in ENGINE[name]():
                _say(figure.line())
    rows = _realtime([name for name in names if name in REALTIME], asked)
    if asked.write:
        report.write_into(asked.write, _part(rows, asked))
    if any(row.wrong for row in rows):
        sys.exit(1)


def _realtime(names: Sequence[str], asked: argparse.Namespace) -> list[Row]:
    if not names:
        return []
    began_s = time.monotonic()
    peers = scratch.set_up(asked.peers, lambda text: print(text, file=sys.stderr)) if asked.peers else None  # noqa: T201
    rows: list[Row] = []
    with TemporaryDirectory(prefix="knack-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # databases run as users of their own
        for name in names:
            stage = Stage(Path(folder), peers, asked.small, asked.rounds, began_s + asked.limit_s)
            for row in _measured(name, stage):
                rows.append(row)
                _say(row.line())
    return rows


def _measured(name: str, stage: Stage) -> Iterator[Row]:
    """Measure one figure; one that breaks is told, and does not keep the others from being measured."""
    if stage.is_over:
        yield Row(name, "", "", None, "–", note="not measured: the time was over")
        return
    try:
        yield from REALTIME[name](stage)
    except (ProgramFailed, OSError) as failure:
        yield Row(name, "", "", None, "–", wrong=(str(failure),))


def _part(rows: Sequence[Row], asked: argparse.Namespace) -> str:
    what = "make bench-peers" if asked.peers else "make bench"
    when = datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    lines = [
        f"`{what}`, {when}, on {machine.kind()}; load before the last figure {machine.load():.1f}.",
        "Ours is the median of the rounds, with the smallest and the largest in brackets; so are theirs. *ratio* is ours by theirs.",
    ]
    if asked.peers:
        lines.append(f"Peers: {scratch.versions()}.")
    return "\n\n".join(part for part in ("\n".join(lines), report.table(rows), paper.on_paper(rows)) if part)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m knack_loadtest.bench", description=__doc__)
    parser.add_argument(
        "figure", nargs="*", choices=[[], *ENGINE, *REALTIME], help="which figures; all when none is named"
    )
    parser.add_argument("--peers", type=Path, help="set the peers up in this folder and measure them, too")
    parser.add_argument("--small", action="store_true", help="sizes just large enough to show that it works")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="rounds of each contender, in turn")
    parser.add_argument(
        "--limit-s", type=float, default=LIMIT_S, help="begin no further figure after so long"
    )
    parser.add_argument("--write", type=Path, help="write the table into this document")
    return parser
