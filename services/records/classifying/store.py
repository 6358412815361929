"""Classification in its tables: lines that are only added, what waits, reasons, and the levels of parts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update

from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.store import Store, Work
from regimes import Regime
from services.records import tables as core
from services.records.classifying import tables as t
from services.records.classifying.levels import classified, highest
from services.records.classifying.model import Downgrade, Line, Suggestion, review_of
from services.records.model import Record
from services.records.reasons import Reason


class ClassifyingRows(Work):
    """The part of records' work that concerns classification."""

    def add_reasons(self, reasons: list[Reason]) -> None:
        """Keep why; sealed."""
        self.put(t.reasons, [vars(reason) for reason in reasons])

    def add_line(self, line: Line) -> None:
        """Keep a line of history, and the day on which its term ends."""
        self.put(t.classifications, [{**vars(line), "at": self.now}])
        self._review(line.record, review_of(line.scheme), line.until)

    def add_suggestion(self, suggestion: Suggestion) -> None:
        """Keep what criteria came to."""
        self.put(t.suggestions, [{**vars(suggestion), "by": self.caller.person, "at": self.now}])

    def suggestion(self, id: str) -> Suggestion:
        """What criteria came to, as it was kept."""
        s = t.suggestions.c
        told = (s.id, s.record, s.scheme, s.value, s.criteria, s.record_version)
        row = self.connection.execute(select(*told).where(s.id == id)).one_or_none()
        if row is None:
            raise NotFound("suggestion.unknown", f"no suggestion {id}")
        return Suggestion(*row)

    def add_downgrade(self, waiting: Downgrade) -> None:
        """Keep what waits for its approval."""
        self.put(t.downgrades, [{**vars(waiting), "at": self.now}])

    def downgrade(self, id: str) -> Downgrade | None:
        """What waits for its approval, locked; None where it is not known."""
        found = select(t.downgrades).where(t.downgrades.c.id == id).with_for_update()
        row = self.connection.execute(found).mappings().one_or_none()
        return Downgrade(**{name: value for name, value in row.items() if name != "at"}) if row else None

    def downgrade_like(self, record_id: str, scheme: str, value: str) -> str | None:
        """One to the same value that waits already."""
        d = t.downgrades.c
        same = (d.record == record_id, d.scheme == scheme, d.value == value, d.state == "pending")
        return self.connection.execute(select(d.id).where(*same).limit(1)).scalar()

    def save_downgrade(self, waiting: Downgrade) -> None:
        """Keep what became of it."""
        kept = update(t.downgrades).where(t.downgrades.c.id == waiting.id).values(state=waiting.state)
        self.connection.execute(kept)

    def add_move(
        self, record: Record, before: str, reasons: list[Reason], by: str | None = None, id: str | None = None
    ) -> None:
        """Keep a change of state, and why; what was decided has its reason already, under `id`."""
        told = {"record": record.id, "before": before, "state": record.state, "by": by or self.caller.person}
        id = id or (reasons[0].id if reasons else new_id())
        self.put(t.moves, [{"id": id, **told, "record_version": record.version, "at": self.now}])
        self.add_reasons(reasons)

    def protect_parts(self, record: Record, regime: Regime) -> None:
        """Keep each part at the level its class gives it, or at what the record's classification demands beyond."""
        p, demanded, found = core.parts.c, classified(record, regime), regime.classes[record.class_]
        rows = self.connection.execute(select(p.id, p.name, p.level).where(p.record == record.id)).all()
        for row in rows:
            own = found.parts[row.name].level if row.name in found.parts else row.level
            wanted = highest(regime, [own, demanded])
            if wanted != row.level:
                self.connection.execute(update(core.parts).where(p.id == row.id).values(level=wanted))

    def forget_reasons(self, records: Collection[str]) -> None:
        """Take away what was sealed beside the parts."""
        self.connection.execute(delete(t.reasons).where(t.reasons.c.record.in_(records)))

    def _review(self, record_id: str, name: str, on: date | None) -> None:
        m = core.milestones.c
        self.connection.execute(delete(core.milestones).where(m.record == record_id, m.name == name))
        if on:
            self.connection.execute(insert(core.milestones).values(record=record_id, name=name, on=on))


class ClassifyingQueries(Store[Any]):
    """Reads of classification."""

    def classifications(
        self, record_id: str, scheme: str | None, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Lines of history, newest first."""
        c = t.classifications.c
        found = select(t.classifications).where(c.record == record_id).order_by(c.id.desc()).limit(limit)
        found = found.where(c.scheme == scheme) if scheme else found
        return self._lines(found.where(c.id < after) if after else found)

    def waiting_downgrades(self, record_id: str) -> list[dict[str, Any]]:
        """What waits for its approval."""
        d = t.downgrades.c
        return self._lines(select(t.downgrades).where(d.record == record_id, d.state == "pending").order_by(d.id))

    def moves(self, ids: list[str]) -> list[dict[str, Any]]:
        """These changes of state."""
        return self._lines(select(t.moves).where(t.moves.c.id.in_(ids)))

    def reasons(self, record_id: str, ids: list[str]) -> list[Reason]:
        """The sealed reasons of these things."""
        r = t.reasons.c
        found = select(r.id, r.record, r.key, r.sealed).where(r.record == record_id, r.id.in_(ids))
        with self.reading() as connection:
            return [Reason(*row) for row in connection.execute(found)] if ids else []

    def _lines(self, found: Any) -> list[dict[str, Any]]:
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]
