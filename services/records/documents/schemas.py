"""The published language of documents and checklists."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs
from services.records.documents.model import FAULTS, RETURNS
from services.records.importing.schemas import in_base64
from services.records.words import a_name, a_place, a_reason, an_id

FORMS = ("original", "copy")


class AnnouncedDocument(Schema):
    """A document that is about to come: its name in the class's list, and how the paper is."""

    kind = a_name(required=True)
    form = fields.String(required=True, validate=validate.OneOf(FORMS))
    sides = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 20))
    pages = fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 20_000))
    signed_by = fields.List(a_name(), load_default=list, validate=validate.Length(max=10))
    dated = fields.Date(data_key="date", load_default=None, allow_none=True)
    paper = fields.Boolean(load_default=False)
    name = fields.String(load_default="", validate=validate.Length(max=200))


class BeginDocumentArgs(AnnouncedDocument):
    """A document of a record is about to come, with others or instead of another."""

    record = an_id()
    together = fields.String(data_key="with", load_default=None, allow_none=True, validate=validate.Length(36, 36))
    supersedes = fields.String(load_default=None, allow_none=True, validate=validate.Length(36, 36))


class BeginDocumentAnswer(Schema):
    """Where to put its pieces, and from which byte on."""

    upload = fields.String()
    offset = fields.Integer()


class AnnouncedUpload(BeginDocumentAnswer):
    """Where to put the pieces of a document that comes with a new record."""

    kind = fields.String()


class PutDocumentChunkArgs(Schema):
    """A piece, base64; all but the last have 262,144 bytes. The same piece again changes nothing."""

    upload = an_id()
    offset = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    bytes = fields.String(required=True, validate=[validate.Length(1, 349_528), in_base64])


class PutDocumentChunkAnswer(BeginDocumentAnswer):
    """Where the next piece begins."""


class FinishDocumentArgs(Schema):
    """All pieces are there."""

    upload = an_id()
    size = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class DocumentWritten(Schema):
    """What an act about a document came to; `complete` says whether its record has all it needs now."""

    id = fields.String()
    record = fields.String()
    kind = fields.String()
    state = fields.String()
    complete = fields.Boolean()


class FinishDocumentAnswer(DocumentWritten):
    """The document as it was taken in."""


class DocumentsArgs(PageArgs):
    """A record's documents."""

    record = an_id()


class DocumentArgs(Schema):
    """One document."""

    document = an_id()


class DocumentAnswer(Schema):
    """What is known of a document without opening it."""

    id = fields.String()
    record = fields.String()
    kind = fields.String()
    en = fields.String()
    zh = fields.String()
    state = fields.String()
    form = fields.String()
    sides = fields.Integer()
    pages = fields.Integer(allow_none=True)
    signed_by = fields.List(fields.String())
    dated = fields.Date(data_key="date", allow_none=True)
    paper = fields.Boolean()
    together = fields.String(data_key="with", allow_none=True)
    supersedes = fields.String(allow_none=True)
    level = fields.String()
    media = fields.String(allow_none=True)
    size = fields.Integer()
    address = fields.String(allow_none=True)
    by = fields.String()
    at = fields.AwareDateTime(format="iso")


class DocumentsAnswer(Schema):
    """Oldest first; `next` leads to the following ones."""

    items = fields.List(fields.Nested(DocumentAnswer))
    next = fields.String(allow_none=True)


class OpenDocumentArgs(DocumentArgs):
    """One document's contents, for a purpose."""

    purpose = a_name(required=True)
    place = a_place()


class OpenDocumentAnswer(Schema):
    """The entry under which its pieces may be fetched, and what they come to."""

    entry = fields.String()
    kind = fields.String()
    media = fields.String()
    ending = fields.String()
    size = fields.Integer()
    pieces = fields.Integer()


class DocumentChunkArgs(OpenDocumentArgs):
    """One piece, under the entry of a read that was just journalled."""

    entry = an_id()
    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class DocumentChunkAnswer(Schema):
    """A piece of the contents, base64."""

    bytes = fields.String()


class DocumentActsArgs(PageArgs, OpenDocumentArgs):
    """What became of a document, with the words that were given for it."""


class DocumentAct(Schema):
    """Who did what with it, when and why."""

    act = fields.String()
    faults = fields.List(fields.String())
    reason = fields.String(allow_none=True)
    by = fields.String()
    at = fields.AwareDateTime(format="iso")


class DocumentActsAnswer(Schema):
    """Oldest first."""

    items = fields.List(fields.Nested(DocumentAct))
    next = fields.String(allow_none=True)


class AcceptDocumentArgs(DocumentArgs):
    """Examined and taken over; `paper` = the sheet itself was put on file."""

    paper = fields.Boolean(load_default=False)


class AcceptDocumentAnswer(DocumentWritten):
    """It is taken over."""


class ReturnDocumentArgs(DocumentArgs):
    """Back to the sender: what is wrong with it, and in words."""

    faults = fields.List(fields.String(validate=validate.OneOf(RETURNS)), required=True, validate=validate.Length(1, 8))
    reason = a_reason(required=True)


class ReturnDocumentAnswer(DocumentWritten):
    """It went back."""


class WithdrawDocumentArgs(DocumentArgs):
    """It counts no longer, and why."""

    reason = a_reason(required=True)


class WithdrawDocumentAnswer(DocumentWritten):
    """It counts no longer."""


class ChecklistArgs(Schema):
    """A record's checklist."""

    record = an_id()


class ChecklistItem(Schema):
    """One line: whether it is needed, whether it is there, and what is not as it should be."""

    kind = fields.String()
    en = fields.String()
    zh = fields.String()
    form = fields.String()
    sides = fields.Integer()
    signed_by = fields.List(fields.String())
    wanted = fields.String(validate=validate.OneOf(("needed", "asked", "optional", "not_needed")))
    state = fields.String(
        validate=validate.OneOf(("present", "faulty", "missing", "unanswered", "not_applicable", "not_needed"))
    )
    gaps = fields.List(fields.String())
    documents = fields.List(fields.String())


class ChecklistAnswer(Schema):
    """The lines of the class's list; `missing` names those that keep the record from being complete."""

    record = fields.String()
    complete = fields.Boolean()
    items = fields.List(fields.Nested(ChecklistItem))
    missing = fields.List(fields.String())
    next = fields.String(allow_none=True)


class AnswerItemArgs(ChecklistArgs):
    """Whether an item that the regime only asks for applies."""

    kind = a_name(required=True)
    applies = fields.Boolean(required=True)


class AnswerItemAnswer(DocumentWritten):
    """The record with the answer."""


class CheckFileArgs(ChecklistArgs):
    """Whoever hands a file over has gone through its checklist."""


class CheckFileAnswer(Schema):
    """What was found: `missing` names what keeps the record from being complete."""

    record = fields.String()
    complete = fields.Boolean()
    missing = fields.List(fields.String())


class NoteFaultArgs(ChecklistArgs):
    """What a checker found of an item."""

    kind = a_name(required=True)
    document = fields.String(load_default=None, allow_none=True, validate=validate.Length(36, 36))
    faults = fields.List(fields.String(validate=validate.OneOf(FAULTS)), required=True, validate=validate.Length(1, 4))


class NoteFaultAnswer(DocumentWritten):
    """The record with the fault."""
