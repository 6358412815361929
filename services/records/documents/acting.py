"""What becomes of a document that came in: accepted, returned, withdrawn; and what a checker notes of the list."""

from __future__ import annotations

from typing import Any

from chassis.errors import Invalid
from chassis.ids import new_id
from services.records.documents import events, sealing
from services.records.documents.completing import Needed, told
from services.records.documents.model import Document, refuse_answer
from services.records.documents.placing import allow
from services.records.documents.taking import written
from services.records.model import Record


class Act:
    """One act about one document by somebody who may; prepared outside any transaction."""

    def __init__(self, service: Any, document: str, rights: tuple[str, ...]) -> None:
        stored = service.store.document(document)
        stored.refuse_unread()
        self.needed = Needed(service, stored.record)
        allow(service, rights, self.needed.record)
        self.id, self.sealer = document, service.keys.sealer([stored.key])

    def accept(self, work: Any, paper: bool) -> dict[str, Any]:
        """Examined and taken over."""
        record, document = self._locked(work)
        document.accept(paper)
        self._keep(work, document, "accepted")
        return self._tell(work, record, document, events.DocumentAccepted, paper=document.paper)

    def send_back(self, work: Any, faults: list[str], reason: str) -> dict[str, Any]:
        """Back to whoever handed it in, with what is wrong."""
        record, document = self._locked(work)
        document.send_back()
        self._keep(work, document, "returned", reason, faults)
        return self._tell(work, record, document, events.DocumentReturned, faults=faults, sender=document.by)

    def withdraw(self, work: Any, reason: str) -> dict[str, Any]:
        """It counts no longer; a hold keeps it as it is."""
        record, document = self._locked(work)
        document.withdraw(work.holds(record.id))
        self._keep(work, document, "withdrawn", reason)
        return self._tell(work, record, document, events.DocumentWithdrawn)

    def _locked(self, work: Any) -> tuple[Record, Document]:
        record, document = work.record(self.needed.record.id), work.document(self.id)
        record.refuse_gone()
        return record, document

    def _keep(
        self, work: Any, document: Document, act: str, reason: str | None = None, faults: list[str] | None = None
    ) -> None:
        work.save_document(document)
        row: dict[str, Any] = {"id": new_id(), "act": act, "faults": faults or []}
        if reason:
            row["sealed"] = sealing.seal_reason(self.sealer, document.key, document.place, row["id"], reason)
        work.add_act(document, row)

    def _tell(self, work: Any, record: Record, document: Document, said: Any, **about: Any) -> dict[str, Any]:
        turned = self.needed.settle(work, record)
        work.emit(said(**told(record), document=document.id, kind=document.kind, **about), *turned)
        work.save(record)
        return written(document, record)


def answer(work: Any, needed: Needed, kind: str, applies: bool) -> dict[str, Any]:
    """Somebody says whether an item that the regime only asks for applies (Q-171)."""
    refuse_answer(needed.wanted.get(kind))
    record = work.record(needed.record.id)
    work.answer_item(record.id, kind, applies)
    turned = needed.settle(work, record)
    work.emit(events.ItemAnswered(**told(record), kind=kind, applies=applies), *turned)
    work.save(record)
    return {"record": record.id, "kind": kind, "complete": record.complete}


def note(work: Any, needed: Needed, kind: str, on: str | None, faults: list[str]) -> dict[str, Any]:
    """A checker notes that an item is missing, wrong or not signed (Q-176)."""
    record = work.record(needed.record.id)
    _refuse_fault(needed, work, kind, on, faults)
    work.add_fault(
        {"id": new_id(), "record": record.id, "document": on, "kind": kind, "act": "fault", "faults": faults}
    )
    turned = needed.settle(work, record)
    work.emit(events.DocumentFaulted(**told(record), document=on, kind=kind, faults=faults), *turned)
    work.save(record)
    return {"record": record.id, "kind": kind, "complete": record.complete}


def check(work: Any, needed: Needed) -> dict[str, Any]:
    """The sender has gone through the checklist before the file is handed over (Q-169)."""
    record = work.record(needed.record.id)
    turned = needed.settle(work, record)
    missing = [line.listed.name for line in needed.items(work.file_of(record.id)) if not line.is_settled]
    work.emit(events.FileChecked(**told(record), missing=missing), *turned)
    work.save(record)
    return {"record": record.id, "complete": record.complete, "missing": missing}


def _refuse_fault(needed: Needed, work: Any, kind: str, on: str | None, faults: list[str]) -> None:
    """Of what is there nobody says that it is missing, of what is not nobody says that it is not signed."""
    if kind not in needed.found.documents:
        raise Invalid("document.kind_unknown", f"one of {', '.join(needed.found.documents) or 'none'}")
    held = {document.id for document in work.file_of(needed.record.id).held(kind)}
    if on is not None and on not in held:
        raise Invalid("fault.no_document", "the record has no such document of this kind that counts")
    if ("missing" in faults) != (on is None) or (on is None and held):
        raise Invalid("fault.contradicted", "name the document that is at fault; `missing` is said where there is none")
