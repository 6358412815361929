"""What befell a record, line by line, in its tables: versions of parts, changes of state, and whose it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, false, literal, or_, select, tuple_, union_all

from chassis.db import EPOCH, Instant
from chassis.store import Store
from services.records import tables as t
from services.records.assigning.tables import assignments
from services.records.classifying.tables import moves

PART, STATE, ASSIGNED = range(3)
MICROSECOND = timedelta(microseconds=1)
P, V = t.parts.c, t.part_versions.c
TOLD = (P.id, P.name, P.level, P.key, V.version, V.record_version, V.changed, V.by, V.change, V.at, V.sealed)


@dataclass(frozen=True)
class Line:
    """One line of a history: of which record, and where it stands among the others; nothing of it is opened."""

    at: datetime
    version: int
    kind: int
    id: str
    number: int  # the part's version; 0 of anything else
    record: str

    @property
    def place(self) -> str:
        """Where a page goes on behind it, whatever becomes of the row."""
        return f"{(self.at - EPOCH) // MICROSECOND}.{self.version}.{self.kind}.{self.id}.{self.number}"


class LineQueries(Store[Any]):
    """Reads of histories."""

    def history_lines(
        self, parts: Mapping[str, Collection[str]], records: Collection[str], after: str | None, limit: int
    ) -> list[Line]:
        """Lines of these parts (by record), and all else that befell the records; oldest first, from a place on."""
        told = union_all(_versions(parts), _befell(moves, STATE, records), _befell(assignments, ASSIGNED, records))
        line = told.subquery().c
        order = (line.at, line.version, line.kind, line.id, line.number)
        found = select(*order, line.record).order_by(*order).limit(limit)
        if after:
            found = found.where(tuple_(*order) > tuple_(*_place(after)))
        with self.reading() as connection:
            return [Line(*row) for row in connection.execute(found)]

    def part_versions(self, record_id: str) -> list[Any]:
        """Every version of every part of a record, oldest first."""
        return self._part_versions(P.record == record_id)

    def versions_before_and_now(self, lines: Iterable[Line]) -> list[Any]:
        """The part versions of these lines, and of each the one before it; oldest first."""
        wanted = {(line.id, number) for line in lines for number in (line.number - 1, line.number)}
        parts = sorted({part for part, _ in wanted})
        named = and_(P.id.in_(parts), tuple_(V.part, V.version).in_(sorted(wanted)))
        return self._part_versions(named) if wanted else []

    def set_together(self, record_id: str, rows: Iterable[Any]) -> dict[Any, set[str]]:
        """What was set for the same reason as these part versions, in whatever part: by the change, or the version."""
        changes, versions = {row.change for row in rows if row.change}, {row.record_version for row in rows}
        mine = or_(V.change.in_(sorted(changes)), and_(V.change.is_(None), V.record_version.in_(sorted(versions))))
        found = select(V.change, V.record_version, V.changed).join(t.parts, P.id == V.part)
        together: dict[Any, set[str]] = {}
        with self.reading() as connection:
            for row in connection.execute(found.where(P.record == record_id, mine)):
                together.setdefault(row.change or row.record_version, set()).update(row.changed)
        return together

    def _part_versions(self, which: Any) -> list[Any]:
        found = select(*TOLD, t.changes.c.source, t.changes.c.decided_by).join(t.part_versions, V.part == P.id)
        found = found.outerjoin(t.changes, t.changes.c.id == V.change).where(which)
        with self.reading() as connection:
            return list(connection.execute(found.order_by(V.record_version, V.at, V.version)).all())


def _versions(parts: Mapping[str, Collection[str]]) -> Any:
    """Versions that set something; else it is only where a part began, for something that waits."""
    mine = [and_(P.record == record, P.name.in_(list(names))) for record, names in parts.items()]
    said = (V.at, V.record_version.label("version"), literal(PART).label("kind"), P.id, V.version.label("number"))
    found = select(*said, P.record).join(t.part_versions, V.part == P.id)
    return found.where(or_(false(), *mine), V.changed != literal([], t.part_versions.c.changed.type))


def _befell(table: Any, kind: int, records: Collection[str]) -> Any:
    c = table.c
    said = (c.at, c.record_version.label("version"), literal(kind).label("kind"), c.id, literal(0).label("number"))
    return select(*said, c.record).where(c.record.in_(list(records)))


def _place(after: str) -> list[Any]:
    at, version, kind, id, number = after.split(".")
    then = literal(EPOCH + int(at) * MICROSECOND, Instant)
    return [then, literal(int(version)), literal(int(kind)), literal(id), literal(int(number))]
