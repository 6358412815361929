"""The one SELECT of governed reads: records with their sealed parts and the callers' grants."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, Text, and_, select, type_coerce
from sqlalchemy.types import TypeDecorator

from chassis.db import MANY, among
from chassis.gathering import Gathering
from chassis.store import Store
from services.records import tables as t
from services.records.grants import Grant, grant_in
from services.records.model import Record
from services.records.reading import Seen, StoredPart
from services.records.refusals import unknown

COLUMNS = list(t.records.c)  # the first is its id
# The record's columns come again with every part: they are converted once, not once a row.
LATE: dict[str, Any] = {c.key: c.type for c in COLUMNS if isinstance(c.type, TypeDecorator)}
PARTS = len(COLUMNS)


def _seeing(engine: Engine) -> Any:
    r, p, v, g = t.records.c, t.parts.c, t.part_versions.c, t.grants.c
    theirs = and_(g.record == r.id, among(engine, g.person, "persons"))
    joined = (
        t.records.outerjoin(t.parts, p.record == r.id)
        .outerjoin(t.part_versions, and_(v.part == p.id, v.version == p.version))
        .outerjoin(t.grants, theirs)
    )
    record = [_raw(c).label(f"r_{c.key}") for c in COLUMNS]
    part = (p.id.label("part_id"), p.name, p.level, p.key, p.version.label("part_version"), v.sealed)
    grant = (type_coerce(g.body, Text).label("body"), g.used, g.revoked, g.person, g.id.label("grant_id"))
    return select(*record, *part, *grant).select_from(joined).where(among(engine, r.id, "records"))


def _raw(column: Any) -> Any:
    return type_coerce(column, column.type.impl_instance) if column.key in LATE else column


class Seeing(Store[Any]):
    """What a governed read loads."""

    def see(self, record_id: str, person: str | None) -> Seen:
        """One record with its sealed parts and the caller's grants."""
        rows = self.gathering.ask((record_id, person))
        if not rows:
            raise unknown(record_id)
        return self._seen(rows, person)

    def see_many(self, records: list[str], person: str | None) -> list[Seen]:
        """Several records in the order asked for, with the grants that hold more than once."""
        found = []
        for at in range(0, len(records), MANY):
            looked = self._look([(record, person) for record in records[at : at + MANY]])
            found += [self._seen(rows, person) for rows in looked if rows]
        return [replace(seen, grants=[grant for grant in seen.grants if not grant.once]) for seen in found]

    def _seen(self, rows: list[Any], person: str | None) -> Seen:
        stored = {row[PARTS + 1]: StoredPart(*row[PARTS : PARTS + 6]) for row in rows if row[PARTS + 5] is not None}
        granted = {row[-1]: row for row in rows if row[-1] and row[-2] == person}
        grants = [grant for row in granted.values() if (grant := self._grant(row))]
        return Seen(_record(rows[0]), stored, grants)

    @cached_property
    def gathering(self) -> Gathering[tuple[str, str | None], list[Any]]:
        """All who look at the same time look once."""
        return Gathering(self._look, MANY)

    def _look(self, asked: list[tuple[str, str | None]]) -> list[list[Any]]:
        wanted = {"records": [*{record for record, _ in asked}], "persons": [*{who for _, who in asked if who}]}
        with self.reading() as connection:
            rows = connection.execute(self._seeing, wanted).all()
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(row)
        return [found.get(record, []) for record, _ in asked]

    @cached_property
    def _seeing(self) -> Any:
        return _seeing(self.database.engine)

    def _grant(self, row: Any) -> Grant | None:
        return grant_in(row.body, self.grant_key, row.used, row.revoked)

    @cached_property
    def grant_key(self) -> bytes:
        """What approvals' signatures are checked with."""
        return self.settings.key("grant.public")


def _record(row: Any) -> Record:
    raw: dict[str, Any] = dict(zip((c.key for c in COLUMNS), row, strict=False))
    return Record(**raw | {name: kind.process_result_value(raw[name], None) for name, kind in LATE.items()})
