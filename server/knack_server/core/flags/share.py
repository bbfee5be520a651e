"""A share of a run's swaps: which ones, of how many."""

from typing import NamedTuple


class Share(NamedTuple):
    """The swaps that something holds for, by their numbers in the log, of `total` that it could hold for."""

    seqs: tuple[int, ...]
    total: int

    @property
    def rate(self) -> float:
        """0 to 1; 0 where there was nothing to count."""
        return len(self.seqs) / self.total if self.total else 0.0
