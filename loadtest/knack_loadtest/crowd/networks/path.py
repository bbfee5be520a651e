"""When bytes arrive that are sent in one direction: a narrow way, a long one, and never out of order."""

from knack_loadtest.crowd.networks.weather import S_NS, Weather


class Path:
    """One direction of one line: first the queue before the narrowest place, then the way, then what holds everything up."""

    def __init__(self, weather: Weather, bytes_per_s: int | None) -> None:
        self._weather = weather
        self._bytes_per_s = bytes_per_s
        self._free_ns = 0
        self._last_ns = 0

    def arrives_ns(self, sent_ns: int, count: int) -> int:
        """Return when `count` bytes that are sent now have arrived; later ones never arrive before."""
        leaves_ns = max(sent_ns, self._free_ns)
        if self._bytes_per_s is not None:
            leaves_ns += count * S_NS // self._bytes_per_s
            self._free_ns = leaves_ns
        due_ns = self._weather.clear_ns(leaves_ns + self._weather.one_way_ns(leaves_ns))
        self._last_ns = max(due_ns, self._last_ns)
        return self._last_ns
