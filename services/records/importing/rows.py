"""From a table and a plan to rows of raw field values; what a rule of the regime says about them comes later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice

from chassis.errors import Invalid
from regimes.oddities import simplified
from services.records.importing import guarding
from services.records.importing.cleansing import cleansed, cleansed_as
from services.records.importing.mapping import Column, Labels, Lists, Plan, comparable, guess, known_titles
from services.records.importing.problems import Problem, problem
from services.records.importing.reading import ROUNDED, Cells, Table

HEADER_WITHIN = 20


@dataclass(frozen=True)
class Row:
    """One row as the clerk counts it: raw values by part.field, and why it cannot be taken, if so."""

    number: int
    fields: dict[str, str] = field(repr=False)
    problems: tuple[Problem, ...] = ()
    cells: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Import:
    """A file being read: what was understood of it, and its rows, to be walked through once."""

    plan: Plan
    encoding: str | None
    certain: bool
    header: int
    titles: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: Iterator[Row]


def read(
    table: Table,
    plan: Plan | None,
    labels: Labels | None = None,
    lists: Lists | None = None,
    kinds: Mapping[str, str] | None = None,
) -> Import:
    """Find the header, fix the plan (guessed from the class's `labels` and `lists` without one) and start reading."""
    head = list(islice(table.rows, HEADER_WITHIN))
    wanted = set(map(comparable, plan.titles)) if plan else known_titles(labels or {})
    number, titles = _header(head, wanted, whole=plan is not None)
    plan = plan or guess(titles, labels or {}, lists or {})
    layout = _Layout(plan, titles, _places(titles, plan), table.delimiter, kinds or {})
    below = chain((line for line in head if line[0] > number), table.rows)
    used = set(map(comparable, plan.titles))
    ignored = tuple(title for title in titles if title and comparable(title) not in used)
    rows = (layout.row(line, cells) for line, cells in below if any(map(cleansed, cells)))
    return Import(plan, table.encoding, table.certain, number, tuple(titles), ignored, rows)


@dataclass(frozen=True)
class _Layout:
    """Where the plan's columns lie in this file."""

    plan: Plan
    titles: Cells
    places: Mapping[str, int]
    delimiter: str
    kinds: Mapping[str, str]  # the type of each field

    @cached_property
    def codes(self) -> Lists:
        """The codes of each list by their words in comparable form, made once for all rows."""
        used = {column.words for column in self.plan.columns if column.words}
        listed = {name: reversed(list(self.plan.words[name].items())) for name in used}  # of two, the first counts
        return {name: {_folded(word): code for word, code in words} for name, words in listed.items()}

    def row(self, number: int, cells: Cells) -> Row:
        """The fields of one line, or why it has none."""
        whole = self._fitted(cells)
        if whole is None:
            return Row(number, {}, (problem("row.cells"),), tuple(cells))
        values, problems = dict(self.plan.constants), list[Problem]()
        for column in self.plan.columns:
            value, wrong = _value(column, self._text(whole, column), self.codes)
            problems += [wrong] if wrong else []
            if value:
                values[column.to] = self.plan.joined_by.join(filter(None, [values.get(column.to), value]))
        return Row(number, values, tuple(problems), tuple(cells))

    def _fitted(self, cells: Cells) -> Cells | None:
        """The cells as wide as the header; extra ones are put back together where the plan says so."""
        extra = len(cells) - len(self.titles)
        if extra <= 0:
            return cells
        if self.plan.overflow is None:
            return None
        start = self.places[self.plan.overflow]
        end = start + extra + 1
        return [*cells[:start], self.delimiter.join(cells[start:end]), *cells[end:]]

    def _text(self, cells: Cells, column: Column) -> str:
        place = self.places[column.title]
        cell = cells[place] if place < len(cells) else ""
        bare = guarding.plain(cell)
        text = cleansed_as(self.kinds.get(column.to, ""), bare)
        return "" if bare == cell and text.casefold() in self.plan.nulls else text


def _header(head: list[tuple[int, Cells]], wanted: set[str], whole: bool) -> tuple[int, Cells]:
    """The line with most known titles; titles of the company or a date may stand above it."""
    hits = [len(wanted & {comparable(cell) for cell in cells}) for _, cells in head]
    best = max(hits, default=0)
    if whole and best < len(wanted):
        found = head[hits.index(best)][1] if best else []
        raise _missing(sorted(wanted - {comparable(cell) for cell in found}))
    if best == 0:
        raise Invalid(
            "import.no_header", "no row has titles that are known; put the titles above the data, or use a mapping file"
        )
    number, cells = head[hits.index(best)]
    return number, [cleansed(cell) for cell in cells]


def _missing(titles: list[str]) -> Invalid:
    return Invalid("import.no_header", f"no row has all the titles of the mapping file; not found: {', '.join(titles)}")


def _places(titles: Cells, plan: Plan) -> dict[str, int]:
    """Column title of the plan -> its place in the row."""
    seen = [comparable(title) for title in titles]
    for title in plan.titles:
        if seen.count(comparable(title)) > 1:
            raise Invalid("import.title_twice", f"two columns are titled {title}; rename one")
    return {title: seen.index(comparable(title)) for title in plan.titles}


def _value(column: Column, text: str, words: Lists) -> tuple[str, Problem | None]:
    """One cell's value after its words and transforms, or what is wrong with it."""
    if text == ROUNDED:
        return "", problem("row.rounded", column.to, column=column.title)
    if column.words and text:
        code = words[column.words].get(_folded(text), "")
        if not code and column.strict:
            return "", problem("row.word", column.to, column=column.title)
        text = code or text
    for name in column.transforms if text else ():
        text = PLAIN[name](text)
    return text, None


PLAIN: dict[str, Callable[[str], str]] = {"strip": str.strip, "upper": str.upper, "lower": str.lower}


def _folded(word: str) -> str:
    """A word without the differences that mean nothing: case, width, spaces, 企業 and 企业."""
    return simplified(cleansed(word)).casefold()
