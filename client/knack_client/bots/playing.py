"""A bot at the board: waits, thinks, swaps, until the run is over."""

import asyncio
from collections.abc import Callable
from random import Random

from knack_client.bots.skills import Skill
from knack_client.errors import Rejected, RunOver
from knack_client.run import Run
from knack_protocol.rules.run import Outcome
from knack_protocol.rules.swaps import Swap
from knack_protocol.wire.messages import Ended

RETRY_MS = 250
"""Wait before a move comes again that was refused without saying for how long, such as `not_recording`."""


async def play(
    run: Run, skill: Skill, random: Random, on_move: Callable[[Swap, Outcome], None] | None = None
) -> Ended:
    """Play a run to its end, and return how it ended.

    Args:
        run: Started; its T0 may still be to come.
        skill: How to play.
        random: Decides whatever is left to chance; one seed, one way to play.
        on_move: Called after every acknowledged move, the illegal ones included.

    Raises:
        Rejected: a move was refused for good.
        BrokenReceipt: the server did not keep to the rules.
        KnackClientError: the client is over.
    """
    await run.begun()
    while not run.is_over:
        await run.unlocked()
        await run.pause(skill.pace.think_ms(random))
        if run.is_over:
            break
        swap = skill.choose(run.board, random)
        assert swap is not None, "the server shuffles a board without a legal swap"
        try:
            outcome = await run.move(*swap)
        except RunOver:
            break
        except Rejected as rejected:
            if not rejected.may_retry:
                raise
            await asyncio.sleep(max(rejected.wait_ms, RETRY_MS) / 1000)
        else:
            if on_move is not None:
                on_move(swap, outcome)
    return await run.ended()
