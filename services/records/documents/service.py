"""Entrypoints of documents and checklists."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from chassis.entrypoints import every, rpc
from chassis.failpoints import failpoint
from chassis.published import load
from services.records.documents import acting, schemas, telling
from services.records.documents.completing import Needed
from services.records.documents.opening import DocumentAccess
from services.records.documents.placing import EXAMINERS, KEEPERS, SENDERS, allow, allow_look
from services.records.documents.taking import Taking
from services.records.entrypoints import Entrypoints


class Documents(Entrypoints):
    """A document comes in pieces, is examined, counts on the checklist, and is read like a field."""

    # ------------------------------------------------------------------ coming in

    @rpc
    def begin_document(self, args: dict[str, Any]) -> dict[str, Any]:
        """A document is about to come; its pieces are sealed as they arrive, under a key of its own."""
        args, key = load(schemas.BeginDocumentArgs, args), self.keys.create(1)[0].id
        with self.store.begin() as work:
            document = Taking(self).begin(args, work, key)
            return work.answer({"upload": document.id, "offset": 0})

    @rpc
    def put_document_chunk(self, args: dict[str, Any]) -> dict[str, Any]:
        """A piece of the file; the same again changes nothing, other bytes are refused. The first tells its type."""
        args, taking = load(schemas.PutDocumentChunkArgs, args), Taking(self)
        piece = taking.piece(args["upload"], args["offset"], b64decode(args["bytes"]))
        with self.store.begin() as work:
            answer = work.answer({"upload": args["upload"], "offset": piece.keep(work, taking.limit)})
        failpoint("documents.chunk")
        return answer

    @rpc
    def finish_document(self, args: dict[str, Any]) -> dict[str, Any]:
        """All pieces are there: from this commit on the document counts."""
        args, taking = load(schemas.FinishDocumentArgs, args), Taking(self)
        made = taking.closed(args["upload"])
        needed = Needed(self, made[0].record)
        with self.store.begin() as work:
            return work.answer(taking.finish(work, args["size"], made, needed))

    @every(30)
    def sweep_uploads(self) -> None:
        """Give up uploads that nobody goes on with: keys, pieces, rows."""
        Taking(self).sweep()

    # ------------------------------------------------------------------ reading

    @rpc
    def documents(self, args: dict[str, Any]) -> dict[str, Any]:
        """What a record has, without opening any of it."""
        args = load(schemas.DocumentsArgs, args)
        record = self.store.record(args["record"])
        allow_look(self, record)
        return telling.page(self, record, args["limit"], args.get("after"))

    @rpc
    def document(self, args: dict[str, Any]) -> dict[str, Any]:
        """What is known of one document without opening it."""
        found = self.store.document(load(schemas.DocumentArgs, args)["document"])
        record = self.store.record(self.store.home_of(found.record))
        allow_look(self, record)
        found.refuse_unread()
        return telling.document(found, record, self.regime())

    @rpc
    def open_document(self, args: dict[str, Any]) -> dict[str, Any]:
        """Decide and journal a read of the contents; nothing of them leaves before."""
        args = load(schemas.OpenDocumentArgs, args)
        return telling.opened(DocumentAccess(self, args["document"], args["purpose"], args.get("place")).contents())

    @rpc
    def document_chunk(self, args: dict[str, Any]) -> dict[str, Any]:
        """One piece of a read that was begun."""
        args = load(schemas.DocumentChunkArgs, args)
        access = DocumentAccess(self, args["document"], args["purpose"])
        return {"bytes": b64encode(access.piece(args["entry"], args["number"])).decode()}

    @rpc
    def document_acts(self, args: dict[str, Any]) -> dict[str, Any]:
        """Who accepted, returned or withdrew it, and in which words."""
        args = load(schemas.DocumentActsArgs, args)
        acts = DocumentAccess(self, args["document"], args["purpose"]).acts(args.get("after"), args["limit"])
        return dict(schemas.DocumentActsAnswer().dump(acts))

    # ------------------------------------------------------------------ examining

    @rpc
    def accept_document(self, args: dict[str, Any]) -> dict[str, Any]:
        """The archivist has examined it and takes it over."""
        args = load(schemas.AcceptDocumentArgs, args)
        act = acting.Act(self, args["document"], EXAMINERS)
        with self.store.begin() as work:
            return work.answer(act.accept(work, args["paper"]))

    @rpc
    def return_document(self, args: dict[str, Any]) -> dict[str, Any]:
        """The archivist sends it back, with what is wrong."""
        args = load(schemas.ReturnDocumentArgs, args)
        act = acting.Act(self, args["document"], EXAMINERS)
        with self.store.begin() as work:
            return work.answer(act.send_back(work, args["faults"], args["reason"]))

    @rpc
    def withdraw_document(self, args: dict[str, Any]) -> dict[str, Any]:
        """It counts no longer; it stays until its record is destroyed."""
        args = load(schemas.WithdrawDocumentArgs, args)
        act = acting.Act(self, args["document"], KEEPERS)
        with self.store.begin() as work:
            return work.answer(act.withdraw(work, args["reason"]))

    # ------------------------------------------------------------------ the checklist

    @rpc
    def checklist(self, args: dict[str, Any]) -> dict[str, Any]:
        """What the file must hold, what is there and what is missing."""
        record = self.store.record(load(schemas.ChecklistArgs, args)["record"])
        allow_look(self, record)
        return telling.checklist(Needed(self, record.id), self.store.file_of(record.id))

    @rpc
    def answer_item(self, args: dict[str, Any]) -> dict[str, Any]:
        """Say whether an item that the regime only asks for applies to this customer."""
        args = load(schemas.AnswerItemArgs, args)
        needed = Needed(self, args["record"])
        allow(self, KEEPERS, needed.record)
        with self.store.begin() as work:
            return work.answer(acting.answer(work, needed, args["kind"], args["applies"]))

    @rpc
    def check_file(self, args: dict[str, Any]) -> dict[str, Any]:
        """Record that the sender has gone through the checklist, and what was missing."""
        needed = Needed(self, load(schemas.CheckFileArgs, args)["record"])
        allow(self, SENDERS, needed.record)
        with self.store.begin() as work:
            return work.answer(acting.check(work, needed))

    @rpc
    def note_fault(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note that an item is missing, wrong or not signed."""
        args = load(schemas.NoteFaultArgs, args)
        needed = Needed(self, args["record"])
        allow(self, EXAMINERS, needed.record)
        with self.store.begin() as work:
            return work.answer(acting.note(work, needed, args["kind"], args["document"], args["faults"]))
