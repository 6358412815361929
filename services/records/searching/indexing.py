"""What a record's values leave in the index: a bounded number of blind tokens a part, and its figures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from regimes.model import RecordClass
from services.records.searching.model import index_name
from services.records.searching.pieces import WHOLE, pieces
from vault.tokens import Blind, SearchIndex

MOST = 400  # tokens of one part, whatever somebody wrote into it
UNIT = 10_000  # a figure is a whole number of these parts
LARGEST = 2**63 - 1
Values = Mapping[str, str]


@dataclass
class Indexed:
    """What is kept beside the sealed values of some parts of one record."""

    record: str
    generation: int
    parts: dict[str, list[int]]
    figures: dict[bytes, int] = field(default_factory=dict)
    stale: list[bytes] = field(default_factory=list)  # pseudonyms of figures that are gone or replaced


def indexed(record: str, found: RecordClass, names: Iterable[str], values: Values, blind: Blind) -> Indexed:
    """What these parts leave, from all the values they have now."""
    index, names = blind.search, list(names)
    kept = {name: _tokens(found, name, values, index) for name in names}
    told = Indexed(record, index.generation, kept)
    for path in measures(found, names):
        told.stale.append(pseudonym(blind, found.name, path, record))
        if path in values:
            told.figures[told.stale[-1]] = units(values[path])
    return told


def _tokens(found: RecordClass, part: str, values: Values, index: SearchIndex) -> list[int]:
    own = ((path, values[path]) for path in values if path.split(".")[0] == part and path in found.fields)
    made = {
        token
        for path, value in own
        for kind, texts in pieces(found.fields[path], value).items()
        for token in index.tokens(index_name(found.name, path), kind, texts, shared=kind not in WHOLE)
    }
    return sorted(made)[:MOST]


def measures(found: RecordClass, parts: Iterable[str] | None = None) -> list[str]:
    """The fields of a class that may be added up."""
    wanted = None if parts is None else set(parts)
    return [p for p, one in found.fields.items() if one.measure and (wanted is None or one.part in wanted)]


def pseudonym(blind: Blind, class_: str, path: str, record: str) -> bytes:
    """Under what a record's figure lies; nobody gets from there to the record without the index key."""
    return blind.token(f"figure/{index_name(class_, path)}", record)


def figures_left(record: str, found: RecordClass, blind: Blind) -> list[bytes]:
    """The pseudonyms of everything that a record may have among the figures."""
    return [pseudonym(blind, found.name, path, record) for path in measures(found)]


def units(value: str) -> int:
    """A number or amount as a whole number of units; cut where it is finer."""
    return max(-LARGEST, min(LARGEST, int(Decimal(value) * UNIT)))
