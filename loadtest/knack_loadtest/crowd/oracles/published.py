"""What the server published of each run, whether it was played alone or in a heat."""

from typing import NamedTuple

from knack_loadtest.crowd.oracles.finding import Evidence


class PublishedRun(NamedTuple):
    """A finished run with all that its tiles follow from; `heat` is empty in open play, `scope` 1 where tiles are the player's own."""

    run: str
    player: str
    heat: str
    scope: int
    server_seed: bytes
    public: bytes
    t0_unix_ms: int
    grace_ms: int
    events: tuple[bytes, ...]


def published(evidence: Evidence) -> dict[str, PublishedRun]:
    """Return every run of every bundle."""
    assert evidence.bundle is not None, "open play was published"
    found: dict[str, PublishedRun] = {
        run.run: PublishedRun(
            run.run, run.player, "", 0, run.server_seed, run.public, run.t0_unix_ms, run.grace_ms, run.events
        )
        for run in evidence.bundle.open.runs
    }
    for heat in (bundle.heat for bundle in evidence.heats.values()):
        for run in heat.runs:
            found[run.run] = PublishedRun(
                run.run,
                run.player,
                heat.heat,
                int(heat.scope),
                heat.server_seed,
                heat.public,
                heat.t0_unix_ms,
                run.grace_ms,
                run.events,
            )
    return found
