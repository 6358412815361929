"""Looking for values in everything that a suite leaves behind, in the forms they could take."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

PIECE = 1 << 20


def forms(value: str) -> dict[str, bytes]:
    """A value as it could stand in a file: as it is, escaped, in hexadecimal, in base64 wherever it begins."""
    raw = value.encode()
    found = {
        "plain": raw,
        "json": json.dumps(value)[1:-1].encode(),
        "hex": raw.hex().encode(),
        "utf-16": value.encode("utf-16-le"),
    }
    # Base64 looks different at each of three offsets; what depends on the neighbours is cut off.
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        found[f"base64+{shift}"] = whole[(shift * 8 + 5) // 6 : len(raw) // 3 * 4 - 4]
    return found


def hits(values: Iterable[str], folders: Iterable[Path], texts: Iterable[tuple[str, bytes]] = ()) -> list[str]:
    """Where any of the values stands, in whatever form."""
    sought = [(value, name, form) for value in values for name, form in forms(value).items() if len(form) > 7]
    places = [*texts, *((str(path), path.read_bytes()) for path in files(folders))]
    return [f"{value} ({name}) in {place}" for place, body in places for value, name, form in sought if form in body]


def files(folders: Iterable[Path]) -> Iterator[Path]:
    """Every file below these folders."""
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The files in a zip archive."""
    with zipfile.ZipFile(archive) as packed:
        yield from ((f"{archive.name}/{name}", packed.read(name)) for name in packed.namelist())
