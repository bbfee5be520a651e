"""A board as a list of 64 symbols, row by row from the top (RULES.md, sections 1 to 3)."""

from collections.abc import Iterator

from knack_loadtest.oracle.chance import below, stream

Cells = list[int]


def cell(row: int, column: int) -> int:
    """Return the number of a cell."""
    return 8 * row + column


def rows_and_columns() -> list[list[int]]:
    """Return the cells of every row, then of every column."""
    rows = [[cell(row, column) for column in range(8)] for row in range(8)]
    columns = [[cell(row, column) for row in range(8)] for column in range(8)]
    return rows + columns


def matches(cells: Cells) -> list[list[int]]:
    """Return every maximal line of three or more equal symbols, as lists of cells."""
    found = []
    for line in rows_and_columns():
        start = 0
        for end in range(1, 9):
            if end == 8 or cells[line[end]] != cells[line[start]]:
                if end - start >= 3:
                    found.append(line[start:end])
                start = end
    return found


def swaps() -> list[tuple[int, int]]:
    """Return every swap that exists, in canonical order."""
    return [(i, d) for i in range(64) for d in (0, 1) if (i % 8 < 7 if d == 0 else i // 8 < 7)]


def swapped(cells: Cells, i: int, d: int) -> Cells:
    """Return the board with two neighbours exchanged."""
    j = i + 1 if d == 0 else i + 8
    after = list(cells)
    after[i], after[j] = cells[j], cells[i]
    return after


def is_legal(cells: Cells, i: int, d: int) -> bool:
    """Tell whether the swap exchanges different symbols and leaves a match."""
    after = swapped(cells, i, d)
    return after != cells and bool(matches(after))


def legal_swaps(cells: Cells) -> Iterator[tuple[int, int]]:
    """Yield the legal swaps in canonical order."""
    for i, d in swaps():
        if is_legal(cells, i, d):
            yield i, d


def has_legal_swap(cells: Cells) -> bool:
    """Tell whether any swap is legal; stops at the first."""
    return next(legal_swaps(cells), None) is not None


def opens_a_level(cells: Cells) -> bool:
    """Tell whether a drawn board is accepted: no match, at least five legal swaps."""
    return not matches(cells) and len(list(legal_swaps(cells))) >= 5


def drawn(key: bytes, label: str, a: int, b: int) -> Cells:
    """Return the board of a stream's first 64 symbols."""
    source = stream(key, label, a, b)
    return [below(6, source) for _ in range(64)]


def first_board(key: bytes, level: int) -> tuple[int, Cells]:
    """Return the attempt that was accepted, and the level's first board."""
    attempt = 0
    while not opens_a_level(cells := drawn(key, "init", attempt, level)):
        attempt += 1
    return attempt, cells


def rescue(key: bytes, z: int) -> tuple[int, Cells]:
    """Return the attempt that was accepted, and the board that replaces a hopeless one."""
    attempt = 0
    while not opens_a_level(cells := drawn(key, "rescue", z, attempt)):
        attempt += 1
    return attempt, cells


def shuffled(key: bytes, cells: Cells, z: int) -> tuple[int, Cells]:
    """Return the attempt that is logged, and the board after the z-th shuffle."""
    for attempt in range(1000):
        source = stream(key, "shuf", z, attempt)
        tiles = list(cells)
        for i in range(63, 0, -1):
            j = below(i + 1, source)
            tiles[i], tiles[j] = tiles[j], tiles[i]
        if not matches(tiles) and has_legal_swap(tiles):
            return attempt, tiles
    attempt, tiles = rescue(key, z)
    return 1000 + attempt, tiles


def resolve(cells: Cells, columns: list[Iterator[int]]) -> tuple[Cells, list[int], list[list[list[int]]]]:
    """Return the board at rest, the points of each step, and per step and column what fell in.

    `columns` are the eight streams of bytes that symbols are drawn from.
    """
    cells = list(cells)
    points: list[int] = []
    fills = []
    while found := matches(cells):
        step = len(points) + 1
        paid = sum(5 * len(line) * (len(line) - 1) for line in found)
        points.append(paid * min(step + 1, 4) // 2)
        removed = {i for line in found for i in line}
        entered: list[list[int]] = []
        for column in range(8):
            from_below = [cell(row, column) for row in range(7, -1, -1)]
            tiles = [cells[i] for i in from_below if i not in removed]
            new = [below(6, columns[column]) for _ in range(8 - len(tiles))]
            entered.append(new)
            for i, symbol in zip(from_below, tiles + new, strict=True):
                cells[i] = symbol
        fills.append(entered)
    return cells, points, fills
