"""Cross-references: every name a regime uses must be one it knows; a misspelt name would silently never match."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from regimes.model import Field, RecordClass
from regimes.process import Rule
from regimes.schema import KINDS, STATES

if TYPE_CHECKING:
    from regimes.regime import Regime

Problem = tuple[str, str]
ENVELOPE = ("class", "state", "level", "department", "complete", "responsible", "keeper", "creator", "number")
GROUPS = ("record", "applicant", "request", "event", "item", "offender", "setting", "person")
FACETS = ("code", "department", "date")


def problems(regime: Regime) -> Iterator[Problem]:
    """Every reference that leads nowhere, with its path."""
    for name, entry in regime.all_classes.items():
        yield from _class(regime, f"classes.{name}", entry)
    for name, purpose in regime.purposes.items():
        yield from _known(f"purposes.{name}.parts", purpose.parts, _parts(regime))
    for name, right in regime.rights.items():
        path = f"rights.{name}"
        yield from _known(f"{path}.of", right.of, regime.all_classes)
        yield from _known(f"{path}.up_to", [right.up_to] if right.up_to else [], regime.levels)
        yield from _known(f"{path}.purposes", right.purposes, regime.purposes)
        yield from _known(f"{path}.parts", right.parts, _parts(regime))
        yield from _who(regime, f"{path}.who", right.who)
        yield from _when(regime, f"{path}.when", right.when)
    for kind, entry_of_kind in regime.requests.items():
        for name, rule in entry_of_kind.rules.items():
            yield from _rule(regime, f"requests.{kind}.rules.{name}", rule)
    yield from _duties(regime)
    yield from _supervision(regime)
    yield from _known("destruction.of", regime.destruction.of, regime.all_classes)


def _known(path: str, names: Any, known: Any) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield path, f"there is no {name!r}"


def _parts(regime: Regime) -> set[str]:
    return {part for entry in regime.all_classes.values() for part in entry.parts}


def _class(regime: Regime, path: str, entry: RecordClass) -> Iterator[Problem]:
    for name, part in entry.parts.items():
        yield from _titled(f"{path}.parts.{name}", part)
        yield from _known(f"{path}.parts.{name}.level", [part.level], regime.levels)
        yield from _known(f"{path}.parts.{name}.schedule", [part.schedule] if part.schedule else [], regime.schedules)
        yield from _known(f"{path}.parts.{name}.purpose", [part.purpose] if part.purpose else [], regime.purposes)
        for field in part.fields.values():
            yield from _field(regime, f"{path}.parts.{name}.fields.{field.name}", field, entry)
    for document in entry.documents.values():
        yield from _titled(f"{path}.documents.{document.name}", document)
    yield from _known(f"{path}.collect.purposes", entry.collect.purposes, regime.purposes)
    yield from _known(f"{path}.collect.notice", [entry.collect.notice] if entry.collect.notice else [], regime.notices)
    yield from _known(f"{path}.states", entry.states, STATES)
    yield from _known(f"{path}.match", entry.match, entry.fields)
    yield from _known(f"{path}.subject", [entry.subject] if entry.subject else [], entry.fields)
    if entry.one_per:
        yield from _known(f"{path}.one_per.fields", entry.one_per.fields, entry.fields)
        yield from _known(f"{path}.one_per.while", entry.one_per.states, STATES)
    for event, recorders in entry.events.items():
        yield from _titled_word(regime, f"{path}.events.{event}", event)
        for who in recorders:
            yield from _who(regime, f"{path}.events.{event}", who)


def _field(regime: Regime, path: str, field: Field, entry: RecordClass) -> Iterator[Problem]:
    yield from _titled(path, field)
    yield from _known(f"{path}.level", [field.level], regime.levels)
    yield from _known(f"{path}.list", [field.list] if field.list else [], regime.lists)
    yield from _known(f"{path}.region", [field.region] if field.region else [], entry.fields)
    if field.facet and field.type not in FACETS:
        yield path, f"a facet is one of {', '.join(FACETS)}"
    if field.facet and field.level in regime.levels and regime.levels[field.level].rank > 1:
        yield path, "a facet is stored in clear, so its level must be the lowest"


def _titled(path: str, entry: Any) -> Iterator[Problem]:
    if not (entry.en and entry.zh):
        yield path, f"{entry.name!r} has no title in English and Chinese, here or in terms"


def _titled_word(regime: Regime, path: str, word: str) -> Iterator[Problem]:
    if word not in regime.terms:
        yield path, f"{word!r} has no title in terms"


def _rule(regime: Regime, path: str, rule: Rule) -> Iterator[Problem]:
    yield from _known(f"{path}.of", rule.of, regime.all_classes)
    yield from _when(regime, f"{path}.when", rule.when)
    for number, step in enumerate(rule.chain or ()):
        yield from _who(regime, f"{path}.chain.{number}", step.who)
    for tell in rule.tell:
        yield from _who(regime, f"{path}.tell", tell.who)
    if rule.refuse:
        yield from _titled_word(regime, f"{path}.refuse", rule.refuse)
    for proof in rule.needs:
        if "document" in proof:
            yield from _titled_word(regime, f"{path}.needs", proof["document"])


def _duties(regime: Regime) -> Iterator[Problem]:
    for name, duty in regime.duties.items():
        path = f"duties.{name}"
        yield from _known(
            f"{path}.missed.violation",
            [duty.missed["violation"]] if "violation" in duty.missed else [],
            regime.violations,
        )
        yield from _who(regime, f"{path}.owner", duty.owner)
        yield from _when(regime, f"{path}.when", duty.when)
        yield from _known(f"{path}.of", duty.of, regime.all_classes)
        if isinstance(duty.opens, str):
            yield from _event(regime, f"{path}.opens", duty.opens)
        elif duty.opens.each:
            yield from _known(f"{path}.opens.each", [duty.opens.each], {*regime.all_classes, "room", "person"})
        if duty.done:
            yield from _event(regime, f"{path}.done", duty.done)
    for name, schedule in regime.schedules.items():
        if schedule.words.since:
            yield from _event(regime, f"schedules.{name}.from", schedule.words.since)
        elif schedule.then != "keep":
            yield f"schedules.{name}", "says no event to count from"


CUSTODY_EVENTS = (
    "loan.made",
    "loan.returned",
    "loan.overdue",
    "loan.lost",
    "hold.placed",
    "hold.released",
    "record.created",
    "record.activated",
    "record.changed",
    "disposal.executed",
)


def _event(regime: Regime, path: str, event: str) -> Iterator[Problem]:
    """An event is one a class declares, `record.` meaning any class, or one of custody's own."""
    about, _, name = event.rpartition(".")
    declared = {
        one
        for entry in regime.all_classes.values()
        if about in ("record", entry.name, *entry.lineage)
        for one in entry.events
    }
    if event not in CUSTODY_EVENTS and name not in declared and name not in ("created", "activated", "changed"):
        yield path, f"no class declares the event {event!r}"


def _supervision(regime: Regime) -> Iterator[Problem]:
    for name, violation in regime.violations.items():
        yield from _known(f"violations.{name}.tariff", [violation.tariff], regime.tariffs)
        yield from _who(regime, f"violations.{name}.offender", violation.offender)
    for name, tariff in regime.tariffs.items():
        yield from _who(regime, f"tariffs.{name}.decided_by", tariff.decided_by)
        yield from _known(f"tariffs.{name}.doubles", tariff.doubles, regime.roles)


def _who(regime: Regime, path: str, who: dict[str, Any]) -> Iterator[Problem]:
    for one in who.get("any_of", who.get("all_of", ())):
        yield from _who(regime, path, one)
    if "role" in who:
        yield from _known(path, [who["role"]], regime.roles)


def _when(regime: Regime, path: str, when: list[dict[str, Any]]) -> Iterator[Problem]:
    """Outside records a condition reads only what events may carry, and only values that exist."""
    values: dict[str, Any] = {
        "record.state": STATES,
        "record.class": regime.all_classes,
        "record.level": regime.levels,
        "request.kind": KINDS,
    }
    for alternative in when:
        for name, test in alternative.items():
            group, _, word = name.partition(".")
            if group not in GROUPS or (group == "record" and word not in ENVELOPE):
                yield (
                    f"{path}.{name}",
                    "a condition here reads record, applicant, request, event, item, offender or setting",
                )
            elif group == "setting":
                yield from _known(f"{path}.{name}", [word], regime.settings)
            wanted = next(iter(test.values())) if isinstance(test, dict) else test
            if name in values:
                yield from _known(f"{path}.{name}", wanted if isinstance(wanted, list) else [wanted], values[name])
