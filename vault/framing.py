"""Length-prefixed joining, so that no two different lists of names ever give the same bytes."""

from __future__ import annotations


def framed(*parts: str | bytes | int) -> bytes:
    """Join parts so that ("ab", "c") and ("a", "bc") differ; a delimiter could be part of a name."""
    return b"".join(_prefixed(part) for part in parts)


def _prefixed(part: str | bytes | int) -> bytes:
    if isinstance(part, int):
        part = part.to_bytes(8, "big")
    raw = part.encode() if isinstance(part, str) else bytes(part)
    return len(raw).to_bytes(4, "big") + raw
