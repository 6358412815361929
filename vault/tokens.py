"""Blind tokens: equal values give equal tokens, and without the key nobody can tell of which value."""

from __future__ import annotations

import hashlib
import hmac

from vault.framing import framed

SIZE = 16


class Blind:
    """Makes tokens with the index key, which is never a data key; tokens of two field classes never meet."""

    def __init__(self, index_key: bytes) -> None:
        if len(index_key) < 32:
            raise ValueError("an index key has at least 32 bytes")
        self._keyed = hmac.new(index_key, framed("muniment.token"), hashlib.sha256)

    def token(self, field_class: str, normalised: str) -> bytes:
        """16 bytes for a value that the caller has normalised."""
        mac = self._keyed.copy()
        mac.update(framed(field_class, normalised))
        return mac.digest()[:SIZE]
