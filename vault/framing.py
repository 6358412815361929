"""Length-prefixed joining, so that no two different lists of names ever give the same bytes."""

from __future__ import annotations


def framed(*parts: str | bytes | int) -> bytes:
    """Join parts so that ("ab", "c") and ("a", "bc") differ; a delimiter could be part of a name."""
    joined = list[bytes]()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part.to_bytes(8, "big") if isinstance(part, int) else part
        joined += (len(raw).to_bytes(4, "big"), raw)
    return b"".join(joined)
