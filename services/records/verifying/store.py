"""Verifications and figures in their tables, and what is known of fields without opening anything."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Text, case, delete, func, or_, select, type_coerce, update

from chassis import codec
from chassis.ids import new_id
from chassis.store import Store, Work
from chassis.tables import journal
from regimes import Regime
from services.records import tables as core
from services.records.model import Record
from services.records.rows import RECORD, record_of
from services.records.verifying import events
from services.records.verifying import tables as t
from services.records.verifying.model import Facts, PartVersion, Verification, facts_of
from services.records.verifying.scoring import Figures, stale_after
from vault.envelope import named

LIVING = ("active", "suspended")
STATED = "confirmed"  # the business fact by which a class may say that a whole record was confirmed
CHECKED = ("id", "record", "field", "part_version", "method", "source", "result", "by", "at")


def facts_in(connection: Connection, record: Record, regime: Regime) -> Facts:
    """What is known about a record's fields beside their values."""
    p, v, c, h = core.parts.c, core.part_versions.c, t.verifications.c, core.happenings.c
    newest = case((v.version == p.version, v.sealed))  # its directory tells which fields have a value, unopened
    told = (p.name, v.version, v.changed, newest, v.by, v.at, v.change)
    versions = select(*told).join(core.part_versions, v.part == p.id).where(p.record == record.id)
    looks = select(*(c[name] for name in CHECKED)).where(c.record == record.id).order_by(c.id)
    stated = select(func.max(h.at)).where(h.record == record.id, h.event == STATED)
    return facts_of(
        regime.classes[record.class_],
        [_version(*row) for row in connection.execute(versions)],
        [Verification(*row) for row in connection.execute(looks)],
        connection.execute(stated).scalar(),
    )


def _version(part: str, version: int, changed: Any, newest: bytes | None, *told: Any) -> PartVersion:
    return PartVersion(part, version, changed, tuple(named(newest)) if newest else (), *told)


class VerifyingRows(Work):
    """The part of records' work that concerns verification and quality."""

    def facts(self, record: Record, regime: Regime) -> Facts:
        """What is known about a record's fields beside their values."""
        return facts_in(self.connection, record, regime)

    def add_verification(self, verification: Verification) -> None:
        """Keep one look at a field."""
        self.put(t.verifications, [vars(verification)])

    def score(self, record: Record, regime: Regime, facts: Facts | None = None) -> None:
        """Bring the record's figures up to date; told only where they changed."""
        if record.state not in LIVING:
            self.connection.execute(delete(t.scores).where(t.scores.c.record == record.id))
            return
        facts = facts or self.facts(record, regime)
        figures = facts.figures(self.now, stale_after(regime))
        row = score_of(record.id, facts, figures)
        if row != self._scored(record.id):
            kept = self.database.insert(t.scores).values(row)
            self.connection.execute(kept.on_conflict_do_update(index_elements=[t.scores.c.record], set_=row))
            self.emit(scored(record, figures))

    def stated(self, record: Record, regime: Regime, happened: str) -> None:
        """The record as a whole was confirmed, where that is what happened."""
        if happened == STATED:
            self.score(record, regime)

    def hold_back(self, record: Record, lacking: list[str]) -> None:
        """Keep an approved record pending until what it lacks is there."""
        row = {"record": record.id, "at": self.now}
        if self.connection.execute(self.database.insert(t.held_back).values(row).on_conflict_do_nothing()).rowcount:
            self.emit(events.HeldBack(**record.told(), needs=lacking))

    def held_back(self, record_id: str) -> bool:
        """Whether a record is approved and still waits."""
        return self.connection.execute(select(t.held_back).where(t.held_back.c.record == record_id)).first() is not None

    def let_go(self, record_id: str) -> None:
        """It waits no more."""
        self.connection.execute(delete(t.held_back).where(t.held_back.c.record == record_id))

    def was_read(
        self, person: str | None, classes: list[str], since: datetime, now: datetime, record: str | None
    ) -> bool:
        """Whether this person read a record of one of these classes since then, or this very one."""
        return read_since(self.connection, person, classes, since, now, record)

    def has_entry(self, classes: list[str], record_id: str, person: str | None, on: date, this: str | None) -> bool:
        """Whether a register has a valid entry about the record, or by or about the person; or this very one is."""
        return entered(self.connection, classes, record_id, person, on, this)

    def walk(self, name: str) -> Any:
        """How far a walk has come, locked; its row is made when it is first asked for."""
        first: dict[str, Any] = {"name": name, "after": "", "sums": {}, "ended_at": None}
        self.connection.execute(self.database.insert(t.walks).values(first).on_conflict_do_nothing())
        return self.connection.execute(select(t.walks).where(t.walks.c.name == name).with_for_update()).one()

    def save_walk(self, name: str, **kept: Any) -> None:
        """Keep how far it has come."""
        self.connection.execute(update(t.walks).where(t.walks.c.name == name).values(**kept))

    def save_quality(self, period: str, sums: dict[str, dict[str, dict[str, int]]]) -> None:
        """Keep what a walk found in place of what the one before it found in the same period."""
        self.connection.execute(delete(t.quality).where(t.quality.c.period == period))
        named = [(department, cls, found) for department, own in sums.items() for cls, found in own.items()]
        rows = [{"period": period, "department": d, "class_": c, "sums": s, "at": self.now} for d, c, s in named]
        self.put(t.quality, rows)

    def _scored(self, record_id: str) -> dict[str, Any] | None:
        row = self.connection.execute(select(t.scores).where(t.scores.c.record == record_id)).mappings().one_or_none()
        return dict(row) if row else None


class VerifyingQueries(Store[Any]):
    """Reads of verification and quality."""

    def facts(self, record: Record, regime: Regime) -> Facts:
        """What is known about a record's fields beside their values."""
        with self.reading() as connection:
            return facts_in(connection, record, regime)

    def waits(self, record_id: str) -> bool:
        """Whether a record is approved and held back."""
        with self.reading() as connection:
            return connection.execute(select(t.held_back).where(t.held_back.c.record == record_id)).first() is not None

    def verifications(self, record_id: str, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Looks at fields, newest first."""
        v = t.verifications.c
        found = select(t.verifications).where(v.record == record_id).order_by(v.id.desc()).limit(limit)
        with self.reading() as connection:
            rows = connection.execute(found.where(v.id < after) if after else found).mappings()
            return [dict(row) for row in rows]

    def rests(self, name: str, since: datetime) -> bool:
        """Whether a walk has ended after this instant."""
        with self.reading() as connection:
            ended = connection.execute(select(t.walks.c.ended_at).where(t.walks.c.name == name)).scalar()
        return ended is not None and ended > since

    def walked(self, after: str, limit: int) -> list[tuple[Record, dict[str, Any] | None]]:
        """Living records in the order of their ids, each with its figures where it has some."""
        r = core.records.c
        joined = core.records.outerjoin(t.scores, t.scores.c.record == r.id)
        found = select(*RECORD, *t.scores.c).select_from(joined).where(r.id > after, r.state.in_(LIVING))
        with self.reading() as connection:
            rows = connection.execute(found.order_by(r.id).limit(limit)).all()
        figures = [c.key for c in t.scores.c]
        split = [(record_of(row), dict(zip(figures, row[len(RECORD) :], strict=True))) for row in rows]
        return [(record, own if own["record"] else None) for record, own in split]

    def quality(self, period: str, department: str | None) -> list[Any]:
        """What the last walk of a period found."""
        q = t.quality.c
        found = select(t.quality).where(q.period == period).order_by(q.department, q.class_)
        with self.reading() as connection:
            return list(connection.execute(found.where(q.department == department) if department else found).all())

    def lacking(self, sort: str, before: datetime, where: dict[str, Any], after: str | None, limit: int) -> list[Any]:
        """Living records of one of the combing lists, newest first, with their figures."""
        s, r = t.scores.c, core.records.c
        lists = {"missing_core": s.missing > 0, "unverified": s.unchecked > 0, "stale": s.confirmed_at < before}
        found = select(*RECORD, s.confirmed_at).join(t.scores, s.record == r.id)
        found = found.where(lists[sort], r.state.in_(LIVING), *(r[name] == value for name, value in where.items()))
        found = found.where(r.id < after) if after else found
        with self.reading() as connection:
            rows = connection.execute(found.order_by(r.id.desc()).limit(limit)).all()
        return [(record_of(row), row[-1]) for row in rows]

    def was_read(
        self, person: str | None, classes: list[str], since: datetime, now: datetime, record: str | None
    ) -> bool:
        """Whether this person read a record of one of these classes since then, or this very one."""
        with self.reading() as connection:
            return read_since(connection, person, classes, since, now, record)

    def has_entry(self, classes: list[str], record_id: str, person: str | None, on: date, this: str | None) -> bool:
        """Whether a register has a valid entry about the record, or by or about the person; or this very one is."""
        with self.reading() as connection:
            return entered(connection, classes, record_id, person, on, this)


def read_since(
    connection: Connection, person: str | None, classes: list[str], since: datetime, now: datetime, record: str | None
) -> bool:
    """Whether the journal has a read of such a record by this person, or of this very one where one is named."""
    j, r = journal.c, core.records.c
    # Ids begin with the machine's time, which is never ahead of the clock: those of long ago are not looked at.
    first = int(new_id().replace("-", "")[:12], 16) - int((now - since).total_seconds() * 1000)
    theirs = type_coerce(j.entry, Text).contains(codec.canonical({"actor": person}).decode()[1:-1], autoescape=True)
    reads = select(j.id).join(core.records, r.id == j.record).where(j.id >= f"{first >> 16:08x}-{first & 0xFFFF:04x}")
    reads = reads.where(j.type == "records.read", j.at >= since, theirs, r.class_.in_(classes)).limit(1)
    return connection.execute(reads.where(j.record == record) if record else reads).first() is not None


def entered(
    connection: Connection, classes: list[str], record_id: str, person: str | None, on: date, this: str | None
) -> bool:
    """Whether one of these registers has a valid entry about the record, or by or about the person; or this one is."""
    r = core.records.c
    theirs = (
        r.id == this if this else or_(r.about.in_([one for one in (record_id, person) if one]), r.creator == person)
    )
    valid = or_(r.valid_until.is_(None), r.valid_until >= on)
    found = select(r.id).where(r.class_.in_(classes), r.state == "active", theirs, valid).limit(1)
    return connection.execute(found).first() is not None


def score_of(record: str, facts: Facts, figures: Figures) -> dict[str, Any]:
    """The row of a record's figures."""
    names = ("core", "core_filled", "fields", "filled", "to_verify", "verified")
    counts = {name: getattr(figures, name) for name in names}
    told = {"missing": len(facts.missing), "unchecked": len(facts.unchecked), "confirmed_at": facts.confirmed_at}
    return {"record": record, **counts, **told}


def scored(record: Record, figures: Figures) -> events.Scored:
    """The figures as the others hear of them."""
    names = ("core", "core_filled", "fields", "filled", "to_verify", "verified", "age_days")
    return events.Scored(**record.told(), **{name: getattr(figures, name) for name in names})
