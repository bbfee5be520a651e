import pytest

from knack_loadtest.bench import proof


def test_every_figure_of_the_proof_is_measured_at_a_small_size_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, small in {"_BOTS": 2, "_ROUNDS": 1, "_PLAIN_RUNS": 1, "_MOVE_ROUNDS": 1, "_GAMES": 1}.items():
        monkeypatch.setattr(proof, name, small)
    figures = {figure.bench: figure for figure in proof.figures()}
    assert list(figures) == ["proof.verify_runs_per_s", "proof.move_overhead"]
    assert all(figure.value > 0 and figure.ratio > 0 for figure in figures.values())
    assert [figure.unit for figure in figures.values()] == ["runs/s", "us"]
