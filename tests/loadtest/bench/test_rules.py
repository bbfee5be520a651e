import pytest

from knack_loadtest.bench import rules


def test_every_figure_of_the_rules_is_measured_at_a_small_size_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, small in {
        "_GAMES": 1,
        "_ROUNDS": 2,
        "_PLAIN_ROUNDS": 1,
        "_BOARDS": 10,
        "_FIRST_BOARDS": 1,
    }.items():
        monkeypatch.setattr(rules, name, small)
    figures = {figure.bench: figure for figure in rules.figures()}
    assert list(figures) == [
        "rules.apply",
        "rules.apply.speedup",
        "rules.first_board",
        "rules.has_legal_swap.playable",
        "rules.has_legal_swap.dead",
    ]
    assert all(figure.unit == "us" and figure.value > 0 and figure.ratio > 0 for figure in figures.values())
