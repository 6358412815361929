"""The shape of classes: parts, fields, documents, numbers, how data may come in."""

from __future__ import annotations

from marshmallow import fields

from regimes import model
from regimes.schema.basics import MASKS, MODES, TYPES, Titled, one_of
from regimes.words import Entry, Flag, Many, Name, Named, Needs, Text, When, Who, Whole, Within, Words


class FieldEntry(Titled):
    makes = model.Field
    type = one_of(TYPES, required=True)
    level = Name()
    core = Flag()
    facet = Flag()
    list = Name()
    mask = one_of(MASKS)
    verify = Name()
    stub = Flag()
    measure = Flag()
    currency = Text()
    region = Name()


class PartEntry(Titled):
    makes = model.Part
    level = Name()
    department = Name()
    purpose = Name()
    schedule = Name()
    change = one_of(MODES)
    fields = Named(FieldEntry)  # type: ignore[assignment]  # a key of the language, which marshmallow calls its own


class DocumentEntry(Titled):
    makes = model.Document
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
    needs = Needs()


class CollectEntry(Entry):
    makes = model.Collect
    by = Words()
    channels = Named(ChannelEntry)
    consent = one_of(("simple", "express", "own"))
    notice = Name()
    purposes = Words()
    signed_by = fields.List(Who())


class StateEntry(Entry):
    makes = model.State
    needs = Needs()
    apart = Flag()


class ClassEntry(Titled):
    makes = model.RecordClass
    kind = one_of(("dossier",))
    extends = Name()
    abstract = Flag()
    department = Name()
    keeper = Who()
    number = Within(NumberEntry)
    one_per = Within(OnePerEntry)
    match = Words()
    subject = Name()
    collect = Within(CollectEntry)
    events = fields.Dict(keys=Name(), values=fields.List(Who()))
    states = Named(StateEntry)
    parts = Named(PartEntry)
    documents = Named(DocumentEntry)
