"""What is measured of one run by itself: small enough to be kept for hundreds of runs, and all that judging needs."""

from dataclasses import dataclass

from knack_protocol.ids import PlayerId, RunId
from knack_server.core.flags.best_moves import BestMoves, best_moves
from knack_server.core.flags.leak import Draw, draws, seed_of
from knack_server.core.flags.links import Links, links
from knack_server.core.flags.lock_riding import riding
from knack_server.core.flags.played import Recorded, play_again
from knack_server.core.flags.reactions import Reactions, reactions
from knack_server.core.flags.share import Share
from knack_server.core.flags.think_times import Cadence, cadence
from knack_server.core.flags.twins import Path, path


@dataclass(frozen=True, slots=True)
class Traits:
    """The measurements of a run; `seed` is where its leak test's imagined refills come from."""

    run: RunId
    player: PlayerId
    moves: int
    resamples: int
    seed: bytes
    cadence: Cadence
    reactions: Reactions
    riding: Share
    best: BestMoves
    path: Path
    links: Links
    draws: tuple[Draw, ...]


def examine(recorded: Recorded, resamples: int) -> Traits:
    """Measure a run; a sprint takes some 20 ms with 40 resamples, and `recorded` is used up by it.

    Raises:
        LogError: the log is not what a run under these rules writes.
    """
    played = play_again(recorded)
    best = best_moves(played)
    return Traits(
        run=played.run,
        player=played.player,
        moves=len(played.legal),
        resamples=resamples,
        seed=seed_of(played, resamples),
        cadence=cadence(played),
        reactions=reactions(played),
        riding=riding(played),
        best=best,
        path=path(played, best.plain),
        links=links(played),
        draws=draws(played, resamples),
    )
