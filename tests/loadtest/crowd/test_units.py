"""Figures for people: one place writes them, in every report."""

import pytest

from knack_loadtest.crowd.units import shown


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "us", "n/a"),
        (0, "us", "0 µs"),
        (850, "us", "850 µs"),
        (12_345, "us", "12.3 ms"),
        (999_499, "us", "999 ms"),
        (999_600, "us", "1000 ms"),
        (6_020_000, "us", "6.02 s"),
        (1500, "ms", "1.50 s"),
        (0.99912, "share", "99.91%"),
        (0, "count", "0"),
        (1_234_567, "count", "1,234,567"),
        (0.125, "count", "0.125"),
        (1023, "bytes", "1023 B"),
        (1536, "bytes", "1.5 KiB"),
        (107 * 1024**2, "bytes", "107.0 MiB"),
        (3 * 1024**3, "bytes", "3.0 GiB"),
        (-2048, "bytes", "-2.0 KiB"),
        (2048, "bytes/s", "2.0 KiB/s"),
        (12.345, "1/s", "12.3/s"),
        (2999.6, "1/s", "3,000/s"),
        (7, "s", "7 s"),
    ],
)
def test_a_figure_has_its_unit_and_as_many_digits_as_it_is_worth(
    value: float | None, unit: str, text: str
) -> None:
    assert shown(value, unit) == text
