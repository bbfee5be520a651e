"""A scenario out of a TOML file, or errors that name file, line and key; all that are found, not only the first."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from knack_loadtest.crowd.scenario import keys
from knack_loadtest.crowd.scenario.keys import REQUIRED, Section
from knack_loadtest.crowd.scenario.kinds import WrongValue, is_table
from knack_loadtest.crowd.scenario.model import Heats, Scenario, Watchers
from knack_loadtest.crowd.shapes import SHAPES
from knack_protocol.proof.commitments import is_heat_id

_HEADER = re.compile(r"\s*\[\[?\s*([\w.\"'-]+)\s*\]\]?")
_ASSIGNED = re.compile(r"\s*([\w.\"'-]+)\s*=")


class ScenarioError(Exception):
    """A scenario that cannot be played; a line for everything that is wrong with it."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def shipped() -> dict[str, str]:
    """Return the text of every scenario that comes with the tester, by name."""
    folder = files("knack_loadtest.crowd") / "scenarios"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in sorted(found, key=str)
    }


def load(name: str, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario by its name, if it comes with the tester, or from a file.

    Raises:
        ScenarioError: there is none, or it is wrong.
    """
    ours = shipped()
    if name in ours:
        return read(ours[name], f"{name}.toml", overrides)
    path = Path(name)
    try:
        return read(path.read_text(encoding="utf-8"), path.name, overrides)
    except (OSError, UnicodeDecodeError) as failed:
        raise ScenarioError(
            [f"{name}: no such file, and no scenario that comes with crowd ({', '.join(ours)}): {failed}"]
        ) from failed


def read(text: str, file: str, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario; `overrides` are values for keys by their dotted names, such as `players.casual.count`.

    Raises:
        ScenarioError: it is wrong.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise ScenarioError([f"{file}, line {found[1] if found else '?'}: {error}"]) from None
    overrides = dict(overrides or {})
    for name, value in overrides.items():
        _override(document, name, value)
    reader = _Reader(file, _Lines(text), frozenset(overrides))
    scenario = reader.scenario(document, text, overrides)
    if reader.faults:
        raise ScenarioError(reader.faults)
    return scenario


def override(text: str) -> tuple[str, Any]:
    """Read `players.casual.count=400` as a key and a TOML value; what is no TOML value is a text.

    Raises:
        ScenarioError: there is no `=`.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise ScenarioError([f"--set {text}: must look like players.casual.count=400"])
    try:
        return name.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name.strip(), value.strip()


def _override(document: dict[str, Any], name: str, value: Any) -> None:
    *tables, last = name.split(".")
    table = document
    for part in tables:
        inner = table.setdefault(part, {})
        if not isinstance(inner, dict):
            raise ScenarioError([f"--set {name}: {part} is no table"])
        table = inner
    table[last] = value


class _Lines:
    """Where keys stand in a TOML text: by their full dotted names, lists of tables by number (`faults.0.at`)."""

    def __init__(self, text: str) -> None:
        self._line_of: dict[str, int] = {}
        table, lists = "", dict[str, int]()
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                table = _plain(header[1])
                if line.lstrip().startswith("[["):
                    lists[table] = lists.get(table, -1) + 1
                    table = f"{table}.{lists[table]}"
                self._line_of.setdefault(table, number)
            elif assigned := _ASSIGNED.match(line):
                name = _plain(assigned[1])
                self._line_of.setdefault(f"{table}.{name}" if table else name, number)

    def of(self, name: str) -> int:
        """Return the line of a key, or of the nearest table around it; 1 for none."""
        while name and name not in self._line_of:
            name = name.rpartition(".")[0]
        return self._line_of.get(name, 1)


class _Reader:
    """Reads one document and collects what is wrong with it."""

    def __init__(self, file: str, lines: _Lines, overridden: frozenset[str]) -> None:
        self.faults: list[str] = []
        self._file = file
        self._lines = lines
        self._overridden = overridden

    def scenario(self, document: dict[str, Any], text: str, overrides: Mapping[str, object]) -> Scenario:
        known = {section.title for section in keys.SECTIONS}
        for name in document.keys() - known:
            self._fault(name, f"there is no such table; there are {', '.join(sorted(known))}")
        frame = self._table(keys.FRAME, "scenario", document.get("scenario", {}))
        groups = {
            section.title: tuple(self._groups(section, document.get(section.title, {})))
            for section in keys.GROUPS
        }
        heats = tuple(self._heats(document))
        self._shown(groups["watchers"], [table.name for table in heats])
        faults = document.get("faults", [])
        if not isinstance(faults, list):
            self._fault("faults", "is a list of tables: [[faults]]")
            faults = []
        listed = [self._table(keys.FAULT, f"faults.{n}", fault) for n, fault in enumerate(faults)]
        expect = self._table(keys.EXPECT, "expect", document.get("expect", {}))
        if self.faults:
            return Scenario(frame)
        return Scenario(
            frame=frame,
            **groups,
            heats=heats,
            faults=tuple(listed),
            expect=expect,
            text=text,
            overrides=overrides,
        )

    def _named(self, section: Section, tables: Any) -> Iterable[tuple[str, dict[str, Any]]]:
        if not is_table(tables):
            self._fault(section.title, f"holds tables by name: [{section.title}.NAME]")
            return
        for name, table in tables.items():
            path = f"{section.title}.{name}"
            if is_table(table):
                yield path, dict(table)
            else:
                self._fault(path, f"is a table of its own: [{section.title}.NAME]")

    def _groups(self, section: Section, tables: Any) -> Iterable[Any]:
        for path, table in self._named(section, tables):
            arrive = self._arrive(path, table.pop("arrive", {}))
            yield self._table(section, path, table, name=path, arrive=arrive)

    def _heats(self, document: Mapping[str, Any]) -> Iterable[Heats]:
        there = document.get("players", {})
        groups = [f"players.{name}" for name in there] if is_table(there) else []
        for path, table in self._named(keys.HEATS, document.get("heats", {})):
            heats: Heats | None = self._table(keys.HEATS, path, table, name=path)
            if heats is None:
                continue
            if heats.players not in groups:
                self._fault(f"{path}.players", f"there is no such group; there are {', '.join(groups)}")
            if fault := _fault_of_ids(heats):
                self._fault(path, fault)
            yield heats

    def _shown(self, watchers: Iterable[Watchers | None], heats: Sequence[str]) -> None:
        for group in watchers:
            if group is not None and group.heats not in {None, *heats}:
                self._fault(
                    f"{group.name}.heats", f"there are no such heats; there are {', '.join(heats) or 'none'}"
                )

    def _arrive(self, path: str, table: Any) -> Any:
        path = f"{path}.arrive"
        arrive = self._table(keys.ARRIVE, path, table)
        for field in SHAPES[arrive.shape][1] if arrive is not None else ():
            if not getattr(arrive, field):
                key = next(key.name for key in keys.ARRIVE.keys if key.field == field)
                self._fault(f"{path}.{key}", f"the shape {arrive.shape} needs it")
        return arrive

    def _table(self, section: Section, path: str, table: Any, **more: Any) -> Any:
        if not is_table(table):
            self._fault(path, "must be a table")
            return None
        known = {key.name: key for key in section.keys}
        for name in table.keys() - known.keys():
            self._fault(f"{path}.{name}", f"there is no such key; there are {', '.join(known)}")
        values, before = more, len(self.faults)
        for name, key in known.items():
            if name in table:
                try:
                    values[key.field] = key.kind.read(table[name])
                except WrongValue as wrong:
                    self._fault(f"{path}.{name}", f"{wrong} (it is {table[name]!r})")
            elif key.default is REQUIRED:
                self._fault(f"{path}.{name}", "is missing")
            else:
                values[key.field] = key.default
        return section.makes(**values) if len(self.faults) == before else None

    def _fault(self, name: str, text: str) -> None:
        where = (
            f"--set {name}"
            if name in self._overridden
            else f"{self._file}, line {self._lines.of(name)}, {name}"
        )
        self.faults.append(f"{where}: {text}")


def _fault_of_ids(heats: Heats) -> str:
    """Say why a server would not take these heats' ids, which are made of the table's name; nothing when it would."""
    ids = [*heats.promised, *(f"{heat}-r1" for heat in heats.ids if heats.reruns)]
    if all(map(is_heat_id, ids)) and not heats.ids[0].startswith("heats"):
        return ""
    return "a heat's name is of a-z, 0 to 9 and -, has at most 24 characters, and is not heats… or run-…"


def _plain(name: str) -> str:
    return name.replace('"', "").replace("'", "")
