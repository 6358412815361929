"""Identifiers: UUIDv7 (RFC 9562), ordered by creation within a process."""

from __future__ import annotations

import os
import time

_last = 0


def new_id() -> str:
    """A UUIDv7 of 36 characters; later ones of one process sort after earlier ones."""
    global _last
    # 60 bits of sub-millisecond order: milliseconds << 12 | fraction, never repeated within a process.
    stamp = max(_last + 1, time.time_ns() * 4096 // 1_000_000)
    _last = stamp
    millis, fraction = stamp >> 12, stamp & 0xFFF
    tail = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    text = f"{(millis << 80) | (7 << 76) | (fraction << 64) | (2 << 62) | tail:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
