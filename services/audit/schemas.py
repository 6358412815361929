"""The audit service's published language."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

SIZE = validate.Range(1, 2**53)


class Page(Schema):
    """Where a list begins and how long it is."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    after = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"[0-9a-f-]{1,36}\Z"))


class EntriesArgs(Page):
    """Which entries of the log: about a record, by a person, of a type, in a time."""

    after = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(r"[0-9]{1,18}\Z"))
    record = fields.UUID()
    actor = fields.String(validate=validate.Length(1, 96))
    action = fields.String(validate=validate.Length(1, 80), metadata={"example": "records.read"})
    from_ = fields.AwareDateTime(data_key="from")
    to = fields.AwareDateTime()


class JournalEntry(Schema):
    """One entry as it is hashed; `data` holds ids, names, states and counts, never a value of a record."""

    id = fields.String(required=True)
    source = fields.String(required=True)
    number = fields.Integer(required=True)
    previous = fields.String(required=True, metadata={"description": "chain hash of the source before this entry"})
    type = fields.String(required=True)
    version = fields.Integer(required=True)
    at = fields.String(required=True)
    actor = fields.String(allow_none=True)
    account = fields.String(allow_none=True)
    department = fields.String(allow_none=True)
    session = fields.String(allow_none=True)
    record = fields.String(allow_none=True)
    purpose = fields.String(allow_none=True)
    request = fields.String(allow_none=True)
    data = fields.Dict(required=True)


class Entry(Schema):
    """An entry and its place in the tree."""

    index = fields.Integer(required=True)
    entry = fields.Nested(JournalEntry, required=True)


class EntriesAnswer(Schema):
    """Newest first."""

    items = fields.List(fields.Nested(Entry), required=True)
    next = fields.String(allow_none=True)


class EntryArgs(Schema):
    """Which entry."""

    entry = fields.UUID(required=True)


class EntryAnswer(Entry):
    """The entry."""


class CheckpointArgs(Schema):
    """Nothing is asked."""


class CheckpointAnswer(Schema):
    """The signed note (C2SP tlog-checkpoint), what it says, and the key that a stranger keeps."""

    note = fields.String(required=True)
    size = fields.Integer(required=True)
    root = fields.String(required=True)
    key = fields.String(required=True)


class InclusionArgs(Schema):
    """Which entry, in the tree of which size (the last signed one)."""

    entry = fields.UUID(required=True)
    size = fields.Integer(load_default=None, allow_none=True, validate=SIZE)


class InclusionAnswer(Schema):
    """An audit path of RFC 6962, from the leaf up; hashes as hexadecimal text."""

    index = fields.Integer(required=True)
    size = fields.Integer(required=True)
    leaf = fields.String(required=True)
    proof = fields.List(fields.String(), required=True)
    root = fields.String(required=True)


class ConsistencyArgs(Schema):
    """Two sizes of the tree."""

    from_ = fields.Integer(data_key="from", required=True, validate=SIZE)
    to = fields.Integer(required=True, validate=SIZE)


class ConsistencyAnswer(Schema):
    """A consistency proof of RFC 6962; hashes as hexadecimal text."""

    from_ = fields.Integer(data_key="from", required=True)
    to = fields.Integer(required=True)
    proof = fields.List(fields.String(), required=True)
    roots = fields.List(fields.String(), required=True)


class BeginBundleArgs(Schema):
    """Which range of the log; all that is signed, where nothing is said."""

    first = fields.Integer(load_default=0, validate=validate.Range(0, 2**53))
    last = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 2**53))


class BeginBundleAnswer(Schema):
    """The bundle to fetch, and what will be in it."""

    bundle = fields.String(required=True)
    first = fields.Integer(required=True)
    last = fields.Integer(required=True)
    size = fields.Integer(required=True)


class BundleChunkArgs(Schema):
    """256 KiB of a bundle, from an offset."""

    bundle = fields.UUID(required=True)
    offset = fields.Integer(load_default=0, validate=validate.Range(0, 2**53))


class BundleChunkAnswer(Schema):
    """The piece in base64, and whether it is the last."""

    bytes = fields.String(required=True)
    last = fields.Boolean(required=True)


class ViolationsArgs(Page):
    """Which violations."""

    state = fields.String(validate=validate.OneOf(("proposed", "confirmed", "dismissed")))
    offender = fields.String(validate=validate.Length(1, 96))
    record = fields.UUID()


class Violation(Schema):
    """A violation: proposed by the regime, decided by a person."""

    violation = fields.String(required=True)
    type = fields.String(required=True)
    offender = fields.String(required=True)
    record = fields.String(allow_none=True)
    duty = fields.String(required=True)
    due = fields.String(required=True)
    clause = fields.String(required=True)
    amount = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)
    per = fields.String(required=True)
    tariff = fields.String(required=True)
    regime = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
    person = fields.String(allow_none=True, metadata={"description": "who decided"})
    proposed_at = fields.String(required=True)
    decided_at = fields.String(allow_none=True)


class ViolationsAnswer(Schema):
    """Newest first."""

    items = fields.List(fields.Nested(Violation), required=True)
    next = fields.String(allow_none=True)


class DecideViolationArgs(Schema):
    """Confirm or dismiss, and why."""

    violation = fields.UUID(required=True)
    decision = fields.String(required=True, validate=validate.OneOf(("confirm", "dismiss")))
    reason = fields.String(required=True, validate=validate.Length(2, 2000))


class DecideViolationAnswer(Schema):
    """How it stands now."""

    violation = fields.String(required=True)
    state = fields.String(required=True)
    version = fields.Integer(required=True)
