"""What classes and registers name: parts, fields, columns, lists, classes they are about, contain or fill."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from regimes.model import Document, Field, Part, RecordClass
from regimes.naming import Problem, inside, known, needs, one, titled, titled_word, who
from regimes.schema import STATES

if TYPE_CHECKING:
    from regimes.regime import Regime

COUNTED = ("money", "number")
FACETS = ("code", "department", "date")
STUBS = ("code", "number", "date", "date_time", "department")
# A part that holds one of these is about a person, and so is its every date and code.
PERSONAL = {"name", "phone", "email", "postcode", "resident_id", "bank_card", "address", "person", "signature"}
PLACES = re.compile(r"\{([\w.]+)(?::\d+)?\}")
BESIDES = ("person", "room")  # what a register may be about that is no record
ONLY_REGISTERS = ("signed_by", "fills", "written_by", "valid_for", "failed")
# A value of one type is also one of the other, so a form may ask more plainly than the class it fills.
TAKES = {"name": ("text",), "text": ("name", "address"), "address": ("text",)}


def problems(regime: Regime, path: str, entry: RecordClass) -> Iterator[Problem]:
    """Every name of a class that leads nowhere, and what cannot work as it stands."""
    yield from titled(path, entry)
    for part in entry.parts.values():
        yield from _part(regime, f"{path}.parts.{part.name}", part, entry)
    for document in entry.documents.values():
        yield from _document(regime, f"{path}.documents.{document.name}", document, entry)
    yield from _collect(regime, f"{path}.collect", entry)
    yield from _states(regime, f"{path}.states", entry)
    yield from known(f"{path}.match", entry.match, entry.fields)
    yield from one(f"{path}.subject", entry.subject, entry.fields)
    yield from who(regime, f"{path}.keeper", entry.keeper or {})
    yield from known(f"{path}.event_needs", entry.event_needs, entry.events)
    for event, wanted in entry.event_needs.items():
        yield from needs(regime, f"{path}.event_needs.{event}", wanted, entry.fields)
    for event, recorders in entry.events.items():
        yield from titled_word(regime, f"{path}.events.{event}", event)
        for recorder in recorders:
            yield from who(regime, f"{path}.events.{event}", recorder)
    yield from _numbering(regime, path, entry)
    yield from _belonging(regime, path, entry)
    yield from _register(regime, path, entry) if entry.kind == "register" else _dossier(path, entry)


def _part(regime: Regime, path: str, part: Part, entry: RecordClass) -> Iterator[Problem]:
    yield from titled(path, part)
    yield from known(f"{path}.level", [part.level], regime.levels)
    yield from one(f"{path}.schedule", part.schedule, regime.schedules)
    yield from one(f"{path}.purpose", part.purpose, regime.purposes)
    if part.purpose and entry.collect.purposes and part.purpose not in entry.collect.purposes:
        yield f"{path}.purpose", f"{entry.name} is not collected for {part.purpose}; add it to collect.purposes"
    for named in (*part.read, *part.write):
        yield from who(regime, path, named)
    for field in part.fields.values():
        yield from _field(regime, f"{path}.fields.{field.name}", field, entry)


def _field(regime: Regime, path: str, field: Field, entry: RecordClass) -> Iterator[Problem]:
    yield from titled(path, field)
    yield from known(f"{path}.level", [field.level], regime.levels)
    yield from one(f"{path}.list", field.list, regime.lists)
    yield from one(f"{path}.region", field.region, entry.fields)
    yield from titled_word(regime, f"{path}.verify", field.verify) if field.verify else ()
    if field.facet and field.type not in FACETS:
        yield path, f"a facet is one of {', '.join(FACETS)}"
    if field.facet and field.level in regime.levels and regime.levels[field.level].rank > 1:
        yield path, "a facet is stored in clear, so its level must be the lowest"
    yield from _stub(regime, f"{path}.stub", field, entry) if field.stub else ()
    yield from _counted(path, field)
    yield from _when(regime, f"{path}.when", field, entry)
    yield from _table(regime, path, field)


def _stub(regime: Regime, path: str, field: Field, entry: RecordClass) -> Iterator[Problem]:
    """What stays of a destroyed record stands in clear, and says nothing of a person (C-31)."""
    part = entry.parts[field.part]
    about = sorted(one.name for one in part.fields.values() if PERSONAL & {one.type, *_types(one)})
    if field.type not in STUBS:
        yield path, f"what stays of a destroyed record is one of {', '.join(STUBS)}; a {field.type} goes with the rest"
    if field.level in regime.levels and regime.levels[field.level].rank > 1:
        yield path, "what stays of a destroyed record stands in clear, so its level must be the lowest"
    if about:
        yield path, f"{part.name} is about a person ({', '.join(about)}); keep what stays in a part of its own"
    if entry.about == "person":
        yield path, "every entry is about a person, so nothing of it stays; take stub away"
    if part.read:
        yield path, f"{part.name} is read by some only, and what stays by all who could see the record; take one away"


def _types(table: Field) -> set[str]:
    return {column.type for column in table.columns.values()}


def _counted(path: str, field: Field) -> Iterator[Problem]:
    if field.measure and field.type not in COUNTED:
        yield f"{path}.measure", "only money and numbers can be added up"
    if field.least is not None and field.type not in COUNTED:
        yield f"{path}.least", "only money and numbers have a least"


def _when(regime: Regime, path: str, field: Field, entry: RecordClass) -> Iterator[Problem]:
    """Which records have a field is decided by facets alone: they are known without opening anything."""
    yield from inside(regime, path, field.when, [entry])
    for name in {name for alternative in field.when for name in alternative}:
        if name in entry.fields and not entry.fields[name].facet:
            yield f"{path}.{name}", "whether a record has a field can only hang on a facet (facet: true)"


def _table(regime: Regime, path: str, field: Field) -> Iterator[Problem]:
    if (field.type == "table") != bool(field.columns):
        yield f"{path}.columns", "a table needs columns, and nothing else has them"
    for column in field.columns.values():
        yield from _counted(f"{path}.columns.{column.name}", column)
        yield from titled(f"{path}.columns.{column.name}", column)
        yield from one(f"{path}.columns.{column.name}.list", column.list, regime.lists)
        yield from one(f"{path}.columns.{column.name}.region", column.region, field.columns)


def _document(regime: Regime, path: str, document: Document, entry: RecordClass) -> Iterator[Problem]:
    yield from titled(path, document)
    yield from one(f"{path}.part", document.part, entry.parts)
    yield from one(f"{path}.level", document.level, regime.levels)
    yield from one(f"{path}.schedule", document.schedule, regime.schedules)
    yield from inside(regime, f"{path}.needed", document.needed or [], [entry])
    yield from inside(regime, f"{path}.ask", document.ask or [], [entry])


def _collect(regime: Regime, path: str, entry: RecordClass) -> Iterator[Problem]:
    collect = entry.collect
    yield from known(f"{path}.purposes", collect.purposes, regime.purposes)
    yield from one(f"{path}.notice", collect.notice, regime.notices)
    if collect.consent and not collect.notice:
        yield f"{path}.notice", "who is asked for consent must be told what for: name a notice"
    for channel in collect.channels.values():
        if not (channel.en and channel.zh):
            yield (
                f"{path}.channels.{channel.name}",
                f"{channel.name!r} is not in the list channel, and has no title here",
            )
        yield from needs(regime, f"{path}.channels.{channel.name}.needs", channel.needs, entry.fields)
    for releases in collect.signed_by:
        yield from who(regime, f"{path}.signed_by", releases)


def _states(regime: Regime, path: str, entry: RecordClass) -> Iterator[Problem]:
    for name, state in entry.states.items():
        yield from known(path, [name], STATES)
        yield from needs(regime, f"{path}.{name}.needs", state.needs, entry.fields)


def _numbering(regime: Regime, path: str, entry: RecordClass) -> Iterator[Problem]:
    if entry.one_per:
        yield from known(f"{path}.one_per.fields", entry.one_per.fields, entry.fields)
        yield from known(f"{path}.one_per.while", entry.one_per.states, STATES)
    yield from known(f"{path}.label", PLACES.findall(entry.label or ""), entry.fields)
    if entry.number is None:
        return
    schemes = [f"record.{one.name}" for one in regime.schemes.values() if entry.is_a(one.of)]
    words = ("year", "department", *schemes, *entry.facets)
    for where, named in (("per", entry.number.per), ("pattern", PLACES.findall(entry.number.pattern))):
        for word in named:
            if word not in words and word != "seq":
                told = "a number is written in clear: it is made of year, department, schemes and facets"
                yield f"{path}.number.{where}", f"{told}, and {word!r} is none"
    if "seq" not in PLACES.findall(entry.number.pattern):
        yield f"{path}.number.pattern", "has no {seq}, so every record would get the same number"


def _belonging(regime: Regime, path: str, entry: RecordClass) -> Iterator[Problem]:
    """What it is about and what it contains; papers of a volume leave together (Q-084)."""
    besides = BESIDES if entry.kind == "register" else ()
    yield from one(f"{path}.about", entry.about, (*regime.all_classes, *besides))
    yield from one(f"{path}.contains", entry.contains, regime.all_classes)
    held = regime.all_classes.get(entry.contains or "")
    if held is None:
        return
    if held.about is None or not entry.is_a((held.about,)):
        yield f"{path}.contains", f"{held.name} does not say that it is about {entry.name}"
    kept = {part.schedule for part in held.parts.values()} | {
        one.schedule for one in held.documents.values() if one.schedule
    }
    if len(kept) > 1:
        told = ", ".join(sorted(name or "none" for name in kept))
        yield f"{path}.contains", f"the papers of one volume must have one schedule, {held.name} has {told}: split it"


def _dossier(path: str, entry: RecordClass) -> Iterator[Problem]:
    for word in ONLY_REGISTERS:
        if getattr(entry, word):
            yield f"{path}.{word}", "only a register has this: say kind: register"


def _register(regime: Regime, path: str, entry: RecordClass) -> Iterator[Problem]:
    if entry.written_by and (entry.about or not entry.fills):
        yield f"{path}.written_by", "only of a form that makes new records: one that `fills` a class and is about none"
    for signer in entry.signed_by:
        yield from who(regime, f"{path}.signed_by", signer)
    if entry.failed:
        yield from who(regime, f"{path}.failed.owner", entry.failed["owner"])
        yield from titled_word(regime, f"{path}.failed.finding", entry.failed["finding"])
        if not any(field.type == "check" for field in entry.fields.values()):
            yield f"{path}.failed", "no field of this register is a check, so nothing can fail"
    yield from one(f"{path}.fills", entry.fills, regime.all_classes)
    filled = regime.all_classes.get(entry.fills or "")
    if filled is None:
        return
    if filled.kind != "dossier":
        yield f"{path}.fills", f"{filled.name} is a register; a form fills a dossier"
    # How a form was given to a customer and came back is the form's own, and goes nowhere.
    own = [name for name, field in entry.fields.items() if field.part == "form"] if entry.written_by else []
    for name, field in [(name, field) for name, field in entry.fields.items() if name not in own]:
        yield from _fills(f"{path}.parts.{field.part}.fields.{field.name}", field, filled.fields.get(name), filled)


def _fills(path: str, field: Field, there: Field | None, filled: RecordClass) -> Iterator[Problem]:
    if there is None:
        yield path, f"{filled.name} has no field {field.path} that the form could fill"
    elif there.type != field.type and there.type not in TAKES.get(field.type, ()):
        yield path, f"is a {field.type}, and the field it fills in {filled.name} is a {there.type}"
    elif there.list != field.list:
        yield path, f"takes its values from {field.list}, and the field it fills in {filled.name} from {there.list}"
    elif set(field.columns) - set(there.columns):
        yield path, f"has columns that the table it fills in {filled.name} has not"
