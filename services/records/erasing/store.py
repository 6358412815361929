"""Erasures in their table, and taking away what lies of the parts that go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from chassis.store import Store, Work
from services.records import tables as core
from services.records.classifying.tables import reasons
from services.records.documents import tables as papers
from services.records.documents.store import GONE as PAPER_GONE
from services.records.erasing.model import Erasure, unknown
from services.records.erasing.tables import erasures as t

COLUMNS = [t.c[name] for name in Erasure.__dataclass_fields__]


class ErasingRows(Work):
    """The part of records' work that concerns erasure."""

    def add_erasure(self, erasure: Erasure) -> None:
        """Keep one that waits."""
        self.put(t, [{**vars(erasure), "at": self.now}])

    def erasure(self, id: str) -> Erasure | None:
        """One, locked; None where it is not known."""
        row = self.connection.execute(select(*COLUMNS).where(t.c.id == id).with_for_update()).one_or_none()
        return Erasure(*row) if row else None

    def save_erasure(self, erasure: Erasure) -> None:
        """Keep what became of it."""
        kept = {name: value for name, value in vars(erasure).items() if name != "id"}
        self.connection.execute(update(t).where(t.c.id == erasure.id).values(kept))

    def papers_of(self, record_id: str, kinds: list[str]) -> dict[str, str]:
        """The keys of a record's documents of these kinds, by the document's id."""
        d = papers.documents.c
        rows = self.connection.execute(select(d.id, d.key).where(d.record == record_id, d.kind.in_(kinds)))
        return {row.id: row.key for row in rows}

    def take_away(self, record_id: str, parts: list[str], keys: list[str], documents: list[str]) -> None:
        """Take away every row that holds anything sealed or blind of these parts."""
        p, v, d = core.parts.c, core.part_versions.c, papers
        held = select(p.id).where(p.record == record_id, p.name.in_(parts))
        self.connection.execute(delete(core.part_versions).where(v.part.in_(held)))
        self.connection.execute(delete(core.parts).where(p.record == record_id, p.name.in_(parts)))
        self.connection.execute(delete(reasons).where(reasons.c.record == record_id, reasons.c.key.in_(keys)))
        chunks, acts = d.document_chunks.c, d.document_acts.c
        self.connection.execute(delete(d.document_chunks).where(chunks.document.in_(documents)))
        self.connection.execute(delete(d.document_acts).where(acts.document.in_(documents)))
        self.connection.execute(update(d.documents).where(d.documents.c.id.in_(documents)).values(PAPER_GONE))
        for part in parts:
            mine = (core.tokens.c.record == record_id) & core.tokens.c.field.startswith(f"{part}.")
            self.connection.execute(delete(core.tokens).where(mine))


class ErasingQueries(Store[Any]):
    """Reads of erasures."""

    def erasure(self, id: str) -> Erasure:
        """One erasure, as it stands."""
        with self.reading() as connection:
            row = connection.execute(select(*COLUMNS).where(t.c.id == id)).one_or_none()
        if row is None:
            raise unknown(id)
        return Erasure(*row)

    def erasures_of(self, record_id: str, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Those of a record, oldest first, from one on."""
        found = select(t).where(t.c.record == record_id, t.c.id > (after or "")).order_by(t.c.id).limit(limit)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]

    def begun_erasures(self) -> list[str]:
        """Those whose keys may still be there."""
        with self.reading() as connection:
            return list(connection.execute(select(t.c.id).where(t.c.state == "erasing").order_by(t.c.id)).scalars())
