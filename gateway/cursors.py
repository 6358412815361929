"""Sealed cursors: where a list goes on, for the same filters and the same caller only."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.problems import Declined

LONGEST = 1024


class Cursors:
    """Seals and opens; what a cursor holds is nobody's business but ours."""

    def __init__(self, key: bytes) -> None:
        self.cipher = AESGCM(key)

    def seal(self, last: str, bound: bytes) -> str:
        """A cursor behind `last`, good only with what it is bound to."""
        nonce = os.urandom(12)
        return urlsafe_b64encode(nonce + self.cipher.encrypt(nonce, last.encode(), bound)).rstrip(b"=").decode()

    def open(self, cursor: str, bound: bytes) -> str:
        """The last id that was shown, or 400 `cursor.invalid`."""
        try:
            raw = urlsafe_b64decode(cursor[:LONGEST].encode("ascii") + b"==")
            return self.cipher.decrypt(raw[:12], raw[12:], bound).decode()
        except (ValueError, InvalidTag):
            raise Declined(400, "cursor.invalid", "the cursor belongs to another list, filter or caller") from None


def bound_to(call: str, filters: dict[str, Any], caller: str | None) -> bytes:
    """What a cursor is good for: digest of the list, its filters and the caller."""
    return sha256(orjson.dumps([call, caller, filters], option=orjson.OPT_SORT_KEYS)).digest()
