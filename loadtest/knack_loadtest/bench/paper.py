"""What a hundred thousand watchers take, on paper: reckoned from what was measured, and never seen."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from knack_loadtest.bench.readings import Row, short

WATCHERS: Final = 100_000

BOARDS_PER_S: Final = 4
"""The most that a screen is sent; in the recorded event it was half as many."""

BUSY_SHARE_MAX: Final = 0.6
"""Of a core: the rest is for moves, for whoever connects, and for a bad minute."""

KERNEL_KIB: Final = 4
"""A socket in the kernel, as Centrifugo's authors count it (centrifugal.dev, tuning of idle connections)."""

_KIB_PER_GIB: Final = 1 << 20
_EVENT_S: Final = 600


def on_paper(rows: Sequence[Row]) -> str:
    """Return the reckoning as a paragraph; empty where one of the figures that it needs is missing."""
    frame_us, idle_kib = _median(rows, "fanout", "5,000"), _median(rows, "idle", "")
    board_kib = _median(rows, "bytes", "")
    if frame_us is None or idle_kib is None or board_kib is None:
        return ""
    frames_per_s = WATCHERS * BOARDS_PER_S
    cores = frames_per_s * frame_us / 1e6
    apiece = int(BUSY_SHARE_MAX * 1e6 / (BOARDS_PER_S * frame_us))
    memory_gib = WATCHERS * (idle_kib + KERNEL_KIB) / _KIB_PER_GIB
    mbit_per_s = WATCHERS * board_kib * 1024 * 8 / _EVENT_S / 1e6
    return (
        f"**On paper**, from these figures: {WATCHERS:,} watchers with {BOARDS_PER_S} boards a second "
        f"are {frames_per_s:,} boards a second; at {short(frame_us)} µs each, live digests included, {cores:.1f} cores of this kind do nothing else. "
        f"A process that keeps {1 - BUSY_SHARE_MAX:.0%} of its core free carries {apiece:,} of them, so it takes "
        f"{ceil(WATCHERS / apiece)} processes on as many cores, {memory_gib:.1f} GiB for connections (the kernel's "
        f"{KERNEL_KIB} KiB apiece included), and, at what a subscriber got in the recorded event, {mbit_per_s:.0f} Mbit/s of boards "
        "before the heads of TCP and IP. One process plays and numbers the boards; the others would pass its finished frames on. "
        "Nothing here does that yet."
    )


def _median(rows: Sequence[Row], figure: str, part: str) -> float | None:
    found = (row for row in rows if row.figure == figure and part in row.what and row.ours and not row.wrong)
    row = next(found, None)
    return row.ours.median if row and row.ours else None
