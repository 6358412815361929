"""Grades by criteria: what the regime's criteria come to for a record's own fields, computed inside records."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from chassis import codec
from chassis.errors import Conflict
from chassis.ids import new_id
from regimes import Regime
from regimes.conditions import holds
from regimes.envelopes import completed
from regimes.model import Scheme
from services.records import events
from services.records.classifying.model import Suggestion, Wanted
from services.records.model import Record
from services.records.reading import Seen


def digest_of(scheme: Scheme) -> str | None:
    """The version of a scheme's criteria; None for a scheme that has none."""
    criteria = {name: value.criteria for name, value in scheme.values.items() if value.criteria is not None}
    return sha256(codec.canonical(criteria)).hexdigest() if criteria else None


def fitting(scheme: Scheme, case: dict[str, Any]) -> str | None:
    """The first value whose criteria hold, in the order in which the regime names them; None where none does."""
    named = ((name, value.criteria) for name, value in scheme.values.items() if value.criteria is not None)
    return next((name for name, criteria in named if holds(criteria, case)), None)


def suggest(service: Any, seen: Seen, scheme: Scheme) -> Suggestion:
    """Open the parts that the criteria name, under an entry of the journal, and say what they come to."""
    record, criteria = seen.record, digest_of(scheme)
    if criteria is None:
        raise Conflict("scheme.no_criteria", f"the regime sets no criteria for {scheme.name}")
    named = {path.partition(".")[0] for value in scheme.values.values() for path in _paths(value.criteria)}
    parts = [part for name, part in seen.parts.items() if name in named]
    ticket = service.store.record_event(events.OpenedForWork(record.id, "grading", scheme.name))
    deks = service.keys.unwrap({part.key for part in parts}, ticket) if parts else {}
    opened = [(part.name, part.open(record.id, deks[part.key])) for part in parts]
    fields = {name: {path.partition(".")[2]: one.value(path).decode() for path in one.fields} for name, one in opened}
    regime = service.regime()
    case = {
        "record": completed(regime, record.envelope()),
        "today": service.store.clock.today(regime.timezone),
        **fields,
    }
    return Suggestion(new_id(), record.id, scheme.name, fitting(scheme, case), criteria, record.version)


def wanted(record: Record, regime: Regime, scheme: Scheme, value: str, suggestion: Suggestion | None) -> Wanted:
    """A value somebody sets; beside it, where criteria exist, their version and what they came to (Q-101)."""
    criteria = digest_of(scheme)
    if suggestion and (suggestion.record, suggestion.scheme) != (record.id, scheme.name):
        raise Conflict("suggestion.stale", "this suggestion is about something else")
    if suggestion and (suggestion.criteria, suggestion.record_version) != (criteria, record.version):
        raise Conflict("suggestion.stale", "the record or the criteria changed since; ask for a new suggestion")
    return Wanted(record, regime, value, scheme, criteria, suggestion.value if suggestion else None)


def _paths(criteria: Any) -> set[str]:
    alternatives = criteria if isinstance(criteria, list) else [criteria or {}]
    named = {path for one in alternatives for path in one}
    compared = [test for one in alternatives for test in one.values() if isinstance(test, dict)]
    inner = [value for test in compared for value in test.values() if isinstance(value, dict)]
    return named | {str(test["field"]) for test in [*compared, *inner] if "field" in test}
