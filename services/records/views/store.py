"""What views ask of the tables: records in order, what is known of them besides, reports on file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Text, case, exists, func, literal, literal_column, select, type_coerce, update

from chassis.store import Store, Work
from services.records import tables as core
from services.records.merging.store import edge_after, marked
from services.records.model import HIDDEN, Record
from services.records.rows import RECORD, record_of
from services.records.verifying.tables import scores
from services.records.views.reporting import Report
from services.records.views.tables import view_reports

R, P, V, S, B = core.records.c, core.parts.c, core.part_versions.c, scores.c, view_reports.c
# A rule may ask whether a record has a number, and none asks for a certain one.
NUMBERED = case((R.number.is_not(None), literal("1")))
HEAD = (R.class_, R.department, R.responsible, R.creator, R.state, R.level, R.complete, R.origin, NUMBERED)
# As text: what many records have alike is read once.
BRIEF = (
    R.id,
    R.created_at,
    type_coerce(R.facets, Text),
    *HEAD,
    type_coerce(R.schemes, Text),
    type_coerce(R.purposes, Text),
)


NOTHING: Mapping[str, Any] = {}


class ViewRows(Work):
    """The part of records' work that concerns views."""

    def add_report(self, report: Report) -> None:
        """Put an analysis on file."""
        self.put(view_reports, [vars(report)])

    def running_report(self, report: str) -> Report:
        """One that is being made, locked until this piece of work ends."""
        found = select(view_reports).where(B.id == report).with_for_update()
        return _report(self.connection.execute(found).mappings().one())

    def save_report(self, report: Report) -> None:
        """Keep what became of it."""
        self.connection.execute(update(view_reports).where(B.id == report.id).values(vars(report)))


class ViewQueries(Store[Any]):
    """Reads for views."""

    def walk(
        self, classes: Sequence[str], after: str | None, limit: int, among: Collection[str] | None = None,
        told: Mapping[str, Any] = NOTHING, edge: str | None = None,
    ) -> list[Record]:  # fmt: skip
        """Living records of these classes, newest first; `among` names the only ones that count.

        Left out are those that are not as is `told` (see `beforehand`), and all behind `edge`.
        """
        found = self._walked(RECORD, classes, after, limit, among).where(*_so(told))
        found = found.where(R.id >= edge) if edge else found
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(found)]

    def edge(self, after: str | None) -> str | None:
        """How far one look at the tables goes; None where it goes to the end."""
        with self.reading() as connection:
            return edge_after(connection, after)

    def briefs(
        self, classes: Sequence[str], after: str | None, limit: int, among: Collection[str] | None = None
    ) -> list[Any]:
        """The same, as rows of what an analysis looks at (`alike.Alike` reads them)."""
        found = self._walked(BRIEF, classes, after, limit, among)
        with self.reading() as connection:
            return list(connection.execute(found).all())

    def _walked(
        self, columns: Sequence[Any], classes: Sequence[str], after: str | None, limit: int,
        among: Collection[str] | None,
    ) -> Any:  # fmt: skip
        # By id: SQLite would rather sort every record of the class for each page.
        of = literal_column("+records.class") if self.database.sqlite else R.class_
        found = select(*columns).where(of.in_(classes), R.state.not_in(HIDDEN)).order_by(R.id.desc()).limit(limit)
        found = found.where(R.id < after) if after else found
        return found if among is None else found.where(R.id.in_(among))

    def known_besides(self, records: Collection[str], words: Collection[str]) -> dict[str, dict[str, Any]]:
        """What records knows of some of its records beside their envelopes, as conditions name it."""
        wanted = {word: how for word, how in self._knowing.items() if word in words}
        with self.reading() as connection:
            told: dict[str, dict[str, Any]] = {id: {} for id in records}
            for word, how in wanted.items():
                for id, value in how(connection, records).items():
                    told[id][word] = value
        return told

    @property
    def _knowing(self) -> dict[str, Any]:
        return {"changed": _changed, "verified": _verified, "duplicate": _duplicate}

    def report(self, report: str) -> Report | None:
        """One analysis on file."""
        with self.reading() as connection:
            row = connection.execute(select(view_reports).where(B.id == report)).mappings().one_or_none()
        return _report(row) if row else None

    def running_reports(self) -> list[Report]:
        """Those that are being made, oldest first."""
        waiting = select(view_reports).where(B.result == "").order_by(B.id)
        with self.reading() as connection:
            return [_report(row) for row in connection.execute(waiting).mappings()]

    def reports_of(self, view: str, after: str | None, limit: int) -> list[Report]:
        """Analyses of a view on file, newest first."""
        found = select(view_reports).where(B.view == view).order_by(B.id.desc()).limit(limit)
        with self.reading() as connection:
            rows = connection.execute(found.where(B.id < after) if after else found).mappings()
            return [_report(row) for row in rows]


def _so(told: Mapping[str, Any]) -> Iterator[Any]:
    """Whether a record is as is told."""
    for word, wanted in told.items():
        if word in ASKED:
            yield ASKED[word](wanted)
        else:
            f = core.facets.c
            yield exists().where(f.record == R.id, f.name == f"record.{word}", f.value.in_(wanted))


def _later(day: date) -> Any:
    begun = datetime.combine(day + timedelta(days=1), time(), UTC)
    return exists().where(P.record == R.id, V.part == P.id, V.at >= begun)


def _shares() -> Any:
    """Whether another living record of the class has a mark of this one's."""
    mine, theirs = core.tokens.alias(), core.tokens.alias()
    same = exists().where(mine.c.record == R.id, theirs.c.token == mine.c.token, theirs.c.field == mine.c.field)
    return same.where(theirs.c.record != R.id, marked(theirs, R.class_, lambda state: state.not_in(HIDDEN)))


ASKED: dict[str, Callable[[Any], Any]] = {
    "state": R.state.in_,
    "complete": R.complete.in_,
    "verified": lambda wanted: exists().where(S.record == R.id, (S.unchecked == 0).in_(wanted)),
    "changed": lambda day: ~_later(day),
    "duplicate": lambda _: _shares(),
}


def _report(row: Any) -> Report:
    return Report(**{column.key: row[column] for column in view_reports.c})


def _changed(connection: Any, records: Collection[str]) -> dict[str, str]:
    newest = select(P.record, func.max(V.at)).join(core.part_versions, V.part == P.id)
    rows = connection.execute(newest.where(P.record.in_(records)).group_by(P.record)).all()
    return {record: at.date().isoformat() for record, at in rows}


def _verified(connection: Any, records: Collection[str]) -> dict[str, bool]:
    rows = connection.execute(select(S.record, S.unchecked).where(S.record.in_(records))).all()
    return {row.record: row.unchecked == 0 for row in rows}


def _duplicate(connection: Any, records: Collection[str]) -> dict[str, bool]:
    t, o = core.tokens.c, core.tokens.alias()
    other, own = core.records.alias(), core.records.alias()
    # Whether there is one, not which: a mark that thousands have would make as many rows of each of them.
    same = exists().where(o.c.token == t.token, o.c.field == t.field, o.c.record != t.record)
    same = same.where(other.c.id == o.c.record, other.c.class_ == own.c.class_, other.c.state.not_in(HIDDEN))
    alike = select(t.record).join(own, own.c.id == t.record).where(t.record.in_(records), same)
    twins = set(connection.execute(alike).scalars())
    return {record: record in twins for record in records}
