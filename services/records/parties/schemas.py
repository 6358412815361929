"""The published language of parties."""

from __future__ import annotations

from marshmallow import Schema, fields

from chassis.pages import PageArgs
from services.records.consents.schemas import ConsentLine, EvidenceSchema
from services.records.words import RecordHead, a_name, an_id


class PartyArgs(PageArgs):
    """One person or company, by any of its names; a page of its dossiers."""

    party = an_id()


class PartyRecord(RecordHead):
    """A dossier of a party: nothing that only a reason would show."""

    version = fields.Integer()
    purposes = fields.Dict(keys=fields.String(), values=fields.String())


class PartyHold(Schema):
    """A hold in force on one of its dossiers; an empty part is the whole."""

    hold = fields.String()
    record = fields.String()
    part = fields.String()


class PartyAnswer(Schema):
    """What the caller may know of one person or company; `next` leads to its following dossiers, oldest first.

    All else is of the dossiers of this page: `consents` the answer that stands to each purpose (all that were ever
    given are each dossier's own list), `candidates` parties that are likely the same, and no more than that.
    """

    id = fields.String()
    records = fields.List(fields.Nested(PartyRecord))
    consents = fields.List(fields.Nested(ConsentLine))
    holds = fields.List(fields.Nested(PartyHold))
    candidates = fields.List(fields.String())
    next = fields.String(allow_none=True)


class WithdrawPartyConsentArgs(EvidenceSchema):
    """The customer takes back what he ever consented to for a purpose, wherever it was."""

    party = an_id()
    purpose = a_name(required=True)
    channel = a_name(load_default="counter")


class WithdrawPartyConsentAnswer(Schema):
    """Those of the records concerned that the caller may know of."""

    party = fields.String()
    purpose = fields.String()
    records = fields.List(fields.String())
