"""Opening a document: decided like a field, journalled once before the first byte, then piece by piece."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis.clock import parse_instant
from chassis.errors import Forbidden
from chassis.journal import Ticket
from chassis.pages import paged
from services.records.access import LEDGER_PATIENCE, Access
from services.records.documents import events, sealing
from services.records.documents.model import Document
from services.records.documents.placing import placed
from services.records.reading import Reading
from vault.refusals import seal_broken

WHILE = timedelta(minutes=15)  # as long as the pieces of one read may be fetched
CONTENTS, REASONS = "contents", "reasons"


class DocumentAccess(Access):
    """One caller's access to one document, for one purpose."""

    def __init__(self, service: Any, document: str, purpose: str, place: str | None = None) -> None:
        super().__init__(service, service.regime(), place)
        self.document: Document = self.store.document(document)
        self.document.refuse_unread()
        self.purpose = purpose
        self.home = self.store.home_of(self.document.record)  # of a merged record's the one that stands for it
        found = self.regime.classes[self.store.record(self.document.record).class_]
        self.field = placed(found, self.document.kind, self.regime)

    def begin(self, shown: str) -> tuple[Ticket, bytes]:
        """Decide, journal, and only then take the key; refused where the caller may not read it in clear."""
        reading = self._clear(self.reading(self.home, self.purpose, [self.field]))
        self._refuse_lagging(reading)
        self._spend(reading)
        ticket = self.store.record_event(self._entry(reading, shown))
        if reading.waits:
            self.store.lag.wait_for(ticket, LEDGER_PATIENCE)
        return ticket, self._dek(ticket)

    def contents(self) -> dict[str, Any]:
        """What there is to fetch, once it is known that nothing of it is missing."""
        ticket, dek = self.begin(CONTENTS)
        document, pieces = self.document, self.store.piece_count(self.document.id)
        stored = (pieces, document.size, str(document.address))
        sealing.check_whole(dek, document.place, stored, document.whole or b"")
        told = {"entry": ticket.entry, "kind": document.kind, "media": document.media}
        return {**told, "size": document.size, "pieces": pieces}

    def piece(self, entry: str, number: int) -> bytes:
        """One piece, under the entry of a read of the caller's; what was taken back meanwhile is shown no further."""
        begun = self._begun(entry)
        seen = self._seen(self.home, None)
        # A grant that holds once was used up by this very read, and its place was told when the read began.
        seen.grants = [
            replace(one, used=False, place=None) if one.id in begun["by_grant"] else one for one in seen.grants
        ]
        self._refuse_lagging(self._clear(self._decide(seen, self.purpose, [self.field])))
        ticket, sealed = self.store.journal.ticket(entry), self.store.piece(self.document.id, number)
        if sealed is None:
            raise seal_broken()
        return sealing.open_piece(self._dek(ticket), self.document.place, number, sealed)

    def acts(self, after: str | None, limit: int) -> dict[str, Any]:
        """A page of what became of it, with the words that were given."""
        _, dek = self.begin(REASONS)
        page = paged(self.store.acts_of(self.document.id, after, limit + 1), limit)
        return {**page, "items": [{**row, "reason": self._why(row, dek)} for row in page["items"]]}

    def _why(self, row: dict[str, Any], dek: bytes) -> str | None:
        return sealing.open_reason(dek, self.document.place, row["id"], row["sealed"]) if row["sealed"] else None

    def _clear(self, reading: Reading) -> Reading:
        verdict = reading.verdicts[0]
        if verdict.state != "clear":
            told = f"this document is {verdict.state} for you"
            raise Forbidden(verdict.code or "right.missing", told, {"request_kind": verdict.lifted_by})
        return reading

    def _dek(self, ticket: Ticket) -> bytes:
        return self.keys.unwrap([self.document.key], ticket)[self.document.key]

    def _entry(self, reading: Reading, shown: str) -> events.DocumentRead:
        verdict, document = reading.verdicts[0], self.document
        about = (self.home, self.purpose, document.id, document.kind, shown, self.field.level)
        by = [[verdict.right] if verdict.right else [], [verdict.grant] if verdict.grant else []]
        return events.DocumentRead(*about, *by)

    def _begun(self, entry: str) -> dict[str, Any]:
        """The data of that read, if it is this person's, of this document, for this purpose, and not long ago."""
        found = self.store.entry(entry) or {}
        told = found.get("data", {})
        same = (found.get("type"), found.get("actor"), found.get("purpose"), told.get("document"), told.get("shown"))
        wanted = ("records.document_read", self.caller.person, self.purpose, self.document.id, CONTENTS)
        if same != wanted or parse_instant(found["at"]) < self.store.clock.now() - WHILE:
            raise Forbidden("document.not_begun", "begin reading this document anew")
        return dict(told)
