"""Tree hashes in tiles of 256 (C2SP tlog-tiles): few rows to write, O(log n) rows to read for a proof. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.audit.ledger.tree import Node, level_above

HEIGHT = 8
WIDTH = 1 << HEIGHT
HASH = 32

# read(level, index) is what a tile holds so far, b"" where there is none.
ReadTile = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Tile:
    """One row: up to 256 hashes side by side; `fresh` where no row exists yet."""

    level: int
    index: int
    hashes: bytes
    fresh: bool


def grown(size: int, leaves: list[bytes], read: ReadTile) -> list[Tile]:
    """The tiles that change when leaf hashes join a tree of that size."""
    changed: list[Tile] = []
    level, hashes = 0, leaves
    while hashes:
        tiles = _appended(level, size, hashes, read)
        changed += tiles
        hashes = [_top(tile.hashes) for tile in tiles if len(tile.hashes) == WIDTH * HASH]
        size >>= HEIGHT
        level += 1
    return changed


def _appended(level: int, size: int, hashes: list[bytes], read: ReadTile) -> list[Tile]:
    index, filled = divmod(size, WIDTH)
    row = (read(level, index) if filled else b"") + b"".join(hashes)
    step = WIDTH * HASH
    return [
        Tile(level, index + at // step, row[at : at + step], fresh=at > 0 or not filled)
        for at in range(0, len(row), step)
    ]


def node_reader(read: ReadTile) -> Node:
    """Give the hash of any complete subtree out of tiles, each tile read once."""
    seen: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        row, inside = divmod(level, HEIGHT)
        tile, at = divmod(index << inside, WIDTH)
        if (row, tile) not in seen:
            seen[row, tile] = read(row, tile)
        width = HASH << inside
        return _top(seen[row, tile][at * HASH : at * HASH + width])

    return node


def _top(row: bytes) -> bytes:
    hashes = [row[at : at + HASH] for at in range(0, len(row), HASH)]
    while len(hashes) > 1:
        hashes = level_above(hashes)
    return hashes[0]
