"""How long to wait before coming back, and after which refused handshakes to try again at all.

Pure: the randomness comes in as an argument, the wait goes out as a number. `link` does the waiting, and
`knack_protocol.wire.codes.reconnects` says after which close codes.

Full jitter, not a fixed series: when a server restarts, a thousand clients that all wait 0.5, 1, 2 s come back
in the same instant, three times (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
"""

from random import Random

from knack_protocol.wire import limits

RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
"""HTTP answers to a handshake that may be different next time; 400 and 403 will not be."""


def delay_ms(attempt: int, random: Random) -> int:
    """Draw the wait before reconnection number `attempt`, which counts from 0 since the last good connection.

    Units:   milliseconds, evenly from 0 to min(RECONNECT_CAP_MS, RECONNECT_BASE_MS * 2 ** attempt).
    """
    # 2 ** 6 times the base is above the cap already; a larger power would only build big integers.
    return random.randint(0, min(limits.RECONNECT_CAP_MS, limits.RECONNECT_BASE_MS << min(attempt, 6)))
