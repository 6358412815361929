"""Records that are alike in all that rights, consents and schemes go by: decided once for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from chassis import codec
from services.records.model import Record

KINDS = 20_000  # remembered at once
HEAD = ("class_", "department", "responsible", "creator", "state", "level", "complete", "origin", "number")
TEXTS = ("schemes", "purposes")


@dataclass(frozen=True)
class Kind:
    """What records that are alike have in common; `record` stands for any of them, `answer` is yes, no or open."""

    record: Record
    answer: str


@dataclass(frozen=True)
class Brief:
    """One record as far as an analysis looks at it: nothing of it is opened."""

    id: str
    kind: Kind
    facets: dict[str, str]
    created_at: datetime


class Alike:
    """Makes briefs of rows; what records have in common is read and judged once."""

    def __init__(self, judge: Callable[[Record], str]) -> None:
        self.judge = judge
        self._kind = lru_cache(KINDS)(self._known)
        self._facets = lru_cache(KINDS)(_read)

    def brief(self, row: Any) -> Brief:
        """A row of `ViewQueries.briefs`."""
        id, created_at, facets, *head = row
        return Brief(id, self._kind(tuple(head)), self._facets(facets), created_at)

    def _known(self, head: tuple[Any, ...]) -> Kind:
        plain = dict(zip(HEAD, head, strict=False))
        texts = {name: _read(text) for name, text in zip(TEXTS, head[len(HEAD) :], strict=True)}
        record = Record(id="", subject="", version=1, regime="", **plain, **texts)
        return Kind(record, self.judge(record))


def _read(text: str | None) -> Any:
    return codec.loads((text or "{}").encode())
