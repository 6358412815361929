"""Records in their tables; the only SQL of this service beside the import's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, insert, or_, select, update

from chassis.breathing import gently
from chassis.errors import Conflict
from chassis.ids import new_id
from chassis.store import Store, Work
from regimes import Regime
from services.records import tables as t
from services.records.assigning.store import AssigningQueries, AssigningRows
from services.records.changes import ChangeQueries, ChangeRows
from services.records.classifying.presenting import Unset
from services.records.classifying.store import ClassifyingQueries, ClassifyingRows
from services.records.closing.store import ClosingRows
from services.records.consents.store import ConsentQueries, ConsentRows
from services.records.creating import Draft, Entered
from services.records.documents.store import DocumentQueries, DocumentRows
from services.records.erasing.store import ErasingQueries, ErasingRows
from services.records.exporting.store import ExportQueries, ExportRows
from services.records.filing import FilingRows
from services.records.granting import GrantQueries, GrantRows
from services.records.importing.store import ImportQueries, ImportRows
from services.records.internal.store import InternalQueries
from services.records.lines import LineQueries
from services.records.merging import likeness
from services.records.merging.store import MergingQueries, MergingRows
from services.records.model import HIDDEN, MERGED, Change, Record
from services.records.parties.store import PartyQueries, PartyRows
from services.records.refusals import unknown
from services.records.registers.belonging import belongs_to_record
from services.records.registers.store import RegisterQueries, RegisterRows
from services.records.rows import RECORD, record_of
from services.records.sealing import PartToStore, tokens_of, unit_of
from services.records.searching.keeping import SavedQueries, SavedRows
from services.records.searching.store import SearchQueries, SearchRows
from services.records.seeing import Seeing
from services.records.telling import TellingQueries
from services.records.verifying.store import VerifyingQueries, VerifyingRows
from services.records.views.store import ViewQueries, ViewRows
from vault.tokens import Blind

# Made once: many records are kept by one statement.
KEPT = (
    update(t.records)
    .where(t.records.c.id == bindparam("mine"))
    .values({one.key: bindparam(one.key) for one in RECORD if one.key not in ("id", "created_at")})
)


class RecordWork(
    AssigningRows,
    ErasingRows,
    ClassifyingRows,
    VerifyingRows,
    ChangeRows,
    ClosingRows,
    DocumentRows,
    ConsentRows,
    ExportRows,
    FilingRows,
    GrantRows,
    ImportRows,
    MergingRows,
    PartyRows,
    RegisterRows,
    SavedRows,
    SearchRows,
    ViewRows,
    Work,
):
    """One transaction over records."""

    def record(self, record_id: str) -> Record:
        """One record, locked until this piece of work ends."""
        found = select(*RECORD).where(t.records.c.id == record_id).with_for_update()
        row = self.connection.execute(found).one_or_none()
        if row is None:
            raise unknown(record_id)
        return record_of(row)

    def records(self, ids: Collection[str]) -> list[Record]:
        """Those of many records that there are, locked in the order of their ids until this piece of work ends."""
        found = select(*RECORD).where(t.records.c.id.in_(ids)).order_by(t.records.c.id).with_for_update()
        return [record_of(row) for row in self.connection.execute(found)] if ids else []

    def add(self, records: list[Record]) -> None:
        """Keep new records, with their facets."""
        self.put(t.records, [vars(record) for record in records])
        self._keep_facets(records)

    def add_draft(self, draft: Draft, sealed: list[PartToStore], blind: Blind) -> None:
        """Keep a new record with its parts, consents and tokens; its filing unit must be free."""
        record = draft.record
        record.created_at = self.now
        if draft.grant:
            self.use_grant(draft.grant)
        if record.about and belongs_to_record(draft.found):
            self.lock_parent(record.about)
        self.claim_unit(unit_of(draft.found, draft.values, blind), record.id, draft.found, draft.regime)
        self.know([draft.entered(blind)])
        self.add([record])
        self.add_parts(record.id, sealed, record.version, record.creator)
        self.add_tokens([(record.id, tokens_of(draft.found, draft.values, blind))])
        self.liken([(record.id, likeness.token_of(draft.found, draft.values, blind))])
        self.add_index([draft.indexed(blind)])

    def know(self, entered: list[Entered]) -> None:
        """Say whose new records these are, what their customers answered, and where the data came from."""
        self.resolve([(one.record, one.marks) for one in entered])
        answered = [self.take_answers(one.record, one.consents, new=True) for one in gently(entered)]
        told = zip(entered, answered, strict=True)
        self.take_in((one.record, one.collection, answers) for one, answers in told)

    def propose(self, record: Record, change: Change, made: list[PartToStore], never: list[str]) -> None:
        """Keep a change that waits for its decision; who comes second to a part that is just being made tries again."""
        if {part.name for part in made} & self.part_keys(record.id).keys():
            raise Conflict("request.in_flight", "another change has just added this part; repeat yours")
        self.emit(record.propose(change, never))
        self.add_parts(record.id, made, record.version, change.proposed_by)
        self.add_change(change)

    def save(self, *records: Record) -> None:
        """Keep what their rules changed."""
        kept = [{**vars(one), "mine": one.id} for one in records]
        for row in kept:
            del row["id"], row["created_at"]
        if kept:
            self.connection.execute(KEPT, kept)
            self.connection.execute(delete(t.facets).where(t.facets.c.record.in_([one.id for one in records])))
            self._keep_facets([*records])

    def add_parts(
        self, record_id: str, parts: Iterable[PartToStore], record_version: int, by: str, change: str | None = None
    ) -> None:
        """Keep part versions; a first version makes the part as well."""
        rows = [self._part_rows(record_id, part, record_version, change, by) for part in parts]
        self.put(t.parts, [part for part, _ in rows if part["version"] == 1])
        self.put(t.part_versions, [version for _, version in rows])
        for part, _ in rows:
            if part["version"] > 1:
                newer = {"version": part["version"], "level": part["level"]}
                self.connection.execute(update(t.parts).where(t.parts.c.id == part["id"]).values(newer))

    def _part_rows(self, record_id: str, part: PartToStore, version: int, change: str | None, by: str | None) -> Any:
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

    def note(self, record: Record, event: str, on: date, regime: Regime) -> None:
        """Note a business fact, from which duties and schedules count."""
        happened = record.happen(event, on, self.now.astimezone(ZoneInfo(regime.timezone)).date())
        self.add_happening(new_id(), record, event, on)
        self.save(record)
        self.emit(happened)
        self.stated(record, regime, event)

    def add_happening(self, id: str, record: Record, happened: str, on: date) -> None:
        """Keep a business fact and the newest date of it."""
        row = {"id": id, "record": record.id, "event": happened, "on": on, "by": self.caller.person, "at": self.now}
        self.connection.execute(insert(t.happenings).values(row))
        m, newest = t.milestones.c, date.fromisoformat(record.milestones[happened])
        kept = self.database.insert(t.milestones).values(record=record.id, name=happened, on=newest)
        self.connection.execute(kept.on_conflict_do_update(index_elements=[m.record, m.name], set_={"on": newest}))
        self.follow_clock(record)

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
        """The holds in force on a record; what holds one that it makes one file with, by a merge, holds it too."""
        f, r = t.freezes.c, t.records.c
        stands_for_it = select(r.merged_into).where(r.id == record_id)
        it_stands_for = select(r.id).where(r.merged_into == record_id)
        own = or_(f.record == record_id, f.record.in_(stands_for_it), f.record.in_(it_stands_for))
        return sorted(set(self.connection.execute(select(f.hold).where(own)).scalars()))

    def part_keys(self, record_id: str) -> dict[str, str]:
        """The key of every part, by the part's name."""
        found = select(t.parts.c.name, t.parts.c.key).where(t.parts.c.record == record_id)
        return {row.name: row.key for row in self.connection.execute(found)}

    def wipe(self, *records: str) -> None:
        """Take away every row that holds anything sealed or blind of these records."""
        held = select(t.parts.c.id).where(t.parts.c.record.in_(records))
        self.connection.execute(delete(t.part_versions).where(t.part_versions.c.part.in_(held)))
        self.unmark(records)
        self.forget_index(records)
        self.forget_reasons(records)
        self.unindex(records)
        self.connection.execute(delete(t.changes).where(t.changes.c.record.in_(records)))
        self.wipe_documents(records)

    def _keep_facets(self, records: list[Record]) -> None:
        living = [r for r in records if r.state not in ("destroyed", MERGED)]
        told = [(r.id, {**r.facets, **{f"record.{name}": value for name, value in r.schemes.items()}}) for r in living]
        rows = [{"record": id, "name": name, "value": value} for id, kept in told for name, value in kept.items()]
        self.put(t.facets, rows)


class RecordStore(
    AssigningQueries,
    ChangeQueries,
    ErasingQueries,
    ClassifyingQueries,
    VerifyingQueries,
    Seeing,
    DocumentQueries,
    ConsentQueries,
    ExportQueries,
    GrantQueries,
    ImportQueries,
    InternalQueries,
    LineQueries,
    MergingQueries,
    PartyQueries,
    RegisterQueries,
    SavedQueries,
    SearchQueries,
    TellingQueries,
    ViewQueries,
    Store[RecordWork],
):
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

    def page(self, where: dict[str, Any], limit: int, after: str | None) -> list[Record]:
        """Records newest first; filters are class, state, number and facets only. By number also what is hidden."""
        r, f = t.records.c, t.facets.c
        found = select(*RECORD).order_by(r.id.desc()).limit(limit)
        if after:
            found = found.where(r.id < after)
        if "number" not in where:
            found = found.where(r.state.not_in(HIDDEN))
        for name, value in where.items():
            if isinstance(value, Unset):
                others = select(f.record).where(f.name == name, f.value != value.value)
                found = found.where(r.class_.in_(value.classes), r.id.not_in(others))
            elif "." in name:
                found = found.where(r.id.in_(select(f.record).where(f.name == name, f.value == value)))
            else:
                found = found.where(r[name] == value)
        with self.reading() as connection:
            return [record_of(row) for row in connection.execute(found)]

    def happenings(self, record_id: str) -> list[dict[str, Any]]:
        """The business facts of a record, oldest first."""
        h = t.happenings.c
        with self.reading() as connection:
            rows = connection.execute(select(t.happenings).where(h.record == record_id).order_by(h.id)).mappings()
            return [dict(row) for row in rows]

    def keys_of(self, record_id: str) -> dict[str, str]:
        """The key of every part of a record, by the part's name."""
        found = select(t.parts.c.name, t.parts.c.key).where(t.parts.c.record == record_id)
        with self.reading() as connection:
            return {row.name: row.key for row in connection.execute(found)}
