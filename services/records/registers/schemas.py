"""The published language of registers: entries, signatures, contents lists, labels, files."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields, validate

from chassis.pages import PageArgs
from services.records.reading_schemas import RecordLine
from services.records.words import a_name, a_word, an_id

MOST = 500  # entries in one file


class EntriesArgs(PageArgs):
    """The entries of a register: `about`, state, number, and any facet as `part.field=value`; newest first."""

    class Meta:
        unknown = INCLUDE

    class_ = a_name(data_key="class", required=True)
    about = a_name()
    state = a_name()
    number = a_name()


class EntryLine(RecordLine):
    """An entry in a list."""


class EntriesAnswer(Schema):
    """A page of entries; `next` leads to the following one."""

    items = fields.List(fields.Nested(EntryLine))
    next = fields.String(allow_none=True)


class AddEntryArgs(Schema):
    """A new entry: its fields, and the id of the record, person or room it is about where its register wants one."""

    class_ = a_name(data_key="class", required=True)
    about = a_name(metadata={"example": "01a0b1c2-0000-7000-8000-000000000000"})
    fields_ = fields.Dict(keys=a_name(), values=fields.Raw(allow_none=True), data_key="fields", required=True)
    purposes = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))
    evidence = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))
    department = a_word()


class EntryWritten(Schema):
    """What became of an entry; `left` is how many signatures are missing. One without any is valid (`active`)."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    state = fields.String()
    number = fields.String(allow_none=True)
    version = fields.Integer()
    left = fields.Integer()


class AddEntryAnswer(EntryWritten):
    """The new entry."""


class SignArgs(Schema):
    """Sign an entry as you read it: at this version. `evidence` names proofs of what it proposes."""

    entry = an_id()
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    evidence = fields.List(a_name(), load_default=list, validate=validate.Length(max=20))


class SignAnswer(EntryWritten):
    """The entry after the signature."""


class EntryArgs(Schema):
    """One entry, for a purpose."""

    class_ = a_name(data_key="class", required=True)
    entry = an_id()
    purpose = a_name(required=True)
    fields_ = fields.List(fields.String(), data_key="fields", validate=validate.Length(max=200))


class SignatureAnswer(Schema):
    """One signature: who, when, which version; `holds` until an edit voids it, `intact` if it fits what is stored."""

    place = fields.Integer()
    person = fields.String()
    version = fields.Integer()
    digest = fields.String()
    at = fields.AwareDateTime(format="iso")
    name = fields.Dict(keys=fields.String(), values=fields.String())
    signed = fields.String(metadata={"description": "the same moment on the clocks of the regime's place"})
    holds = fields.Boolean()
    intact = fields.Boolean()


class EntryAnswer(Schema):
    """An entry as far as the caller may see it, with its signatures and who signs next."""

    id = fields.String()
    class_ = fields.String(data_key="class")
    title = fields.Dict(keys=fields.String(), values=fields.String())
    lines = fields.List(fields.Dict())
    classified = fields.Dict(keys=fields.String(), values=fields.String())
    read_at = fields.String()
    read = fields.String(metadata={"description": "the same moment on the clocks of the regime's place"})
    reader = fields.Dict(keys=fields.String(), values=fields.String())
    state_title = fields.Dict(keys=fields.String(), values=fields.String())
    about_name = fields.Dict(keys=fields.String(), values=fields.String())
    purpose_title = fields.Dict(keys=fields.String(), values=fields.String())
    creator_name = fields.Dict(keys=fields.String(), values=fields.String())
    entered = fields.String(metadata={"description": "when, on the clocks of the regime's place"})
    number = fields.String(allow_none=True)
    about = fields.String(allow_none=True)
    state = fields.String()
    level = fields.String()
    department = fields.String()
    responsible = fields.String(allow_none=True)
    creator = fields.String()
    version = fields.Integer()
    purpose = fields.String()
    at = fields.AwareDateTime(format="iso")
    valid_until = fields.Date(allow_none=True)
    signatures = fields.List(fields.Nested(SignatureAnswer))
    awaits = fields.List(fields.Dict())
    filled = fields.String(allow_none=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.Dict(), data_key="fields")


class PrintArgs(EntryArgs):
    """One entry, to be printed."""


class RegisterFileArgs(Schema):
    """The entries of a register as a file to take away."""

    class_ = a_name(data_key="class", required=True)
    purpose = a_name(required=True)
    about = a_name()
    state = a_name()


class RegisterFileAnswer(Schema):
    """The file in base64, and the mark that stands in it and in the log.

    A file that is locked opens with the password of the export that has this mark for its id.
    """

    file = fields.String()
    name = fields.String()
    mark = fields.String()
    locked = fields.Boolean()


class ContentsArgs(PageArgs):
    """What belongs to a record, for a purpose."""

    record = an_id()
    after = fields.String(validate=validate.Regexp(r"^[0-9]{1,9}\.[0-9a-f-]{36}$"))  # the place, and what stands there
    purpose = a_name(required=True)
    fields_ = fields.List(fields.String(), data_key="fields", validate=validate.Length(max=50))


class ContentsLine(Schema):
    """One place in the contents list."""

    place = fields.Integer()
    id = fields.String()
    class_ = fields.String(data_key="class")
    number = fields.String(allow_none=True)
    state = fields.String()
    page = fields.String(allow_none=True)
    date = fields.String(allow_none=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.Dict(), data_key="fields")


class ContentsAnswer(Schema):
    """A page, in the order that the class asks for: by page, newest or oldest first."""

    id = fields.String()
    number = fields.String(allow_none=True)
    order = fields.String()
    items = fields.List(fields.Nested(ContentsLine))
    next = fields.String(allow_none=True)


class LabelArgs(Schema):
    """The label of a file as the record says it now, for a purpose."""

    record = an_id()
    purpose = a_name(required=True)


class LabelAnswer(Schema):
    """The text that stands on the file."""

    id = fields.String()
    label = fields.String()
    version = fields.Integer()


class PutLabelArgs(LabelArgs):
    """A label was put on the file: its text, which must be the very one."""

    label = fields.String(required=True, validate=validate.Length(1, 500))


class PutLabelAnswer(Schema):
    """The record whose file is labelled."""

    id = fields.String()
    version = fields.Integer()
    outcome = fields.String()
