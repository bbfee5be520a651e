"""What a worker has counted: figures and tables since it was last asked, as values that can be sent and added up."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from knack_loadtest.crowd.histogram import Histogram
from knack_loadtest.crowd.metrics import BY_NAME, TABLES, Kind

Packed = dict[str, Any]


class Tally:
    """Figures by their names in `metrics`; a name that is not there, or of another kind, is an error of ours."""

    def __init__(self) -> None:
        self.histograms: dict[str, Histogram] = {}
        self.counts: Counter[str] = Counter()
        self.gauges: dict[str, float] = {}
        self.tables: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def time(self, name: str, us: float, word: str = "") -> None:
        """Add a time to a latency; under a word, too, if one is given (`stolen_time|casual`)."""
        histogram = self.histograms.get(name)
        if histogram is None:
            assert BY_NAME[name.partition("|")[0]].kind is Kind.LATENCY, name
            histogram = self.histograms[name] = Histogram()
        histogram.add(round(us))
        if word:
            self.time(f"{name}|{word}", us)

    def count(self, name: str, times: int = 1) -> None:
        """Count something."""
        assert BY_NAME[name].kind is Kind.COUNT, name
        self.counts[name] += times

    def level(self, name: str, value: float) -> None:
        """Note a level; the highest counts."""
        assert BY_NAME[name].kind is Kind.GAUGE, name
        self.gauges[name] = max(self.gauges.get(name, value), value)

    def mark(self, table: str, word: str, times: int = 1) -> None:
        """Count something under a word."""
        assert table in TABLES, table
        self.tables[table][word] += times

    def merge(self, other: "Tally") -> None:
        """Take in all that another tally counted."""
        self.take(other.packed())

    def take(self, packed: Mapping[str, Any]) -> None:
        """Take in what `packed` made elsewhere."""
        for name, sparse in packed["histograms"].items():
            self.histograms.setdefault(name, Histogram()).merge_packed(sparse)
        self.counts.update(packed["counts"])
        for name, value in packed["gauges"].items():
            self.level(name, value)
        for table, counted in packed["tables"].items():
            self.tables[table].update(counted)

    def drain(self) -> Packed:
        """Return everything as plain values, and begin anew."""
        packed = self.packed()
        for part in (self.histograms, self.counts, self.gauges, self.tables):
            part.clear()
        return packed

    def packed(self) -> Packed:
        """Return everything as plain values."""
        return {
            "histograms": {name: histogram.packed() for name, histogram in self.histograms.items()},
            "counts": dict(self.counts),
            "gauges": dict(self.gauges),
            "tables": {table: dict(counted) for table, counted in self.tables.items()},
        }
