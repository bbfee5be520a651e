"""How scenarios and thresholds write quantities: `90s`, `150 ms`, `10/s`, `48KiB`, `99.9%`."""

import re
from typing import Final

MS_OF: Final = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000}
"""Milliseconds in a unit of time."""

BYTES_OF: Final = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}

_QUANTITY: Final = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z%/]*)\s*")


class NoQuantity(ValueError):
    """A text that is no quantity of the kind that was asked for."""


def quantity(text: str) -> tuple[float, str]:
    """Split a quantity into its number and its unit, which may be empty.

    Raises:
        NoQuantity: it does not begin with a number.
    """
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise NoQuantity(f"{text!r} is no number with a unit")
    return float(found[1]), found[2]


def duration_ms(text: str) -> int:
    """Read a time such as `90s`, `1.5m` or `250 ms`.

    Raises:
        NoQuantity: no time, or a negative one.
    """
    number, unit = quantity(text)
    if unit not in MS_OF or number < 0:
        raise NoQuantity(f"{text!r} is no time; one looks like 90s, 5m or 250ms")
    return round(number * MS_OF[unit])


def per_second(text: str) -> float:
    """Read a rate such as `10/s` or `1/20s`, as a number each second.

    Raises:
        NoQuantity: no rate.
    """
    number, slash, time = text.partition("/")
    time = time.strip()
    if not slash or not time:
        raise NoQuantity(f"{text!r} is no rate; one looks like 10/s or 1/20s")
    span_ms = duration_ms(time if time[0].isdigit() else f"1{time}")
    if span_ms == 0:
        raise NoQuantity(f"{text!r} is a rate in no time")
    count, unit = quantity(number)
    if unit or count < 0:
        raise NoQuantity(f"{text!r} is no rate; one looks like 10/s or 1/20s")
    return count * 1000 / span_ms


def shown_us(us: float | None) -> str:
    """Write a time for people: `850 µs`, `12.3 ms`, `6.02 s`; `n/a` for none."""
    if us is None:
        return "n/a"
    if us < 1000:
        return f"{us:.0f} µs"
    if us < 1_000_000:
        return f"{us / 1000:.3g} ms" if us < 999_500 else f"{us / 1000:.0f} ms"
    return f"{us / 1_000_000:.2f} s"


def shown(value: float | None, unit: str) -> str:
    """Write a figure in the unit that a result names (`us`, `share`, `bytes`, `bytes/s`, `1/s`, `s`, `count`) for people."""
    if value is None:
        return "n/a"
    match unit:
        case "us":
            return shown_us(value)
        case "ms":
            return shown_us(value * 1000)
        case "share":
            return f"{value:.2%}"
        case "bytes":
            return _shown_bytes(value)
        case "bytes/s":
            return f"{_shown_bytes(value)}/s"
        case "1/s":
            return f"{_shown_number(value)}/s"
        case "s":
            return f"{_shown_number(value)} s"
        case _:
            return _shown_number(value)


def _shown_bytes(value: float) -> str:
    for name in ("GiB", "MiB", "KiB"):
        if abs(value) >= BYTES_OF[name]:
            return f"{value / BYTES_OF[name]:.1f} {name}"
    return f"{value:.0f} B"


def _shown_number(value: float) -> str:
    is_whole = value == int(value) or abs(value) >= 1000
    return f"{value:,.0f}" if is_whole else f"{value:.3g}"
