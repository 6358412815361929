"""Taking a document in: who may, what it is, its pieces sealed on arrival, and giving up what nobody goes on with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from chassis.breathing import gently
from chassis.errors import Conflict, Forbidden, Invalid
from chassis.ids import new_id
from regimes.model import RecordClass
from services.records.documents import events, sealing
from services.records.documents.completing import Needed, told
from services.records.documents.filetypes import suffix_of, type_of
from services.records.documents.model import Document, refuse_crowd
from services.records.documents.placing import SENDERS, allow
from services.records.model import EARLIEST, Record

AT_ONCE = 5  # uploads of one person that may be under way
PATIENCE = timedelta(minutes=15)  # without a piece, an upload is given up
SIGNERS = ("customer", "staff")
OPEN = ("draft", "pending", "active", "suspended", "past")


@dataclass(frozen=True)
class Piece:
    """One piece, ready to be kept: sealed, unless it has arrived before."""

    document: Document
    offset: int
    size: int
    mark: bytes
    sealed: bytes = b""
    media: str | None = None

    def keep(self, work: Any, limit: int) -> int:
        """Keep it where it is still the next one, else it must be the one that came; where the next one begins."""
        document, number = work.document(self.document.id), self.offset // sealing.PIECE
        if document.lacks(self.offset, self.size, limit):
            document.receive(self.size, self.media, work.now)
            work.add_piece(document.id, number, self.sealed, self.mark)
            work.save_document(document)
        elif not compare_digest(work.mark_of(document.id, number) or self.mark, self.mark):
            raise Invalid("idempotency.other_request", "other bytes have arrived in this place before")
        return int(document.size)


class Taking:
    """The entrypoints' side of uploads."""

    def __init__(self, service: Any) -> None:
        self.service, self.store, self.keys = service, service.store, service.keys
        self.limit: int = service.store.settings.upload_limit

    def begin(self, args: dict[str, Any], work: Any, key: str) -> Document:
        """A document is about to come, of a kind that the class lists."""
        record = work.record(args["record"])
        allow(self.service, SENDERS, record)
        if record.state not in OPEN:
            raise Conflict("record.state", f"a record that is {record.state} takes in nothing more")
        refuse_crowd(work.under_way(self.service.caller.person, work.now - PATIENCE), AT_ONCE)
        given = {"id": new_id(), **args, "key": key}
        suffix, by = suffix_of(given.pop("name")), str(self.service.caller.person)
        document = Document(by=by, at=work.now, touched=work.now, suffix=suffix, **given)
        self._listed(document, record, work)
        work.add_document(document)
        return document

    def piece(self, upload: str, offset: int, raw: bytes) -> Piece:
        """The piece, sealed unless it has arrived before. A file that may not come in is given up at once."""
        document = self.store.document(upload)
        document.belongs_to(self.service.caller.person)
        arrived = Piece(document, offset, len(raw), sealing.mark_of(self.keys.blind, document.id, offset, raw))
        try:
            if not document.lacks(offset, len(raw), self.limit):
                return arrived
            media = None if offset else type_of(raw, document.suffix)
        except Invalid:
            self.give_up(document)
            raise
        number, sealer = offset // sealing.PIECE, self.keys.sealer([document.key])
        sealed = sealing.seal_piece(sealer, document.key, document.place, number, raw)
        return replace(arrived, sealed=sealed, media=media)

    def closed(self, upload: str) -> tuple[Document, str, bytes]:
        """The document, its address and its closing seal, made outside any transaction."""
        document = self.store.document(upload)
        document.belongs_to(self.service.caller.person)
        if document.state != "receiving":
            return document, "", b""  # told again, or refused, by the work itself
        pieces = self.store.pieces(upload, sealing.pieces_of(document.size))
        address = sealing.address_of(gently(pieces))
        sealer = self.keys.sealer([document.key])
        whole = sealing.seal_whole(sealer, document.key, document.place, document.size, address)
        return document, address, whole

    def finish(self, work: Any, size: int, made: tuple[Document, str, bytes], needed: Needed) -> dict[str, Any]:
        """All of it is here: it counts from this commit on, and what it supersedes no longer does."""
        record, document = work.record(needed.record.id), work.document(made[0].id)
        record.refuse_gone()
        document.close(size, *made[1:], work.now)
        work.save_document(document)
        if document.supersedes:
            older = work.document(document.supersedes)
            older.give_way(document)
            work.save_document(older)
        turned = needed.settle(work, record)
        _new_to_reviewers(record)
        about: dict[str, Any] = {"document": document.id, "kind": document.kind, "form": document.form}
        about |= {"signed_by": document.signed_by, "supersedes": document.supersedes}
        work.emit(events.DocumentAdded(**told(record), **about), *turned)
        work.save(record)
        return written(document, record)

    def give_up(self, document: Document) -> None:
        """Leave nothing of an upload."""
        with self.store.begin() as work:
            work.drop_upload(document.id)
        self._forget([document])

    def sweep(self) -> None:
        """Give up uploads that nobody has gone on with for a while."""
        with self.store.begin() as work:
            stale = work.drop_stale(work.now - PATIENCE)
        if stale:
            self._forget(stale)

    def _forget(self, documents: list[Document]) -> None:
        # The keys first: if this is where it ends, what lies about opens for nobody, and the next sweep takes it away.
        self.keys.destroy([document.key for document in documents])
        with self.store.begin() as work:
            work.forget_uploads([document.id for document in documents])

    def _listed(self, document: Document, record: Record, work: Any) -> None:
        regime = self.service.regime()
        found: RecordClass = regime.classes[record.class_]
        if document.kind not in found.documents:
            raise _wrong("kind", "document.kind_unknown", f"one of {', '.join(found.documents) or 'none'}")
        if document.supersedes and found.documents[document.kind].change == "never":
            raise Forbidden("rule.refused", f"originals stay as they are: {document.kind}")
        strange = sorted(set(document.signed_by) - {*SIGNERS, *found.documents[document.kind].signed_by})
        if strange:
            raise _wrong("signed_by", "document.signer_unknown", f"one of {', '.join(SIGNERS)}")
        if document.dated and not EARLIEST <= document.dated <= self.store.clock.today(regime.timezone):
            raise _wrong("date", "document.date_wrong", f"from {EARLIEST} until today")
        for place, other in (("with", document.together), ("supersedes", document.supersedes)):
            if other and work.document(other).record != record.id:
                raise _wrong(place, "document.other_record", "name a document of the same record")


def written(document: Document, record: Record) -> dict[str, Any]:
    """What an act came to; ids and states only, because it is kept for a repeated call."""
    head = {"id": document.id, "record": record.id, "kind": document.kind, "state": document.state}
    return {**head, "complete": record.complete}


def _new_to_reviewers(record: Record) -> None:
    # Who approved the destruction of a past record did not know this document; a change that waits is not overtaken.
    if record.state == "past":
        record.version += 1


def _wrong(pointer: str, code: str, detail: str) -> Invalid:
    line = {"pointer": f"/{pointer}", "code": code, "detail": detail}
    return Invalid("input.invalid", "see errors", {"errors": [line]})
