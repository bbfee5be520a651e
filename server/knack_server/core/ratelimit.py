"""How often somebody may do something: a token bucket in whole numbers, told the time by its caller."""

from fractions import Fraction


class TokenBucket:
    """A bucket that holds `burst` tokens, starts full and gains `rate_per_s` of them a second.

    Exact: levels are integers in a unit that both a token and a millisecond's gain are multiples of, so that a
    sender at precisely the allowed rate is never refused by a rounding.
    """

    __slots__ = ("_capacity", "_gain_per_ms", "_level", "_price", "_seen_ms")

    def __init__(self, rate_per_s: int | Fraction, burst: int) -> None:
        """Fill a bucket; a rate below one a second is a `Fraction` (three a minute: `Fraction(3, 60)`)."""
        assert rate_per_s > 0
        assert burst >= 1
        self._gain_per_ms = rate_per_s.numerator
        self._price = 1000 * rate_per_s.denominator
        """Of one token; a second's gain is `rate_per_s` of them."""
        self._capacity = burst * self._price
        self._level = self._capacity
        self._seen_ms: int | None = None

    def take(self, now_ms: int) -> int:
        """Take one token if there is one.

        Units: milliseconds of any clock; one that steps back adds nothing.
        Returns 0 when the token was taken, else the shortest wait in ms after which `take` succeeds. A refused
        call costs nothing.
        """
        if self._seen_ms is None:
            self._seen_ms = now_ms
        elif now_ms > self._seen_ms:
            self._level = min(self._capacity, self._level + (now_ms - self._seen_ms) * self._gain_per_ms)
            self._seen_ms = now_ms
        if self._level >= self._price:
            self._level -= self._price
            return 0
        return -((self._level - self._price) // self._gain_per_ms)

    def is_full(self, now_ms: int) -> bool:
        """Tell whether nothing would be lost by forgetting it."""
        if self._seen_ms is None:
            return True
        return self._level + (now_ms - self._seen_ms) * self._gain_per_ms >= self._capacity
