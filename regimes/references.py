"""Cross-references: every name a regime uses must be one it knows; a misspelt name would silently never match."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from regimes import class_references, scheme_references, signers
from regimes.dates import period
from regimes.model import Titled
from regimes.naming import Problem, known, needs, outside, titled, titled_word, who
from regimes.process import Rule

if TYPE_CHECKING:
    from regimes.regime import Regime


def problems(regime: Regime) -> Iterator[Problem]:
    """Every reference that leads nowhere, with its path."""
    for name, entry in regime.all_classes.items():
        yield from class_references.problems(regime, f"classes.{name}", entry)
    yield from scheme_references.problems(regime)
    for name, purpose in regime.purposes.items():
        yield from known(f"purposes.{name}.parts", purpose.parts, _parts(regime))
    for name, right in regime.rights.items():
        path = f"rights.{name}"
        yield from known(f"{path}.of", right.of, regime.all_classes)
        yield from known(f"{path}.up_to", [right.up_to] if right.up_to else [], regime.levels)
        yield from known(f"{path}.purposes", right.purposes, regime.purposes)
        yield from known(f"{path}.parts", right.parts, _parts(regime))
        yield from who(regime, f"{path}.who", right.who)
        yield from outside(regime, f"{path}.when", right.when, right.of)
        yield from needs(regime, f"{path}.needs", right.needs)
    for kind, entry_of_kind in regime.requests.items():
        for name, rule in entry_of_kind.rules.items():
            yield from _rule(regime, f"requests.{kind}.rules.{name}", rule)
    yield from signers.problems(regime)
    yield from _duties(regime)
    yield from _supervision(regime)
    yield from known("destruction.of", regime.destruction.of, regime.all_classes)
    yield from _log(regime)
    yield from _titles(regime)


MOST_BEHIND = 3600  # seconds; a ledger that may be behind for longer is one that nobody has to wait for


def _log(regime: Regime) -> Iterator[Problem]:
    """No organisation says that its reads need not be in the log."""
    lag = period(regime.log.lag)
    if lag.months or lag.days or lag.workdays or not 0 < lag.seconds <= MOST_BEHIND:
        yield "system.log.lag", "from PT1S to PT1H: reads stop when the log does not follow"


def _titles(regime: Regime) -> Iterator[Problem]:
    """Everything else that people are shown."""
    sections = ("levels", "roles", "purposes", "settings", "duties", "schedules", "violations", "tariffs")
    for section in sections:
        for name, entry in getattr(regime, section).items():
            yield from titled(f"{section}.{name}", entry)
    for section in ("terms", "bodies", "notices"):
        for name, title in getattr(regime, section).items():
            yield from titled(f"{section}.{name}", Titled(name, title.get("en", ""), title.get("zh", "")))
    for list_name, values in regime.lists.items():
        for value in values.values():
            yield from titled(f"lists.{list_name}.{value.name}", value)


def _parts(regime: Regime) -> set[str]:
    return {part for entry in regime.all_classes.values() for part in entry.parts}


def _rule(regime: Regime, path: str, rule: Rule) -> Iterator[Problem]:
    yield from known(f"{path}.of", rule.of, regime.all_classes)
    yield from outside(regime, f"{path}.when", rule.when, rule.of)
    for number, step in enumerate(rule.chain or ()):
        yield from who(regime, f"{path}.chain.{number}", step.who)
    for tell in rule.tell:
        yield from who(regime, f"{path}.tell", tell.who)
    if rule.refuse:
        yield from titled_word(regime, f"{path}.refuse", rule.refuse)
    yield from needs(regime, f"{path}.needs", rule.needs)


def _duties(regime: Regime) -> Iterator[Problem]:
    for name, duty in regime.duties.items():
        path = f"duties.{name}"
        yield from known(
            f"{path}.missed.violation",
            [duty.missed["violation"]] if "violation" in duty.missed else [],
            regime.violations,
        )
        yield from who(regime, f"{path}.owner", duty.owner)
        yield from outside(regime, f"{path}.when", duty.when, duty.of)
        yield from needs(regime, f"{path}.needs", duty.needs)
        yield from known(f"{path}.of", duty.of, regime.all_classes)
        if isinstance(duty.opens, str):
            yield from _event(regime, f"{path}.opens", duty.opens)
        elif duty.opens.each:
            yield from known(f"{path}.opens.each", [duty.opens.each], {*regime.all_classes, "room", "person"})
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
OCCASIONS = ("use.refused",)  # what proposes a violation by itself; the rest are proposed by the duty that was missed
OWN_EVENTS = ("created", "activated", "changed", "labelled", "collected")  # of every class, unsaid
FORM_EVENTS = ("valid",)  # of every register: everybody who has to sign has signed


def _event(regime: Regime, path: str, event: str) -> Iterator[Problem]:
    """An event is one a class declares, `record.` meaning any class, or one of custody's own."""
    about, _, name = event.rpartition(".")
    declared = {
        declared_event
        for entry in regime.all_classes.values()
        if about in ("record", entry.name, *entry.lineage)
        for declared_event in entry.events
    }
    form = regime.all_classes.get(about)
    own = (*OWN_EVENTS, *FORM_EVENTS) if form and form.kind == "register" else OWN_EVENTS
    if event not in CUSTODY_EVENTS and name not in declared and name not in own:
        yield path, f"no class declares the event {event!r}"


def _supervision(regime: Regime) -> Iterator[Problem]:
    for name, violation in regime.violations.items():
        yield from known(f"violations.{name}.tariff", [violation.tariff], regime.tariffs)
        yield from who(regime, f"violations.{name}.offender", violation.offender)
        yield from known(f"violations.{name}.opens", [violation.opens] if violation.opens else [], OCCASIONS)
    for name, tariff in regime.tariffs.items():
        yield from who(regime, f"tariffs.{name}.decided_by", tariff.decided_by)
        yield from known(f"tariffs.{name}.doubles", tariff.doubles, regime.roles)
