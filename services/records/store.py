"""Records in their tables; the only SQL of this service beside the import's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from chassis.errors import Conflict
from chassis.store import Store, Work
from chassis.tables import journal
from regimes import Regime
from services.records import tables as t
from services.records.changes import ChangeRows, change_of
from services.records.creating import Draft
from services.records.granting import GrantQueries, GrantRows
from services.records.importing.store import ImportQueries, ImportRows
from services.records.model import Change, Consent, Record, unknown
from services.records.sealing import PartToStore, tokens_of, unit_of
from services.records.seeing import Seeing
from vault.tokens import Blind

RECORD = [column for column in t.records.c]
NAMES = [column.key for column in RECORD]


def record_of(row: Row[Any]) -> Record:
    """The aggregate in a row whose first columns are the record's."""
    return Record(**dict(zip(NAMES, row, strict=False)))


class RecordWork(ChangeRows, GrantRows, ImportRows, Work):
    """One transaction over records."""

    def record(self, record_id: str) -> Record:
        """One record, locked until this piece of work ends."""
        found = select(*RECORD).where(t.records.c.id == record_id).with_for_update()
        row = self.connection.execute(found).one_or_none()
        if row is None:
            raise unknown(record_id)
        return record_of(row)

    def add(self, records: list[Record]) -> None:
        """Keep new records, with facets and a subject of their own."""
        self.put(t.subjects, [{"id": record.subject} for record in records])
        self.put(t.records, [vars(record) for record in records])
        self._keep_facets(records)

    def add_draft(self, draft: Draft, sealed: list[PartToStore], blind: Blind) -> None:
        """Keep a new record with its parts, consents and tokens; its filing unit must be free."""
        record = draft.record
        record.created_at = self.now
        if draft.grant:
            self.use_grant(draft.grant)
        self.claim_unit(unit_of(draft.found, draft.values, blind), record.id)
        self.add([record])
        self.add_parts(record.id, sealed, record.version, record.creator)
        self.add_tokens([(record.id, tokens_of(draft.found, draft.values, blind))])
        for consent in draft.consents:
            self.add_consent(record, consent)

    def propose(self, record: Record, change: Change, made: list[PartToStore], never: list[str]) -> None:
        """Keep a change that waits for its decision; who comes second to a part that is just being made tries again."""
        if {part.name for part in made} & self.part_keys(record.id).keys():
            raise Conflict("request.in_flight", "another change has just added this part; repeat yours")
        self.emit(record.propose(change, never))
        self.add_parts(record.id, made, record.version, change.proposed_by)
        self.add_change(change)

    def release_filing(self, record: Record, regime: Regime) -> None:
        """Give the filing unit free where the class counts only some states as open."""
        one_per = regime.classes[record.class_].one_per
        if one_per and record.state not in one_per.states:
            self.release_unit(record.id)

    def save(self, record: Record) -> None:
        """Keep what its rules changed."""
        kept = {name: value for name, value in vars(record).items() if name not in ("id", "created_at")}
        before = update(t.records).where(t.records.c.id == record.id).values(kept)
        self.connection.execute(before)
        self.connection.execute(delete(t.facets).where(t.facets.c.record == record.id))
        self._keep_facets([record])

    def add_parts(
        self, record_id: str, parts: Iterable[PartToStore], record_version: int, by: str, change: str | None = None
    ) -> None:
        """Keep part versions; a first version makes the part as well."""
        rows = [self.part_rows(record_id, part, record_version, change, by) for part in parts]
        self.add_part_rows([part for part, _ in rows if part["version"] == 1], [version for _, version in rows])
        for part, _ in rows:
            if part["version"] > 1:
                newer = {"version": part["version"], "level": part["level"]}
                self.connection.execute(update(t.parts).where(t.parts.c.id == part["id"]).values(newer))

    def add_part_rows(self, parts: list[dict[str, Any]], versions: list[dict[str, Any]]) -> None:
        """Keep the rows of many parts at once."""
        self.put(t.parts, parts)
        self.put(t.part_versions, versions)

    def part_rows(self, record_id: str, part: PartToStore, version: int, change: str | None, by: str | None) -> Any:
        """The row of a part and the row of its version."""
        head = {"id": part.part, "record": record_id, "name": part.name, "level": part.level, "key": part.key}
        body = {"part": part.part, "version": part.version, "record_version": version, "changed": part.changed}
        told = {"by": by, "change": change, "at": self.now, "sealed": part.sealed}
        return {**head, "version": part.version}, {**body, **told}

    def index(self, record_id: str, fields: list[str], tokens: dict[str, bytes]) -> None:
        """Keep the blind tokens of these fields as they are now."""
        old = (t.tokens.c.record == record_id) & t.tokens.c.field.in_(fields)
        self.connection.execute(delete(t.tokens).where(old))
        self.add_tokens([(record_id, tokens)])

    def add_tokens(self, marks: list[tuple[str, dict[str, bytes]]]) -> None:
        """Keep the blind tokens of many records at once."""
        rows = [
            {"token": token, "record": record, "field": field} for record, own in marks for field, token in own.items()
        ]
        self.put(t.tokens, rows)

    def claim_unit(self, unit: bytes | None, record_id: str) -> None:
        """Take a filing unit for this record, or say that it has its open file already (Q-077)."""
        if unit is None:
            return
        claim = self.database.insert(t.units).values(token=unit, record=record_id).on_conflict_do_nothing()
        if self.connection.execute(claim).rowcount == 0:
            raise Conflict("record.exists", "there is an open record of the same filing unit already")

    def refile(self, unit: bytes | None, record_id: str) -> bool:
        """Move a record to another filing unit, or keep it where it is; False where that has its open file already."""
        u = t.units.c
        if unit is not None:
            claim = self.database.insert(t.units).values(token=unit, record=record_id).on_conflict_do_nothing()
            self.connection.execute(claim)
            if self.connection.execute(select(u.record).where(u.token == unit)).scalar_one() != record_id:
                return False
        self.connection.execute(delete(t.units).where(u.record == record_id, u.token != (unit or b"")))
        return True

    def release_unit(self, record_id: str) -> None:
        """Give a filing unit free again."""
        self.connection.execute(delete(t.units).where(t.units.c.record == record_id))

    def next_number(self, series: str) -> int:
        """The next number of a series: gapless, never given twice, whoever else asks at the same time."""
        n = t.numbers.c
        first = self.database.insert(t.numbers).values(series=series, last=1)
        first = first.on_conflict_do_update(index_elements=[n.series], set_={"last": n.last + 1}).returning(n.last)
        return int(self.connection.execute(first).scalar_one())

    def add_consent(self, record: Record, consent: Consent) -> None:
        """Keep one answer of the customer."""
        told = {"record": record.id, "subject": record.subject, "by": self.caller.person, "at": self.now}
        self.put(t.consents, [{**vars(consent), **told}])

    def consent(self, consent_id: str, record_id: str) -> Consent:
        """One consent of a record."""
        c = t.consents.c
        row = self.connection.execute(select(t.consents).where(c.id == consent_id, c.record == record_id)).one_or_none()
        if row is None:
            raise unknown(record_id)
        return Consent(row.id, row.purpose, row.state, row.kind, row.notice, row.channel, row.receipt)

    def add_happening(self, id: str, record: Record, happened: str, on: date) -> None:
        """Keep a business fact and the newest date of it."""
        row = {"id": id, "record": record.id, "event": happened, "on": on, "by": self.caller.person, "at": self.now}
        self.connection.execute(insert(t.happenings).values(row))
        m, newest = t.milestones.c, date.fromisoformat(record.milestones[happened])
        kept = self.database.insert(t.milestones).values(record=record.id, name=happened, on=newest)
        self.connection.execute(kept.on_conflict_do_update(index_elements=[m.record, m.name], set_={"on": newest}))

    def freeze(self, hold: str, record_id: str, part: str) -> bool:
        """Enforce a hold; False where it is enforced already."""
        row = {"hold": hold, "record": record_id, "part": part, "at": self.now}
        kept = self.database.insert(t.freezes).values(row).on_conflict_do_nothing()
        return self.connection.execute(kept).rowcount == 1

    def unfreeze(self, hold: str, record_id: str) -> bool:
        """Lift a hold; False where it is not in force."""
        f = t.freezes.c
        return self.connection.execute(delete(t.freezes).where(f.hold == hold, f.record == record_id)).rowcount > 0

    def holds(self, record_id: str) -> list[str]:
        """The holds in force on a record."""
        f = t.freezes.c
        return sorted(set(self.connection.execute(select(f.hold).where(f.record == record_id)).scalars()))

    def part_keys(self, record_id: str) -> dict[str, str]:
        """The key of every part, by the part's name."""
        found = select(t.parts.c.name, t.parts.c.key).where(t.parts.c.record == record_id)
        return {row.name: row.key for row in self.connection.execute(found)}

    def wipe(self, record_id: str) -> None:
        """Take away every row that holds anything sealed or blind of a record."""
        held = select(t.parts.c.id).where(t.parts.c.record == record_id)
        self.connection.execute(delete(t.part_versions).where(t.part_versions.c.part.in_(held)))
        for table in (t.tokens, t.facets, t.units, t.changes):
            self.connection.execute(delete(table).where(table.c.record == record_id))

    def _keep_facets(self, records: list[Record]) -> None:
        rows = [{"record": r.id, "name": name, "value": value} for r in records for name, value in r.facets.items()]
        self.put(t.facets, rows)


class RecordStore(Seeing, GrantQueries, ImportQueries, Store[RecordWork]):
    """Reads of records, each statement by itself."""

    metadata = t.metadata
    work = RecordWork

    def record(self, record_id: str) -> Record:
        """One record, as it stands."""
        with self.reading() as connection:
            row = connection.execute(select(*RECORD).where(t.records.c.id == record_id)).one_or_none()
        if row is None:
            raise unknown(record_id)
        return record_of(row)

    def part_versions(self, record_id: str) -> list[Any]:
        """Every version of every part of a record, oldest first."""
        p, v = t.parts.c, t.part_versions.c
        told = (v.version, v.record_version, v.changed, v.by, v.change, v.at, v.sealed)
        found = select(p.id, p.name, p.level, p.key, *told).join(t.part_versions, v.part == p.id)
        with self.reading() as connection:
            return list(connection.execute(found.where(p.record == record_id).order_by(v.record_version, v.at)).all())

    def page(self, where: dict[str, Any], limit: int, after: str | None) -> list[Record]:
        """Records newest first; filters are class, state, number and facets only."""
        r, f = t.records.c, t.facets.c
        found = select(*RECORD).order_by(r.id.desc()).limit(limit)
        if after:
            found = found.where(r.id < after)
        for name, value in where.items():
            if "." in name:
                found = found.where(r.id.in_(select(f.record).where(f.name == name, f.value == value)))
            else:
                found = found.where(r[name] == value)
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(found)]

    def consents(self, record_id: str) -> list[dict[str, Any]]:
        """Every answer the customer gave, oldest first."""
        c = t.consents.c
        with self.reading() as connection:
            rows = connection.execute(select(t.consents).where(c.record == record_id).order_by(c.id)).mappings()
            return [dict(row) for row in rows]

    def happenings(self, record_id: str) -> list[dict[str, Any]]:
        """The business facts of a record, oldest first."""
        h = t.happenings.c
        with self.reading() as connection:
            rows = connection.execute(select(t.happenings).where(h.record == record_id).order_by(h.id)).mappings()
            return [dict(row) for row in rows]

    def due(
        self, classes: list[str], milestone: str, on_or_before: date, after: str | None, limit: int
    ) -> list[Record]:
        """Records of these classes whose milestone lies on or before a day; by id, `limit` at a time."""
        r, m = t.records.c, t.milestones.c
        late = select(m.record).where(m.name == milestone, m.on <= on_or_before)
        found = select(*RECORD).where(r.id.in_(late), r.class_.in_(classes), r.state != "destroyed")
        found = found.where(r.id > (after or "")).order_by(r.id).limit(limit)
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(found)]

    def stuck_destructions(self) -> list[Record]:
        """Records whose destruction has begun and not ended."""
        with self.reading() as connection:
            rows = connection.execute(select(*RECORD).where(t.records.c.state == "destroying")).all()
            return [record_of(row) for row in rows]

    def change(self, change_id: str) -> Change:
        """One proposed change, as it stands."""
        with self.reading() as connection:
            return change_of(connection, change_id)

    def journal_of(self, record_id: str) -> list[dict[str, Any]]:
        """This service's own entries about a record, oldest first."""
        j = journal.c
        with self.reading() as connection:
            found = select(j.entry).where(j.record == record_id).order_by(j.id).limit(1000)
            return list(connection.execute(found).scalars())

    def keys_of(self, record_id: str) -> dict[str, str]:
        """The key of every part of a record, by the part's name."""
        found = select(t.parts.c.name, t.parts.c.key).where(t.parts.c.record == record_id)
        with self.reading() as connection:
            return {row.name: row.key for row in connection.execute(found)}
