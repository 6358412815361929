"""Filing units and counters: one open file per unit, one number per record, whoever else asks at the same time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from chassis.errors import Conflict
from chassis.store import Work
from regimes import Regime
from regimes.model import OnePer, RecordClass
from services.records import tables as t
from services.records.merging.likeness import Alike, known, readable
from services.records.model import Record
from services.records.rows import RECORD, record_of


def is_open(one_per: OnePer, state: str) -> bool:
    """Whether a record in this state takes its filing unit; one on its way to a state that does, too."""
    on_its_way = state == "pending" and not {"draft", "active"}.isdisjoint(one_per.states)
    return state in one_per.states or on_its_way


def taken(found: RecordClass, facts: dict[str, Any] | None = None) -> Conflict:
    """The refusal of a second open file: which rule, over which fields, in which states (Q-077, Q-197, Q-198)."""
    one_per = found.one_per or OnePer((), ())
    named = {"class": found.name, "fields": [*one_per.fields], "while": [*one_per.states]}
    said = f"one {found.name} per {', '.join(one_per.fields)} while {', '.join(one_per.states)}: there is one already"
    return Conflict("record.exists", said, {"rule": "one_per", **named, **(facts or {})})


class FilingRows(Work):
    """The part of records' work that concerns filing units and numbers."""

    holders: tuple[Alike, ...] = ()  # of a unit that was refused: for the entry of that, whatever its caller is told

    def claim_unit(self, unit: bytes | None, record_id: str, found: RecordClass, regime: Regime) -> None:
        """Take a filing unit for this record, or say that it has its open file already, and which to who may see it."""
        if unit is not None and not self._take(unit, record_id):
            raise taken(found, self._holder(unit, found.one_per, regime))

    def refile(self, unit: bytes | None, record: Record, one_per: OnePer) -> bool:
        """Follow a change of what the filing unit is made of; False where the new one has its open file already."""
        if not is_open(one_per, record.state):
            self._remember(unit, record.id)
            return True
        if unit is not None and not self._take(unit, record.id):
            return False
        u = t.units.c
        self.connection.execute(delete(t.units).where(u.record == record.id, u.token != (unit or b"")))
        return True

    def refile_by_state(self, record: Record, regime: Regime) -> None:
        """Give the filing unit free where the record's state no longer counts as open; take it again where it does."""
        found = regime.classes[record.class_]
        if found.one_per is None:
            return
        if not is_open(found.one_per, record.state):
            self._release(record.id)
            return
        kept = select(t.filings.c.token).where(t.filings.c.record == record.id)
        self.claim_unit(self.connection.execute(kept).scalar(), record.id, found, regime)
        self.connection.execute(delete(t.filings).where(t.filings.c.record == record.id))

    def unfile(self, record_id: str) -> None:
        """Forget the filing unit of a record: what it was made of is gone."""
        for table in (t.units, t.filings):
            self.connection.execute(delete(table).where(table.c.record == record_id))

    def next_number(self, series: str) -> int:
        """The next number of a series: gapless, never given twice, whoever else asks at the same time."""
        n = t.numbers.c
        first = self.database.insert(t.numbers).values(series=series, last=1)
        first = first.on_conflict_do_update(index_elements=[n.series], set_={"last": n.last + 1}).returning(n.last)
        return int(self.connection.execute(first).scalar_one())

    def number_taken(self, class_: str, number: str) -> bool:
        """Whether a record of the class has this number; also a destroyed one has it for ever."""
        r = t.records.c
        found = select(r.id).where(r.class_ == class_, r.number == number)
        return self.connection.execute(found).first() is not None

    def _take(self, unit: bytes, record_id: str) -> bool:
        claim = self.database.insert(t.units).values(token=unit, record=record_id).on_conflict_do_nothing()
        self.connection.execute(claim)
        return self._held(unit) == record_id

    def _held(self, unit: bytes) -> str | None:
        found: str | None = self.connection.execute(select(t.units.c.record).where(t.units.c.token == unit)).scalar()
        return found

    def _holder(self, unit: bytes, one_per: OnePer | None, regime: Regime) -> dict[str, Any]:
        """The record that has the unit, to who may know of it and could read there what the unit is made of."""
        row = self.connection.execute(select(*RECORD).where(t.records.c.id == self._held(unit))).one_or_none()
        if row is None or one_per is None:
            return {}
        record = record_of(row)
        self.holders = (Alike(record, one_per.fields),)
        told = all(readable(record, path, self.caller, regime) for path in one_per.fields)
        return {"record": record.id, "number": record.number} if told and known(record, self.caller, regime) else {}

    def _release(self, record_id: str) -> None:
        token = self.connection.execute(select(t.units.c.token).where(t.units.c.record == record_id)).scalar()
        if token is not None:
            self._remember(token, record_id)
            self.connection.execute(delete(t.units).where(t.units.c.record == record_id))

    def _remember(self, unit: bytes | None, record_id: str) -> None:
        self.connection.execute(delete(t.filings).where(t.filings.c.record == record_id))
        if unit is not None:
            self.put(t.filings, [{"record": record_id, "token": unit}])
