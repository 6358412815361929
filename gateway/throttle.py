"""Slows down who guesses passwords: failures per account and minute, in this process."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from time import monotonic

from gateway.problems import Declined

FAILURES, WINDOW, ACCOUNTS = 10, 60.0, 10_000


class Throttle:
    """Counts failures; names are kept as digests only."""

    def __init__(self) -> None:
        self.failures: OrderedDict[bytes, list[float]] = OrderedDict()

    def check(self, account: str) -> None:
        """429 while this account has failed too often."""
        recent = self._recent(account)
        if len(recent) >= FAILURES:
            wait = max(1, int(recent[0] + WINDOW - monotonic()) + 1)
            raise Declined(429, "session.throttled", "too many failures; wait", {"Retry-After": str(wait)})

    def failed(self, account: str) -> None:
        """Note one failure."""
        self.failures[_name(account)] = [*self._recent(account), monotonic()][-FAILURES:]
        self.failures.move_to_end(_name(account))
        if len(self.failures) > ACCOUNTS:
            self.failures.popitem(last=False)

    def _recent(self, account: str) -> list[float]:
        return [at for at in self.failures.get(_name(account), ()) if at > monotonic() - WINDOW]


def _name(account: str) -> bytes:
    return sha256(account.encode("utf-8", "replace")).digest()
