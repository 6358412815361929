"""The published language of records: what its calls take and what they answer."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.records.assigning.schemas import AssignAnswer, AssignArgs  # noqa: F401  (published from here)
from services.records.classifying.schemas import *  # noqa: F403  (published from here)
from services.records.consents.schemas import (  # noqa: F401  (published from here)
    CollectionArgs,
    CollectionsAnswer,
    CollectionsArgs,
    ConsentArgs,
    ConsentsAnswer,
    ConsentsArgs,
    GiveConsentArgs,
    NewConsentArgs,
    NoteCollectionArgs,
    NoticesAnswer,
    NoticesArgs,
    WithdrawConsentArgs,
)
from services.records.documents.schemas import *  # noqa: F403  (published from here)
from services.records.documents.schemas import AnnouncedDocument, AnnouncedUpload
from services.records.erasing.schemas import (  # noqa: F401  (published from here)
    AnswerErasureAnswer,
    AnswerErasureArgs,
    AskErasureAnswer,
    AskErasureArgs,
    ErasuresAnswer,
    ErasuresArgs,
)
from services.records.exporting.schemas import *  # noqa: F403  (published from here)
from services.records.importing.schemas import *  # noqa: F403  (published from here)
from services.records.internal.schemas import *  # noqa: F403  (published from here)
from services.records.merging.schemas import (  # noqa: F401  (published from here)
    DuplicatesSchema,
    LookalikesAnswer,
    LookalikesArgs,
    MergeAnswer,
    MergeArgs,
    MergesAnswer,
    MergesArgs,
)
from services.records.parties.schemas import (  # noqa: F401  (published from here)
    PartyAnswer,
    PartyArgs,
    WithdrawPartyConsentAnswer,
    WithdrawPartyConsentArgs,
)
from services.records.proposals.schemas import (  # noqa: F401  (published from here)
    ChangesAnswer,
    ChangesArgs,
    ProposedChangeAnswer,
    ProposedChangeArgs,
)
from services.records.reading_schemas import *  # noqa: F403  (published from here)
from services.records.registers.schemas import (  # noqa: F401  (published from here)
    AddEntryAnswer,
    AddEntryArgs,
    ContentsAnswer,
    ContentsArgs,
    EntriesAnswer,
    EntriesArgs,
    EntryAnswer,
    EntryArgs,
    LabelAnswer,
    LabelArgs,
    PrintArgs,
    PutLabelAnswer,
    PutLabelArgs,
    RegisterFileAnswer,
    RegisterFileArgs,
    SignAnswer,
    SignArgs,
)
from services.records.searching.schemas import (  # noqa: F401  (published from here)
    DropSearchAnswer,
    DropSearchArgs,
    SaveSearchAnswer,
    SaveSearchArgs,
    SearchAnswer,
    SearchArgs,
    SearchesAnswer,
    SearchesArgs,
    StatisticsAnswer,
    StatisticsArgs,
)
from services.records.verifying.schemas import *  # noqa: F403  (published from here)
from services.records.views.schemas import (  # noqa: F401  (published from here)
    FileReportAnswer,
    FileReportArgs,
    ReportAnswer,
    ReportArgs,
    ReportsAnswer,
    ReportsArgs,
    ViewAnswer,
    ViewArgs,
    ViewFileArgs,
    ViewsAnswer,
    ViewsArgs,
)
from services.records.words import a_name, a_reason, a_version, a_word, an_id

MODES = ("customer", "evidence", "reported", "staff")
TARGETS = ("pending", "active", "suspended", "past", "archived")


class CreateArgs(Schema):
    """A new record: its class, its fields, what it is collected for, the customer's consents, papers that follow."""

    class_ = a_name(data_key="class", required=True, metadata={"example": "company.customer"})
    fields_ = fields.Dict(keys=a_name(), values=fields.Raw(allow_none=True), data_key="fields", required=True,
                          metadata={"example": {"basic.name": "…"}})  # fmt: skip
    purposes = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))
    consents = fields.List(fields.Nested(NewConsentArgs), load_default=list, validate=validate.Length(max=20))
    collection = fields.Nested(CollectionArgs)
    documents = fields.List(fields.Nested(AnnouncedDocument), load_default=list, validate=validate.Length(max=5))
    department = a_word()
    responsible = a_word()
    about = a_name()  # the record, person or room that it belongs to, where its class wants one
    source = fields.String(validate=validate.Length(36, 36))  # the signed form that its values come from
    duplicates = fields.Nested(DuplicatesSchema)  # why it is saved beside others that are likely the same customer's


class WarningLine(Schema):
    """What is odd about a value that was accepted all the same."""

    pointer = fields.String()
    code = fields.String()
    detail = fields.String()
    zh = fields.String()


class WriteAnswer(Schema):
    """What a write came to: the record, its state and version; `waiting` names a decision that has to come first."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    state = fields.String()
    version = fields.Integer()
    outcome = fields.String(validate=validate.OneOf(("done", "waiting")))
    change = fields.String()
    consent = fields.String()
    move = fields.String()
    warnings = fields.List(fields.Nested(WarningLine))


class CreateAnswer(WriteAnswer):
    """A new record; it waits for its approval."""

    documents = fields.List(fields.Nested(AnnouncedUpload))


class ChangeArgs(Schema):
    """A change: the fields, why, who asked for it, and what proves it: documents on file, by id or kind.

    An empty value takes a field away.

    `correction`: somebody mistyped what was handed in; a rule of its own decides it, also where originals stay.

    `known_since`: the day on which staff learned of it, where that was not today: by when it was to be entered counts
    from then.
    """

    record = an_id()
    version = fields.Integer(required=True, strict=True)
    fields_ = fields.Dict(keys=a_name(), values=fields.Raw(allow_none=True), data_key="fields", required=True,
                          validate=validate.Length(1, 200))  # fmt: skip
    reason = a_reason(required=True)
    requested_by = fields.String(required=True, validate=validate.OneOf(MODES))
    correction = fields.Boolean(load_default=False)
    known_since = fields.Date(load_default=None)
    evidence = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))


class ChangeAnswer(WriteAnswer):
    """The change waits for its decision."""


class TransitionArgs(Schema):
    """Another state, and why."""

    record = an_id()
    version = fields.Integer(required=True, strict=True)
    to = fields.String(required=True, validate=validate.OneOf(TARGETS))
    reason = a_reason(required=True)
    evidence = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))


class TransitionAnswer(WriteAnswer):
    """The record in its new state, or as it is while the end of a relation or its revival waits for a decision."""


class RecordEventArgs(Schema):
    """A business fact that the class declares, and its date."""

    record = an_id()
    version = a_version()
    event = a_name(required=True, metadata={"example": "ended"})
    on = fields.Date(required=True, data_key="date")
    evidence = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))


class RecordEventAnswer(WriteAnswer):
    """The record after the fact."""


class GiveConsentAnswer(WriteAnswer):
    """The answer's receipt."""


class WithdrawConsentAnswer(WriteAnswer):
    """The withdrawal's receipt."""


class NoteCollectionAnswer(WriteAnswer):
    """The record with its source."""
