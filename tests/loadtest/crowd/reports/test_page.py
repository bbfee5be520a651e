"""`report.html`: whole, of one file, and nothing but text where text came from outside."""

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from tests.loadtest.crowd.made import made, made_wrong
from tests.loadtest.crowd.reports.hostile import SCRIPT, TEXTS, hostile_texts, with_texts

from knack_loadtest.crowd.metrics import METRICS
from knack_loadtest.crowd.reports.html.page import SECTIONS, report


class Reader(HTMLParser):
    """What a page is made of: its elements with the names of their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.attributes += attrs
        if tag not in {"meta", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"script", "style"}:
            self.text += data


def section(page: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_every_section_is_there_in_its_order_and_linked() -> None:
    page = report(made())
    names = [make(made()).name for make in SECTIONS]

    assert re.findall(r'<section id="(\w+)"', page) == names
    assert re.findall(r'<li><a href="#(\w+)"', page) == names
    assert len(names) == len(set(names)) == 14


def test_all_elements_are_closed() -> None:
    assert Reader(report(made())).open == []
    assert Reader(report(made_wrong())).open == []


def test_nothing_is_asked_of_anybody() -> None:
    reader = Reader(report(with_texts(made_wrong(), "https://evil.example/x.js")))
    leading = {
        value for name, value in reader.attributes if name in {"src", "href", "action", "data", "srcset"}
    }

    assert all(value is not None and (value.startswith("#") or value == "data:,") for value in leading)
    assert any(
        value is not None and value.startswith("default-src 'none';") for _, value in reader.attributes
    )


def test_the_policy_lets_in_just_what_is_there() -> None:
    page = report(made())
    policy = page.partition('content="')[2].partition('"')[0]

    assert policy.count("sha256-") == page.count("<style>") + page.count("<script>") == 4
    assert "unsafe" not in policy


@settings(max_examples=12)
@given(hostile_texts)
def test_a_text_from_outside_makes_no_markup(text: str) -> None:
    told = Reader(report(with_texts(made_wrong(), text)))
    plain = Reader(report(with_texts(made_wrong(), "x")))

    assert told.elements == plain.elements


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_page_can_always_be_written(text: str) -> None:
    page = report(with_texts(made_wrong(), text))

    assert page.encode().decode() == page
    drawn = json.loads(page.partition('id="charts">')[2].partition("</script>")[0])
    assert len(drawn) == len(re.findall(r'data-chart="\w+"', page))


def test_a_script_is_shown_as_what_it_is() -> None:
    assert SCRIPT in Reader(report(with_texts(made(), SCRIPT))).text


def test_the_worst_facts_stand_first() -> None:
    result = made_wrong()
    verdict = section(report(result), "verdict")
    places = [
        verdict.find(fact["text"].partition(".")[0].replace("'", "&#x27;"))
        for fact in result["verdict"]["facts"]
    ]

    assert len(places) > 3
    assert -1 not in places
    assert places == sorted(places)
    assert places[2] < verdict.index("<details>") < places[3]


def test_a_divergence_shows_both_sides() -> None:
    correctness = section(report(made_wrong()), "correctness")

    assert re.findall(r'<span class="name">(.*?)</span><code>', correctness)[:2] == [
        "sprint: the server says",
        "the plain engine",
    ]
    assert "895 points" in correctness
    assert "955 points" in correctness


def test_a_limit_that_was_not_kept_stands_above_those_that_were() -> None:
    thresholds = section(report(made_wrong()), "thresholds")

    assert thresholds.index("breached") < thresholds.index("no samples") < thresholds.index(">met<")
    assert "move_ack.p95" in thresholds


def test_a_storm_tells_how_the_crowd_came_back() -> None:
    row = re.search(r"<th scope=\"row\">2: 14 s, storm.*?</tr>", report(made()))

    assert row is not None
    assert re.findall(r'class="figure">(.*?)</td>', row[0]) == ["36", "4", "2 s", "32/s"]


def test_what_did_not_happen_is_said_in_a_sentence() -> None:
    result = made()
    for name in result["tables"]:
        result["tables"][name] = type(result["tables"][name])()
    for figure in result["metrics"].values():
        if figure["kind"] == "latency":
            figure.update(
                count=0,
                min=None,
                mean=None,
                max=None,
                buckets=[],
                percentiles=dict.fromkeys(figure["percentiles"]),
            )
        else:
            figure["value"] = None
    result |= {"thresholds": [], "oracles": [], "marks": [], "workers": []}
    result["timeline"]["rows"] = []
    result["server"] = {**dict.fromkeys(result["server"]), "is_measured": False}
    page = report(result)

    for name in (
        "thresholds",
        "correctness",
        "timeline",
        "spectrum",
        "connections",
        "players",
        "cheats",
        "slow",
        "contacts",
        "server",
    ):
        assert 'class="nothing"' in section(page, name), name


def test_every_figure_is_there_with_its_definition() -> None:
    definitions = section(report(made()), "definitions")

    assert re.findall(r'id="figure-([\w.]+)"', definitions) == [metric.name for metric in METRICS]


def test_the_same_result_gives_the_same_bytes() -> None:
    assert report(made()) == report(made())


def test_there_is_a_licence_beside_what_others_wrote() -> None:
    assert "Copyright (c) 2022 Leon Sorokin" in report(made())


def test_networks_and_heats_are_told_where_there_were_any() -> None:
    result = made()
    assert "<h3>Heats</h3>" not in section(report(result), "players")
    result["tables"]["networks"] = [
        {
            "network": "tunnel",
            "round_trip_us": 90_000,
            "runs": 12,
            "stolen_p50_us": 1_500_000,
            "stolen_p95_us": None,
            "stolen_max_us": 9_000_000,
        }
    ]
    result["metrics"]["heats.played"]["value"] = 2
    players = section(report(result), "players")

    assert "<h3>Heats</h3>" in players
    assert re.search(r">tunnel</th>.*?12.*?1\.50 s.*?n/a.*?9\.00 s", players)


def test_a_zero_stays_a_zero_though_its_scale_knows_none() -> None:
    result = made()
    columns = [column["name"] for column in result["timeline"]["columns"]]
    result["timeline"]["rows"][3][columns.index("loop_lag_max_us")] = 0
    row = re.search(r'id="chart-lag".*?</figure>', report(result), re.DOTALL)

    assert row is not None
    assert '<td class="figure">0 µs</td>' in row[0]
