"""Passwords: argon2id hashes, made and checked in a thread, because one takes as long as twenty reads."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from eventlet import tpool

_hasher = PasswordHasher()
# Checked when there is no such account, so that a wrong name takes as long as a wrong password.
_nobody: str | None = None


def hashed(password: str) -> str:
    """The hash to keep."""
    return tpool.execute(_hasher.hash, password)


def proven(hash: str | None, password: str) -> bool:
    """Whether this password made this hash; takes as long when there is none."""
    return tpool.execute(_proven, hash, password)


def _proven(hash: str | None, password: str) -> bool:
    global _nobody
    _nobody = _nobody or _hasher.hash("nobody")
    try:
        return _hasher.verify(hash or _nobody, password) and hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
