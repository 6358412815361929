"""The shape of a regime file: every key it may hold. An unknown key is refused, never ignored."""

from __future__ import annotations

from marshmallow import fields

from regimes import process
from regimes.schema.basics import (
    KINDS,
    MODES,
    STATES,
    CalendarEntry,
    CodeList,
    LevelEntry,
    NoticeEntry,
    PurposeEntry,
    RightEntry,
    RoleEntry,
    SettingEntry,
    Titled,
    one_of,
)
from regimes.schema.duties import (
    CustodyEntry,
    DestructionEntry,
    DutyEntry,
    ScheduleEntry,
    TariffEntry,
    ViolationEntry,
)
from regimes.schema.records import ClassEntry
from regimes.schema.requests import Chain, KindEntry
from regimes.schema.schemes import SchemeEntry, ViewEntry
from regimes.words import Entry, Many, Name, Named, Needs, Period, Text, Within, Words

__all__ = ["KINDS", "MODES", "STATES", "RegimeFile"]


class LogEntry(Entry):
    makes = process.LogTerms
    keep = Period()
    lag = Period()
    checkpoint = Period()


class SystemEntry(Entry):
    log = Within(LogEntry)


class ExampleEntry(Entry):
    """One of: a request and its chain or refusal, a duty or schedule and its date, offences and their fines."""

    request = one_of(KINDS)
    of = Name()
    given = fields.Dict(keys=Text(), values=fields.Raw())
    decided_by = Chain()
    needed = Needs()
    refused = Name()
    due = Name()
    schedule = Name()
    date = Text()
    offences = Words()
    by = Name()
    fines = Words()


class IssuedEntry(Entry):
    by = Name()
    approved_by = Name()
    interpreted_by = Name()
    valid_from = Text()
    replaces = Words()


class RegimeFile(Titled):
    """All of a regime, merged and with its settings put in."""

    regime = Name(required=True)
    source = Words()
    extends = Words()
    issued = Within(IssuedEntry)
    timezone = Text(required=True)
    currency = Text(required=True)
    settings = Named(SettingEntry)
    calendars = Named(CalendarEntry)
    terms = Named(Titled)
    lists = CodeList()
    levels = Named(LevelEntry, required=True)
    roles = Named(RoleEntry, required=True)
    bodies = Named(Titled)
    apart = fields.List(Many())
    rights = Named(RightEntry)
    purposes = Named(PurposeEntry)
    notices = Named(NoticeEntry)
    schemes = Named(SchemeEntry)
    classes = Named(ClassEntry)
    views = Named(ViewEntry)
    requests = fields.Dict(keys=one_of(KINDS), values=Within(KindEntry))
    duties = Named(DutyEntry)
    custody = Within(CustodyEntry)
    schedules = Named(ScheduleEntry)
    destruction = Within(DestructionEntry)
    violations = Named(ViolationEntry)
    tariffs = Named(TariffEntry)
    system = Within(SystemEntry)
    examples = fields.List(Within(ExampleEntry))
