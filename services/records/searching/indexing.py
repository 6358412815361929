"""What a record's values leave in the index: a bounded number of blind tokens a part, and its figures. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from regimes.model import Field, RecordClass
from regimes.tables import rows_of
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


def indexed(
    record: str,
    found: RecordClass,
    names: Iterable[str],
    values: Values,
    blind: Blind,
    index: SearchIndex | None = None,
) -> Indexed:
    """What these parts leave, from all the values they have now; in the newest index unless one is named."""
    index, names = index or blind.search, list(names)
    told = Indexed(record, index.generation, _tokens(found, names, values, index))
    told.stale = [pseudonym(blind, found.name, path, record) for path in measures(found, names)]
    for path, figure in _figures(found, names, values).items():
        told.figures[pseudonym(blind, found.name, path, record)] = figure
    return told


def _tokens(found: RecordClass, parts: Iterable[str], values: Values, index: SearchIndex) -> dict[str, list[int]]:
    made: dict[str, set[int]] = {part: set() for part in parts}
    for path, value in values.items():
        field = found.fields.get(path)
        if field and field.part in made:
            name = index_name(found.name, path)
            for kind, texts in pieces(field, value).items():
                made[field.part].update(index.tokens(name, kind, texts, shared=kind not in WHOLE))
    return {part: sorted(tokens)[:MOST] for part, tokens in made.items()}


def measures(found: RecordClass, parts: Iterable[str] | None = None) -> list[str]:
    """What may be added up of a class: fields, and the rows of tables by what they are coded as."""
    wanted, names = None if parts is None else set(parts), list[str]()
    for one in found.summed:
        if wanted is None or one.part in wanted:
            names += [one.path] if one.measure else _row_names(one)
    return names


def row_measures(found: RecordClass, measure: str, column: str) -> list[str]:
    """The figures of a table's rows, such as dealings.sales.amount, one for each code of another column."""
    table = found.fields.get(measure.rpartition(".")[0])
    return [name for name in _row_names(table) if name.startswith(f"{measure}/{column}=")] if table else []


def _row_names(table: Field) -> list[str]:
    return [_row_name(table, one, coded, code) for one, coded in _pairs(table) for code in (*coded.codes, "")]


def _row_name(table: Field, measure: Field, coded: Field, code: str) -> str:
    return f"{table.path}.{measure.name}/{coded.name}={code}"


def _figures(found: RecordClass, parts: Collection[str], values: Values) -> dict[str, int]:
    """Every figure that the values of some parts come to; the rows of a table that are coded alike are one."""
    own = [(one.path, one) for one in found.summed if one.part in parts and one.path in values]
    told = {path: units(values[path]) for path, one in own if one.measure}
    for path, table in own:
        for measure, coded in _pairs(table):
            for row in rows_of(values[path]):
                if measure.name in row:
                    name = _row_name(table, measure, coded, row.get(coded.name, ""))
                    told[name] = _bounded(told.get(name, 0) + units(row[measure.name]))
    return told


def _pairs(table: Field) -> list[tuple[Field, Field]]:
    measured = [one for one in table.columns.values() if one.measure]
    return [(one, coded) for one in measured for coded in table.columns.values() if coded.list]


def pseudonym(blind: Blind, class_: str, path: str, record: str) -> bytes:
    """Under what a record's figure lies; nobody gets from there to the record without the index key."""
    return blind.token(f"figure/{index_name(class_, path)}", record)


def figures_left(record: str, found: RecordClass, blind: Blind) -> list[bytes]:
    """The pseudonyms of everything that a record may have among the figures."""
    return [pseudonym(blind, found.name, path, record) for path in measures(found)]


def units(value: str) -> int:
    """A number or amount as a whole number of units; cut where it is finer."""
    return _bounded(int(Decimal(value) * UNIT))


def _bounded(figure: int) -> int:
    return max(-LARGEST, min(LARGEST, figure))
