"""`crowd find-limit`: the most people that a server carries, found by trying."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click
from click.core import ParameterSource
from rich.console import Console
from rich.table import Table

from knack_loadtest.crowd import units, verdict
from knack_loadtest.crowd.commands.options import chosen, scenario_options
from knack_loadtest.crowd.commands.run import run, without_secrets
from knack_loadtest.crowd.limit import Edge, Limit, Search, Trial, shares
from knack_loadtest.crowd.machine import Shortage, shortages
from knack_loadtest.crowd.plan import make_plan
from knack_loadtest.crowd.result import environment
from knack_loadtest.crowd.scenario.model import Scenario

FORMAT: Final = "crowd limit 1"

FACTS_KEPT: Final = 3
"""The worst facts of each step; its own result has all."""

FIGURES: Final = ("moves.per_s", "moves.share", "connect.success", "server.cpu_us_per_move")
LATENCIES: Final = ("move_ack", "visible")
"""What a step's row tells; its own result has all."""

COMMAND: Final = (sys.executable, "-m", "knack_loadtest.crowd", "run")

Document = dict[str, Any]


class Stopped(Exception):
    """A step was no trial: its command ended with an error of its own."""

    def __init__(self, code: int) -> None:
        super().__init__(f"a step ended with exit code {code}")
        self.code = code


@dataclass(slots=True)
class Hunt:
    """A search that is being carried out."""

    given: dict[str, Any]
    """The scenario as it was asked for: the options that `chosen` takes."""
    scenario: Scenario
    vary: str
    search: Search
    folder: Path
    arguments: tuple[str, ...]
    """What every trial's `crowd run` gets, but for the number of people."""
    time_limit_ms: int
    steps: list[Document] = field(default_factory=list)
    began_unix_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    ended_by: str = "settled"
    is_interrupted: bool = False
    _since_ns: int = field(init=False)
    _longest_ms: int = 0

    def __post_init__(self) -> None:
        self._since_ns = time.monotonic_ns()

    def run(self) -> None:
        """Try load after load, until enough is known, time is up, something is wrong, or Ctrl-C.

        Raises:
            Stopped: a step could not be run at all; what is known until then is in `steps`.
        """
        with self._interrupts():
            while (load := self.search.next_load()) is not None:
                if self._elapsed_ms() + self._longest_ms > self.time_limit_ms:
                    self.ended_by = "time"
                    return
                begun_ms = self._elapsed_ms()
                self._try(load)
                self._longest_ms = max(self._longest_ms, self._elapsed_ms() - begun_ms)
                if self.is_interrupted:
                    self.ended_by = "interrupted"
                    return
        if any(step["word"] == Trial.WRONG for step in self.steps):
            self.ended_by = "wrong"

    def _try(self, load: int) -> None:
        number = len(self.search.trials.get(load, ())) + 1
        folder = self.folder / f"{load}-{number}"
        click.echo(f"{load} {self.vary}, trial {number}")
        sizes = self._sizes(load)
        sized = chosen(**{**self.given, "scale": None, "settings": (*self.given["settings"], *sizes)})
        lacking = shortages(make_plan(sized))
        if lacking:
            self._note(load, _too_much(load, lacking))
            return
        settings = chain.from_iterable(("--set", size) for size in sizes)
        code = play((*self.arguments, *settings, "--out", str(folder)))
        found = list(folder.glob("*/result.json"))
        if not found:
            self.is_interrupted = self.is_interrupted or code == verdict.INTERRUPTED
            if self.is_interrupted:
                return
            self.ended_by = "error"
            raise Stopped(code)
        result = json.loads(found[0].read_text(encoding="utf-8"))
        self.is_interrupted = self.is_interrupted or result["is_interrupted"]
        if not result["is_interrupted"] or result["verdict"]["word"] == Trial.WRONG:
            self._note(load, _step(load, result, found[0].parent.relative_to(self.folder)))

    def _note(self, load: int, step: Document) -> None:
        self.search.note(load, Trial(step["word"]))
        self.steps.append(step)

    def _sizes(self, load: int) -> tuple[str, ...]:
        """Return how many people of each group there are, as `--set` takes it."""
        counts = {group.name: group.count for group in self.scenario.groups}
        counts |= shares({group.name: group.count for group in varied(self.scenario, self.vary)}, load)
        return tuple(f"{name}.count={count}" for name, count in counts.items())

    def _elapsed_ms(self) -> int:
        return (time.monotonic_ns() - self._since_ns) // 1_000_000

    @contextmanager
    def _interrupts(self) -> Iterator[None]:
        """Let Ctrl-C end the step that runs, which writes its report, and then the search."""

        def interrupted(_number: int, _frame: FrameType | None) -> None:
            self.is_interrupted = True

        before = signal.signal(signal.SIGINT, interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def document(self, command: Sequence[str]) -> Document:
        """Return what was found, as `limit.json` has it."""
        search, frame = self.search, self.scenario.frame
        return {
            "format": FORMAT,
            "scenario": {"name": frame.name, "title": frame.title, "seed": frame.seed},
            "vary": self.vary,
            "lowest": search.lowest,
            "highest": search.highest,
            "repeats": search.repeats,
            "time_limit_ms": self.time_limit_ms,
            "began_unix_ms": self.began_unix_ms,
            "duration_ms": self._elapsed_ms(),
            "ended_by": self.ended_by,
            "edge": search.edge.value,
            "holds": search.holds,
            "breaks": search.breaks,
            "limited_by": search.limited_by.value if search.limited_by is not None else None,
            "text": said(self),
            "steps": self.steps,
            "environment": environment(command),
        }


def play(arguments: Sequence[str]) -> int:
    """Play one step as a command of its own, so that every trial has a fresh generator; return its exit code."""
    return subprocess.run([*COMMAND, *arguments], check=False).returncode  # noqa: S603 - our own command


def varied(scenario: Scenario, vary: str) -> list[Any]:
    """Return the groups whose people are varied; none where there is nothing of that name."""
    return [group for group in scenario.groups if vary in {group.name, group.name.partition(".")[0]}]


def said(hunt: Hunt) -> str:
    """Say what was found in plain words."""
    search, what = hunt.search, hunt.vary
    if hunt.ended_by == "wrong":
        return f"Something is not true at {hunt.steps[-1]['load']} {what}; how many there may be does not matter then."
    whose = {Limit.GENERATOR: "the generator's limit, not the server's", Limit.SERVER: "the server's limit"}
    why = whose[search.limited_by] if search.limited_by is not None else ""
    match search.edge:
        case Edge.BELOW:
            text = f"Not even {search.lowest} {what} hold: {why}."
        case Edge.ABOVE:
            text = f"{search.holds} {what} hold, and nobody tried more: the limit is higher."
        case Edge.BETWEEN:
            text = f"{search.holds} {what} hold, {search.breaks} do not: {why}."
        case Edge.UNKNOWN:
            text = f"{search.holds} {what} hold." if search.holds is not None else "Nothing is known."
    more = {"time": " Time was up before the edge was sure.", "interrupted": " It was interrupted there."}
    return text + more.get(hunt.ended_by, "")


def exit_code(hunt: Hunt) -> int:
    """Return the exit code: some load held, or why none did."""
    if hunt.ended_by == "wrong":
        return verdict.WRONG
    if hunt.ended_by == "interrupted":
        return verdict.INTERRUPTED
    if hunt.search.holds is not None:
        return verdict.PASSED
    return verdict.INVALID if hunt.search.limited_by is Limit.GENERATOR else verdict.FAILED


def _step(load: int, result: Document, run: Path) -> Document:
    facts = [fact["text"] for fact in result["verdict"]["facts"] if fact["weight"] != "notice"]
    metrics = result["metrics"]
    figures = {name: metrics[name]["value"] for name in FIGURES}
    for name in LATENCIES:
        figures |= {f"{name}.{which}": metrics[name]["percentiles"][which] for which in ("p50", "p99")}
    return {
        "load": load,
        "word": result["verdict"]["word"],
        "facts": facts[:FACTS_KEPT],
        "figures": figures,
        "run": str(run),
    }


def _too_much(load: int, lacking: Sequence[Shortage]) -> Document:
    """Return the step of a load that this machine cannot even begin with."""
    names = [*FIGURES, *(f"{name}.{which}" for name in LATENCIES for which in ("p50", "p99"))]
    facts = [f"This machine has {s.there} {s.what}, and it takes {s.needed}: {s.remedy}" for s in lacking]
    return {
        "load": load,
        "word": Trial.INVALID.value,
        "facts": facts[:FACTS_KEPT],
        "figures": dict.fromkeys(names),
        "run": None,
    }


def _table(hunt: Hunt) -> Table:
    table = Table(hunt.vary, "verdict", "moves/s", "ack p50", "ack p99", "visible p99", "why", box=None)
    for step in sorted(hunt.steps, key=lambda step: int(step["load"])):
        figures = step["figures"]
        table.add_row(
            str(step["load"]),
            step["word"],
            "n/a" if figures["moves.per_s"] is None else f"{figures['moves.per_s']:.0f}",
            *(units.shown_us(figures[name]) for name in ("move_ack.p50", "move_ack.p99", "visible.p99")),
            step["facts"][0] if step["facts"] else "",
        )
    return table


@click.command("find-limit")
@scenario_options
@click.option(
    "--vary", default="players", show_default=True, help="Whose number: players, watchers or one group."
)
@click.option("--from", "lowest", type=click.IntRange(1), required=True, help="The lowest load to try.")
@click.option("--to", "highest", type=click.IntRange(1), required=True, help="The highest load to try.")
@click.option(
    "--repeats", type=click.IntRange(1, 9), default=3, show_default=True, help="Trials at the edge; odd."
)
@click.option("--time-limit", default="30m", show_default=True, help="No trial begins that would end later.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the search's folder goes; `runs` when not given."
)
@click.pass_context
def find_limit(
    context: click.Context,
    /,
    vary: str,
    lowest: int,
    highest: int,
    repeats: int,
    time_limit: str,
    out: Path | None,
    **given: Any,
) -> None:
    """Find the highest load at which SCENARIO meets all thresholds and oracles.

    Each trial is a `crowd run` with the options given here, and has a folder of its own.
    """
    scenario = {name: given[name] for name in ("name", "seed", "duration", "scale", "settings")}
    played = chosen(**scenario)
    if not sum(group.count for group in varied(played, vary)):
        raise click.UsageError(f"{played.frame.name} has no {vary}")
    if lowest > highest:
        raise click.UsageError("--from must not be more than --to")
    if repeats % 2 == 0:
        raise click.UsageError("--repeats must be odd, so that there is a majority")
    try:
        limit_ms = units.duration_ms(time_limit)
    except units.NoQuantity as none:
        raise click.UsageError(f"--time-limit: {none}") from None
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    folder = (out or Path("runs")) / f"{stamp}-limit-{played.frame.name}-{played.frame.seed}"
    arguments = (str(scenario["name"]), *_passed_on(context))
    hunt = Hunt(scenario, played, vary, Search(lowest, highest, repeats), folder, arguments, limit_ms)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise click.UsageError(f"nothing can be written to {folder}: {error.strerror}") from None
    try:
        hunt.run()
    except Stopped as stopped:
        click.echo(f"crowd: {stopped}", err=True)
        sys.exit(stopped.code)
    finally:
        _write(hunt)
    Console(highlight=False).print(_table(hunt))
    click.echo(f"{said(hunt)}\n  {folder / 'limit.json'}")
    sys.exit(exit_code(hunt))


OWN: Final = frozenset({*(parameter.name for parameter in find_limit.params), "scale"})
"""What a trial is not told: the search sets how many people there are."""

PASSED_ON: Final = tuple(
    option for option in run.params if isinstance(option, click.Option) and option.name != "out"
)
"""Options of `crowd run`, which every trial may be given."""

find_limit.params += [option for option in PASSED_ON if option.name not in OWN]


def _passed_on(context: click.Context) -> Iterator[str]:
    """Yield the options that were typed as a trial's command line has them; those of the environment it finds itself."""
    for option in PASSED_ON:
        name = str(option.name)
        is_typed = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if not is_typed or name == "scale":
            continue
        value = context.params[name]
        for one in value if option.multiple else (value,):
            yield from (option.opts[0],) if option.is_flag else (option.opts[0], str(one))


def _write(hunt: Hunt) -> None:
    text = json.dumps(hunt.document(("crowd", *without_secrets(sys.argv[1:]))), ensure_ascii=False, indent=1)
    (hunt.folder / "limit.json").write_text(text + "\n", encoding="utf-8")
