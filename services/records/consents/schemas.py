"""The published language of lawful collection: answers and their receipts, notices, where data came from."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs
from services.records.words import a_name, a_word, an_id, an_optional_id

KINDS = ("simple", "express", "own")
ANSWERS = ("given", "refused")
WAYS = ("spoken", "written", "electronic")
ORIGINS = ("customer", "staff", "provider", "public")


class EvidenceSchema(Schema):
    """How an answer was given, and the document that shows it."""

    how = fields.String(validate=validate.OneOf(WAYS))
    document = an_optional_id()


class ConsentArgs(EvidenceSchema):
    """One answer of the customer: to which purpose, told by which version of the notice when, through which channel."""

    purpose = a_name(required=True)
    answer = fields.String(validate=validate.OneOf(ANSWERS), load_default="given")
    notice = a_name(required=True, metadata={"example": "2026-1"})
    channel = a_name(required=True, metadata={"example": "counter"})
    kind = fields.String(validate=validate.OneOf(KINDS), load_default="simple")
    told_at = fields.AwareDateTime()
    answered_at = fields.AwareDateTime()


class NewConsentArgs(ConsentArgs):
    """An answer that comes with a new record; `document` is the kind of one of the documents that come with it."""

    document = a_name()


class FileSourceArgs(Schema):
    """Where data comes from: whose word, which channel and means, whose file, the proofs by name."""

    origin = fields.String(validate=validate.OneOf(ORIGINS))
    channel = a_name()
    method = a_word()
    provider = an_optional_id(metadata={"description": "the provider's own record"})
    documents = fields.Dict(keys=a_name(), values=an_optional_id(), validate=validate.Length(max=20))
    declared = fields.Boolean(metadata={"description": "none of the forbidden means was used"})


class CollectionArgs(FileSourceArgs):
    """Where data comes from, and when it was taken in."""

    collected_at = fields.AwareDateTime()


class GiveConsentArgs(ConsentArgs):
    """An answer to one more purpose."""

    record = an_id()


class WithdrawConsentArgs(EvidenceSchema):
    """The customer takes a consent back."""

    record = an_id()
    consent = an_id()
    channel = a_name(load_default="counter")


class ConsentsArgs(PageArgs):
    """The customer's answers about one record."""

    record = an_id()
    after = fields.String(validate=[validate.Length(1, 80), validate.Regexp(r"^\d{1,9}\.")])


class ConsentLine(EvidenceSchema):
    """One answer of the customer, as its receipt says; `seal` covers it and the seal of `previous`."""

    id = fields.String()
    record = fields.String()
    purpose = fields.String()
    state = fields.String(validate=validate.OneOf((*ANSWERS, "withdrawn")))
    kind = fields.String()
    notice = fields.String()
    regime = fields.String(allow_none=True)
    channel = fields.String()
    how = fields.String(allow_none=True)
    document = fields.String(allow_none=True)
    told_at = fields.AwareDateTime(format="iso", allow_none=True)
    answered_at = fields.AwareDateTime(format="iso", allow_none=True)
    receipt = fields.String(allow_none=True)
    by = fields.String(allow_none=True)
    at = fields.AwareDateTime(format="iso")
    ordinal = fields.Integer(allow_none=True)
    previous = fields.String(allow_none=True)
    seal = fields.String(allow_none=True)


class PurposeLine(Schema):
    """How a purpose stands with this record, and on what."""

    purpose = fields.String()
    basis = fields.String()
    optional = fields.Boolean()
    state = fields.String()
    usable = fields.Boolean()
    code = fields.String(allow_none=True)


class ConsentsAnswer(Schema):
    """Every answer, oldest first: earlier receipts never change. And how each purpose stands now."""

    items = fields.List(fields.Nested(ConsentLine))
    purposes = fields.List(fields.Nested(PurposeLine))
    party = fields.String(allow_none=True)
    next = fields.String(allow_none=True)


class NoteCollectionArgs(CollectionArgs):
    """Data of a record that came in once more, or whose source is only told now."""

    record = an_id()
    origin = fields.String(required=True, validate=validate.OneOf(ORIGINS))


class CollectionsArgs(PageArgs):
    """Where the data of one record came from."""

    record = an_id()


class CollectionLine(Schema):
    """One taking in of data: which fields, from whom, by whom, when, on what ground."""

    id = fields.String()
    origin = fields.String(allow_none=True)
    channel = fields.String()
    method = fields.String()
    provider = fields.String(allow_none=True)
    by = fields.String()
    department = fields.String()
    collected_at = fields.AwareDateTime(format="iso")
    at = fields.AwareDateTime(format="iso")
    items = fields.List(fields.String())
    grounds = fields.Dict(keys=fields.String(), values=fields.Dict())
    documents = fields.Dict(keys=fields.String(), values=fields.String())
    declared = fields.Boolean()


class CollectionsAnswer(Schema):
    """Oldest first."""

    items = fields.List(fields.Nested(CollectionLine))
    next = fields.String(allow_none=True)


class NoticesArgs(PageArgs):
    """The versions of all notices."""

    after = fields.String(validate=validate.Regexp(r"^\d{1,9}$"))


class NoticeLine(Schema):
    """A version of a notice, since when it is in force, and what it tells."""

    notice = fields.String()
    version = fields.String()
    since = fields.AwareDateTime(format="iso")
    regime = fields.String()
    tells = fields.List(fields.String())
    channels = fields.List(fields.String())
    en = fields.String()
    zh = fields.String()


class NoticesAnswer(Schema):
    """Oldest first."""

    items = fields.List(fields.Nested(NoticeLine))
    next = fields.String(allow_none=True)
