"""Documents in their tables: rows, sealed pieces, what became of each, and the answers of the checklist."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, or_, select, update

from chassis.store import Store, Work
from chassis.tables import journal
from services.records import tables as core
from services.records.consents.tables import consents
from services.records.documents import tables as t
from services.records.documents.checklist import File
from services.records.documents.model import HELD, Document, unknown
from services.records.merging.store import own_and_merged

COLUMNS = list(t.documents.c)
NAMES = [column.key for column in COLUMNS]
UNDER_WAY = ("receiving", "dropped")
# What is left of a destroyed record's document: that there was one.
GONE: dict[str, Any] = {
    "state": "destroyed",
    "whole": None,
    "address": None,
    "dated": None,
    "pages": None,
    "signed_by": [],
}
# What is left of an upload that was given up and that something names: that it was announced and never came.
UNSENT: dict[str, Any] = {**GONE, "state": "unsent", "media": None, "size": 0}
C, OTHER = consents.c, t.documents.alias()
# What else is still there names it: an answer of the customer, or a paper that belongs with it.
NAMED = or_(
    exists().where(C.record == t.documents.c.record, C.document == t.documents.c.id),
    exists().where(
        OTHER.c.record == t.documents.c.record, OTHER.c.together == t.documents.c.id, OTHER.c.state != "dropped"
    ),
)


def document_of(row: Row[Any]) -> Document:
    """The document in a row."""
    return Document(**dict(zip(NAMES, row, strict=True)))


class DocumentRows(Work):
    """The part of records' work that concerns documents."""

    def document(self, document_id: str) -> Document:
        """One document, locked until this piece of work ends."""
        found = select(*COLUMNS).where(t.documents.c.id == document_id).with_for_update()
        row = self.connection.execute(found).one_or_none()
        if row is None:
            raise unknown(document_id)
        return document_of(row)

    def add_document(self, document: Document) -> None:
        """Keep one that is about to come."""
        self.connection.execute(insert(t.documents).values(vars(document)))

    def save_document(self, document: Document) -> None:
        """Keep what its rules changed."""
        kept = {name: value for name, value in vars(document).items() if name != "id"}
        self.connection.execute(update(t.documents).where(t.documents.c.id == document.id).values(kept))

    def under_way(self, person: str | None, since: datetime) -> int:
        """How many uploads of a person still go on."""
        d = t.documents.c
        going = select(func.count()).select_from(t.documents)
        going = going.where(d.state == "receiving", d.by == person, d.touched > since)
        return int(self.connection.execute(going).scalar_one())

    def add_piece(self, document: str, number: int, sealed: bytes, mark: bytes) -> None:
        """Keep one sealed piece, and by what it is known again."""
        row = {"document": document, "number": number, "sealed": sealed, "mark": mark}
        self.connection.execute(insert(t.document_chunks).values(row))

    def mark_of(self, document: str, number: int) -> bytes | None:
        """By what a piece is known again; None where it is gone with its document."""
        c = t.document_chunks.c
        found = select(c.mark).where(c.document == document, c.number == number)
        return self.connection.execute(found).scalar_one_or_none()

    def drop_stale(self, before: datetime) -> list[Document]:
        """Give up uploads that nobody went on with; those given up before come again until they are gone."""
        d = t.documents.c
        stale = (d.state == "receiving") & (d.touched < before)
        self.connection.execute(update(t.documents).where(stale).values(state="dropped"))
        rows = self.connection.execute(select(*COLUMNS).where(d.state == "dropped").limit(100)).all()
        return [document_of(row) for row in rows]

    def drop_upload(self, document: str) -> None:
        """Give up one upload."""
        d = t.documents.c
        self.connection.execute(
            update(t.documents).where(d.id == document, d.state == "receiving").values(state="dropped")
        )

    def forget_uploads(self, documents: list[str]) -> None:
        """Take away what is left of uploads that were given up, keys first; one that is named stays known."""
        c, d = t.document_chunks.c, t.documents.c
        gone = d.id.in_(documents) & (d.state == "dropped")
        self.connection.execute(delete(t.document_chunks).where(c.document.in_(documents)))
        self.connection.execute(delete(t.documents).where(gone, ~NAMED))
        self.connection.execute(update(t.documents).where(gone).values(UNSENT))

    def add_act(self, document: Document, act: dict[str, Any]) -> None:
        """Keep who accepted, returned or withdrew a document."""
        named = {"record": document.record, "document": document.id, "kind": document.kind}
        self.add_fault({**named, **act})

    def add_fault(self, act: dict[str, Any]) -> None:
        """Keep what a checker found, of a document or of the lack of one."""
        row = {"faults": [], "sealed": None, **act, "by": self.caller.person, "at": self.now}
        self.connection.execute(insert(t.document_acts).values(row))

    def answer_item(self, record: str, kind: str, applies: bool) -> None:
        """Keep whether an item applies; the newest answer counts."""
        a = t.checklist_answers.c
        told = {"applies": applies, "by": self.caller.person, "at": self.now}
        kept = self.database.insert(t.checklist_answers).values(record=record, kind=kind, **told)
        self.connection.execute(kept.on_conflict_do_update(index_elements=[a.record, a.kind], set_=told))

    def file_of(self, record: str) -> File:
        """What is known of a record's papers, within this work."""
        return _file(self.connection, record)

    def wipe_documents(self, records: Collection[str]) -> None:
        """Take away every piece of every document of these records, what was said of them, and uploads under way."""
        d = t.documents.c
        mine = select(d.id).where(d.record.in_(records))
        self.connection.execute(delete(t.document_chunks).where(t.document_chunks.c.document.in_(mine)))
        for table in (t.document_acts, t.checklist_answers):
            self.connection.execute(delete(table).where(table.c.record.in_(records)))
        self.connection.execute(delete(t.documents).where(d.record.in_(records), d.state.in_(UNDER_WAY), ~NAMED))
        self.connection.execute(update(t.documents).where(d.record.in_(records)).values(GONE))


class DocumentQueries(Store[Any]):
    """Reads of documents."""

    def document(self, document_id: str) -> Document:
        """One document, as it stands."""
        with self.reading() as connection:
            row = connection.execute(select(*COLUMNS).where(t.documents.c.id == document_id)).one_or_none()
        if row is None:
            raise unknown(document_id)
        return document_of(row)

    def documents_of(self, record: str, person: str | None, limit: int, after: str | None) -> list[Document]:
        """A record's documents, oldest first; uploads under way are told to their own people only."""
        d = t.documents.c
        seen = ~d.state.in_(UNDER_WAY) | ((d.state == "receiving") & (d.by == person))
        mine = d.record.in_(own_and_merged(record))
        found = select(*COLUMNS).where(mine, seen, d.id > (after or "")).order_by(d.id).limit(limit)
        with self.reading() as connection:
            return [document_of(row) for row in connection.execute(found)]

    def every_key(self, records: Collection[str]) -> dict[str, dict[str, str]]:
        """Of each of these records the key of every part and document, by the name that a certificate has for it."""
        p, d = core.parts.c, t.documents.c
        told: dict[str, dict[str, str]] = {record: {} for record in records}
        with self.reading() as connection:
            for row in connection.execute(select(p.record, p.name, p.key).where(p.record.in_(records))):
                told[row.record][row.name] = row.key
            for row in connection.execute(select(d.record, d.id, d.key).where(d.record.in_(records))):
                told[row.record][f"document:{row.id}"] = row.key
        return told

    def piece(self, document: str, number: int) -> bytes | None:
        """One sealed piece."""
        c = t.document_chunks.c
        with self.reading() as connection:
            found = select(c.sealed).where(c.document == document, c.number == number)
            return connection.execute(found).scalar_one_or_none()

    def pieces(self, document: str, count: int) -> Iterator[bytes]:
        """The sealed pieces in their order, one at a time; one that is missing is empty."""
        for number in range(count):
            yield self.piece(document, number) or b""

    def piece_count(self, document: str) -> int:
        """How many pieces there are."""
        counted = select(func.count()).select_from(t.document_chunks).where(t.document_chunks.c.document == document)
        with self.reading() as connection:
            return int(connection.execute(counted).scalar_one())

    def proofs_of(self, record: str) -> dict[str, str]:
        """The kind of each document that a record has, oldest first."""
        d = t.documents.c
        held = select(d.id, d.kind).where(d.record.in_(own_and_merged(record)), d.state.in_(HELD)).order_by(d.id)
        with self.reading() as connection:
            return {row.id: row.kind for row in connection.execute(held)}

    def entry(self, entry: str) -> dict[str, Any] | None:
        """One entry of this service's own journal."""
        with self.reading() as connection:
            found = connection.execute(select(journal.c.entry).where(journal.c.id == entry)).scalar_one_or_none()
        return dict(found) if found else None

    def acts_of(self, document: str, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Who did what with a document, oldest first, from one act on."""
        a = t.document_acts.c
        found = select(t.document_acts).where(a.document == document, a.id > (after or "")).order_by(a.id).limit(limit)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(found).mappings()]

    def file_of(self, record: str) -> File:
        """What is known of a record's papers."""
        with self.reading() as connection:
            return _file(connection, record)


def _file(connection: Any, record: str) -> File:
    d, a, c = t.documents.c, t.document_acts.c, t.checklist_answers.c
    rows = connection.execute(select(*COLUMNS).where(d.record.in_(own_and_merged(record))).order_by(d.id)).all()
    acts = connection.execute(select(a.kind, a.document, a.faults).where(a.record == record, a.act == "fault")).all()
    answers = connection.execute(select(c.kind, c.applies).where(c.record == record)).all()
    faults = [(row.kind, row.document, row.faults) for row in acts]
    return File([document_of(row) for row in rows], {row.kind: row.applies for row in answers}, faults)
