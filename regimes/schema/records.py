"""The shape of classes: parts, fields, documents, numbers, how data may come in."""

from __future__ import annotations

from marshmallow import fields, validate

from regimes import model
from regimes.schema.basics import MASKS, MODES, TYPES, Titled, one_of
from regimes.words import (
    DateWords,
    Entry,
    Flag,
    Many,
    Money,
    Name,
    Named,
    Needs,
    People,
    Period,
    Text,
    When,
    Who,
    Whole,
    Within,
    Words,
)

IN_A_ROW = tuple(word for word in TYPES if word != "table")
ORDERS = ("newest_first", "oldest_first", "by_page")
CARRIERS = ("paper", "electronic")


class HelpEntry(Entry):
    """What to write, in a sentence for whoever fills the field in."""

    makes = model.Titled
    en = Text(required=True)
    zh = Text(required=True)


class ColumnEntry(Titled):
    """A column of a table: the rows are one value, so level, mask and schedule are the table's."""

    makes = model.Field
    help = Within(HelpEntry)
    least = Money()
    type = one_of(IN_A_ROW, required=True)
    core = Flag()
    list = Name()
    currency = Text()
    region = Name()
    measure = Flag()


class FieldEntry(ColumnEntry):
    type = one_of(TYPES, required=True)
    level = Name()
    facet = Flag()
    mask = one_of(MASKS)
    verify = Name()
    stub = Flag()
    columns = Named(ColumnEntry)
    when = When()


class PartEntry(Titled):
    makes = model.Part
    level = Name()
    department = Name()
    read = People()
    write = People()
    purpose = Name()
    schedule = Name()
    change = one_of(MODES)
    fields = Named(FieldEntry)  # type: ignore[assignment]  # a key of the language, which marshmallow calls its own


class DocumentEntry(Titled):
    makes = model.Document
    part = Name()
    level = Name()
    optional = Flag()
    form = one_of(("original", "copy", "either"), required=True)
    sides = Whole()
    signed_by = Words()
    change = one_of(MODES)
    schedule = Name()
    needed = When()
    ask = When()


class NumberEntry(Entry):
    makes = model.Number
    pattern = Text(required=True)
    per = Words()
    gapless = Flag()


class OnePerEntry(Entry):
    makes = model.OnePer
    paths = Many(required=True, data_key="fields", attribute="fields")
    states = Many(required=True, data_key="while")


class ChannelEntry(Titled):
    makes = model.Channel
    needs = Needs()


class CollectEntry(Entry):
    makes = model.Collect
    by = Words()
    channels = Named(ChannelEntry)
    consent = one_of(("simple", "express", "own"))
    notice = Name()
    purposes = Words()
    signed_by = People()


class StateEntry(Entry):
    makes = model.State
    needs = Needs()
    apart = Flag()


class FailedEntry(Entry):
    """What a failed check opens, who sees to it, until when."""

    finding = Name(required=True)
    owner = Who(required=True)
    due = Within(DateWords)


class ClassEntry(Titled):
    makes = model.RecordClass
    kind = one_of(("dossier", "register"))
    about = Name()
    contains = Name()
    order = one_of(ORDERS)
    label = Text()
    carriers = Words(validate=validate.ContainsOnly(CARRIERS))
    signed_by = People()
    fills = Name()
    written_by = one_of(("customer",))
    valid_for = Period()
    failed = Within(FailedEntry)
    extends = Name()
    abstract = Flag()
    department = Name()
    keeper = Who()
    number = Within(NumberEntry)
    one_per = Within(OnePerEntry)
    match = Words()
    subject = Name()
    collect = Within(CollectEntry)
    events = fields.Dict(keys=Name(), values=People())
    event_needs = fields.Dict(keys=Name(), values=Needs())
    states = Named(StateEntry)
    parts = Named(PartEntry)
    documents = Named(DocumentEntry)
