"""Blind tokens: equal values give equal tokens, and without the key nobody can tell of which value."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable

from vault.framing import framed

SIZE = 16
SHORT = 8  # of search: cut short, because what is found is opened and looked at anyway
REMEMBERED = 4_000  # pieces of one field and kind
Generations = dict[int, bytes]  # the keys of search, by the number of their generation


class Blind:
    """Makes tokens with the index key, which is never a data key; tokens of two field classes never meet."""

    def __init__(self, index_key: bytes, generations: Callable[[], Generations] | None = None) -> None:
        if len(index_key) < 32:
            raise ValueError("an index key has at least 32 bytes")
        self._keyed = hmac.new(index_key, framed("muniment.token"), hashlib.sha256)
        self._generations = generations or {0: search_key(index_key)}.copy
        self._indexes: dict[int, SearchIndex] = {}

    def token(self, field_class: str, normalised: str) -> bytes:
        """16 bytes for a value that the caller has normalised."""
        mac = self._keyed.copy()
        mac.update(framed(field_class, normalised))
        return mac.digest()[:SIZE]

    @property
    def search(self) -> SearchIndex:
        """What new tokens of search are made with: the newest generation, also one that another process has made."""
        return self.searches(None)[-1]

    def searches(self, oldest: int | None = 0) -> list[SearchIndex]:
        """Every generation from the oldest that is still written somewhere, the newest last; None = the newest only."""
        known = self._generations()
        wanted = [max(known)] if oldest is None else sorted(number for number in known if number >= oldest)
        return [self._index(number, known[number]) for number in wanted]

    def _index(self, number: int, key: bytes) -> SearchIndex:
        if number not in self._indexes:
            self._indexes[number] = SearchIndex(key, number)
        return self._indexes[number]


class SearchIndex:
    """Tokens of search under one generation of its key; pieces of two fields or kinds never meet."""

    def __init__(self, key: bytes, generation: int) -> None:
        self.generation = generation
        start = framed("muniment.search", generation)
        self._keyed = hashlib.blake2b(start, key=key, digest_size=SHORT)  # a third of an HMAC's cost, seventy a record
        self._started: dict[tuple[str, str], hashlib.blake2b] = {}
        self._known: dict[tuple[str, str], dict[str, int]] = {}

    def tokens(self, field: str, kind: str, pieces: Iterable[str], shared: bool = False) -> list[int]:
        """One signed number of eight bytes for each piece; those that many values share are remembered for a while."""
        started = self._started.get((field, kind)) or self._start(field, kind)
        if not shared:
            return [_number(started, piece) for piece in pieces]
        known = self._known[field, kind]
        if len(known) > REMEMBERED:
            known.clear()
        return [known[p] if p in known else known.setdefault(p, _number(started, p)) for p in pieces]

    def _start(self, field: str, kind: str) -> hashlib.blake2b:
        started = self._started[field, kind] = self._keyed.copy()
        started.update(framed(field, kind))
        self._known[field, kind] = {}
        return started


def search_key(index_key: bytes) -> bytes:
    """The first generation's key, apart from the tokens by which duplicates are found."""
    return hmac.new(index_key, framed("muniment.search.key"), hashlib.sha256).digest()


def _number(started: hashlib.blake2b, piece: str) -> int:
    mac = started.copy()
    mac.update(piece.encode())
    return int.from_bytes(mac.digest(), "big", signed=True)
