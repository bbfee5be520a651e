"""Long proofs in two sizes: small in every run, full with `--full-size` (`make test-slow`).

A test asks for `size` and names both: `size("runs", small=50, full=10_000)`. What a run used is printed at its end, so
nobody takes a small proof for the large one; what it found out is counted with `tally` and printed beside that. Tests marked
`slow` have no small size; those that only tally have one size, and belong to both.
"""

from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings

# A machine that others keep busy takes its time, and that is no fault of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


class Size(Protocol):
    def __call__(self, what: str, *, small: int, full: int) -> int: ...


class Tally(Protocol):
    def __call__(self, what: str, count: int) -> None: ...


LONG = {"size", "tally"}
"""Who asks for one of these fixtures is a long proof."""


class Sizes:
    """What the long proofs used and counted. It travels in their reports, as several processes may share the tests."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            used = [line for name, line in report.user_properties if name == "size"]
            self._lines += [f"{report.nodeid}: {line}" for line in used]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._lines:
            terminalreporter.section("long proofs: sizes (make test-slow: in full) and counts")
            for line in sorted(self._lines):
                terminalreporter.write_line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-size", action="store_true", help="run only the long proofs, at full size")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Sizes())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Playwright keeps an event loop running in its thread from its first test to its last: nothing asynchronous could
    # run after it, so what drives a browser comes last. Processes that share the tests take them in this order.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if not config.getoption("full_size"):
        return
    long_proofs = [
        item
        for item in items
        if item.get_closest_marker("slow") or LONG.intersection(getattr(item, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in long_proofs])
    items[:] = long_proofs


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    # Bytes may be drawn at random; processes that share the tests have to call each by the same name.
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Size:
    is_full = request.config.getoption("full_size")

    def choose(what: str, *, small: int, full: int) -> int:
        chosen = full if is_full else small
        request.node.user_properties.append(("size", f"{chosen:,} of {full:,} {what}"))
        return chosen

    return choose


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    def note(what: str, count: int) -> None:
        request.node.user_properties.append(("size", f"{count:,} {what}"))

    return note
