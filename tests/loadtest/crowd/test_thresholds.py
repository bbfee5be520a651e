"""Thresholds: what is none is an error, and what was not measured meets nothing."""

from typing import Any

import pytest

from knack_loadtest.crowd.histogram import Histogram
from knack_loadtest.crowd.result import latency
from knack_loadtest.crowd.thresholds import ThresholdError, judge, parse


def figures(name: str, **figure: Any) -> dict[str, Any]:
    return {name: figure}


def acks(*values: int) -> dict[str, Any]:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return {"move_ack": latency(histogram)}


@pytest.mark.parametrize(
    ("text", "subject", "limit"),
    [
        ("move_ack.p99 < 150ms", "move_ack.p99", 150_000),
        ("move_ack.p99.9<=1.5 s", "move_ack.p99.9", 1_500_000),
        ("connect.success >= 99.9%", "connect.success", 0.999),
        ("feeds.unrepaired == 0", "feeds.unrepaired", 0),
        ("server.rss < 400MiB", "server.rss", 400 * 1024**2),
        ("connect.tcp.max < 1s", "connect.tcp.max", 1_000_000),
        ("visible.count > 100", "visible.count", 100),
    ],
)
def test_a_threshold_names_a_figure_and_a_limit_in_its_unit(text: str, subject: str, limit: float) -> None:
    threshold = parse(text)

    assert (threshold.subject, threshold.limit) == (subject, pytest.approx(limit))


@pytest.mark.parametrize(
    "text",
    [
        "move_akc.p99 < 150ms",  # a slip of the pen: it would pass for ever
        "move_ack < 150ms",  # which of its values?
        "move_ack.p98 < 150ms",
        "move_ack.p99 < 150",  # of what?
        "move_ack.p99 < 150MiB",
        "feeds.gap < 3s",
        "connect.success.p99 > 1",
        "move_ack.p99 = 3ms",
        "move_ack.p99 <",
        "",
        "move_ack.p99 < NaN",
    ],
)
def test_what_is_no_threshold_is_an_error(text: str) -> None:
    with pytest.raises(ThresholdError):
        parse(text)


def test_a_threshold_is_met_or_breached() -> None:
    assert judge(parse("move_ack.max < 150ms"), acks(149_000))["outcome"] == "met"
    assert judge(parse("move_ack.max < 150ms"), acks(151_000))["outcome"] == "breached"


def test_a_threshold_without_samples_is_not_met() -> None:
    judged = judge(parse("move_ack.max < 150ms"), acks())

    assert (judged["outcome"], judged["value"]) == ("no_samples", None)
    assert "no samples" in judged["why"]


def test_a_percentile_of_too_few_samples_is_not_met() -> None:
    judged = judge(parse("move_ack.p99 < 150ms"), acks(1, 2, 3))

    assert judged["outcome"] == "no_samples"
    assert "takes 1000" in judged["why"]


def test_a_share_of_nothing_is_not_met() -> None:
    judged = judge(
        parse("connect.success >= 99%"), figures("connect.success", kind="share", unit="share", value=None)
    )

    assert judged["outcome"] == "no_samples"
