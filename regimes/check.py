"""Check a regime with its organisation: examples, actions without a rule, dead ends, chains one person finishes."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.errors import Forbidden
from regimes import examples

if TYPE_CHECKING:
    from regimes.model import RecordClass
    from regimes.people import Organisation, ResolvedStep
    from regimes.process import Rule
    from regimes.regime import Regime

# Kinds without which a class of records cannot be lived with.
NECESSARY = ("create", "view", "destroy")
# What staff may do without anybody deciding, because a version or a review keeps it.
FREE = ("create", "change")


@dataclass(frozen=True)
class Finding:
    """`grade` error refuses the regime; warning wants a look; note is for information."""

    grade: str
    code: str
    where: str
    detail: str


def run(regime: Regime, organisation: Organisation | None = None) -> list[Finding]:
    """Everything the linter has to say, errors first."""
    found = [*_examples(regime), *_rules(regime)]
    if organisation is not None:
        found += [*_places(regime, organisation), *_unheld(regime, organisation), *_simulated(regime, organisation)]
    return sorted(found, key=lambda one: (("error", "warning", "note").index(one.grade), one.code, one.where))


def refused(findings: list[Finding]) -> bool:
    """Whether the regime may not be published."""
    return any(one.grade == "error" for one in findings)


def _examples(regime: Regime) -> Iterator[Finding]:
    for where, detail in examples.failures(regime):
        yield Finding("error", "example.failed", where, detail)
    covered = examples.covered(regime)
    for where in _nameable(regime):
        if where not in covered:
            yield Finding(
                "error" if where.startswith("requests.") else "warning", "rule.no_example", where, "no example needs it"
            )


def _nameable(regime: Regime) -> Iterator[str]:
    for kind, entry in regime.requests.items():
        yield from (f"requests.{kind}.rules.{name}" for name in entry.rules)
    for section in ("duties", "schedules", "violations"):
        yield from (f"{section}.{name}" for name in getattr(regime, section))


def _rules(regime: Regime) -> Iterator[Finding]:
    """Actions without a rule, and rules by which the applicant alone gets what he asks for."""
    for name, entry in regime.classes.items():
        # A form comes in by right, is signed, and leaves with what it is about.
        for kind in NECESSARY if entry.kind == "dossier" else ():
            if not any(_about(rule, entry) for rule in _of_kind(regime, kind)):
                yield Finding("error", "action.no_rule", f"requests.{kind}", f"{name} has no rule for {kind}")
        for part in entry.parts.values() if entry.kind == "dossier" else ():
            if not _can_change(regime, entry, part.change):
                yield Finding(
                    "error", "action.no_rule", "requests.change", f"{name}.{part.name}: no rule for {part.change}"
                )
    yield from _forms(regime)
    for kind in regime.requests:
        for rule in _of_kind(regime, kind):
            if rule.chain == () and kind not in FREE:
                yield Finding(
                    "error", "chain.alone", f"requests.{kind}.rules.{rule.name}", "the applicant decides alone"
                )


def _forms(regime: Regime) -> Iterator[Finding]:
    """Registers that nobody may fill in, or nobody may read: a form comes in by right alone."""
    for name, entry in regime.classes.items():
        for act in ("create", "view") if entry.kind == "register" else ():
            if not any(act in right.may and entry.is_a(right.of) for right in regime.rights.values()):
                yield Finding("error", "action.no_right", f"classes.{name}", f"no right lets anybody {act} {name}")


def _of_kind(regime: Regime, kind: str) -> list[Rule]:
    entry = regime.requests.get(kind)
    return list(entry.rules.values()) if entry else []


def _about(rule: Rule, entry: RecordClass) -> bool:
    return not rule.of or entry.is_a(rule.of)


def _can_change(regime: Regime, entry: RecordClass, mode: str) -> bool:
    try:
        regime.rule("change", {"record": {"class": entry.name}, "request": {"change": mode}})
    except Forbidden as refusal:
        return refusal.code == "rule.refused"
    return True


def _whos(regime: Regime) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in regime.requests:
        for rule in _of_kind(regime, kind):
            for step in rule.chain or ():
                yield f"requests.{kind}.rules.{rule.name}", step.who
    for name, right in regime.rights.items():
        yield f"rights.{name}", right.who
    for name, duty in regime.duties.items():
        yield f"duties.{name}", duty.owner
    for name, tariff in regime.tariffs.items():
        yield f"tariffs.{name}", tariff.decided_by
    for name, view in regime.views.items():
        yield f"views.{name}", view.read
    for name, scheme in regime.schemes.items():
        yield from ((f"schemes.{name}", who) for who in scheme.set_by)
        yield from ((f"schemes.{name}", value.keeper) for value in scheme.values.values() if value.keeper)
    for name, entry in regime.classes.items():
        yield from ((f"classes.{name}", who) for who in _named_in(entry))


def _named_in(entry: RecordClass) -> Iterator[dict[str, Any]]:
    """Who a class relies on: its keeper, who signs its forms, who alone may read or write a part."""
    yield from [entry.keeper] if entry.keeper else []
    yield from entry.signed_by
    for part in entry.parts.values():
        yield from (*part.read, *part.write)


def _single(who: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from who.get("any_of", who.get("all_of", [who]))


def _places(regime: Regime, organisation: Organisation) -> Iterator[Finding]:
    """Departments and bodies that are named and do not exist."""
    known = {*organisation.departments, *organisation.bodies, "applicant", "record", "offender", None}
    for name, entry in regime.classes.items():
        for place in {entry.department, *entry.collect.by, *(part.department for part in entry.parts.values())} - known:
            yield Finding("error", "place.unknown", f"classes.{name}", f"the organisation has no {place}")
    for where, who in _whos(regime):
        for one in _single(who):
            if one.get("in") not in known:
                yield Finding("error", "place.unknown", where, f"the organisation has no {one['in']}")


def _unheld(regime: Regime, organisation: Organisation) -> Iterator[Finding]:
    for where, who in _whos(regime):
        for one in _single(who):
            within = one.get("in") if one.get("in") not in ("applicant", "record", "offender") else None
            if "role" in one and one["role"] != "member" and not organisation.holders(one["role"], within):
                yield Finding(
                    "error", "role.unheld", where, f"nobody is {one['role']}" + (f" in {within}" if within else "")
                )


def _simulated(regime: Regime, organisation: Organisation) -> Iterator[Finding]:
    """Raise every rule's case for every person and department, and look who would decide."""
    stuck: dict[tuple[str, str], set[str]] = defaultdict(set)
    alone: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, case in _cases(regime, organisation):
        where = (f"requests.{kind}", case["record"]["class"])
        person = case["applicant"]["person"]
        try:
            ruling = regime.rule(kind, case)
            chain = organisation.chain(ruling, case)
        except Forbidden as refusal:
            if refusal.code == "approvals.no_decider":
                stuck[where].add(person)
            continue
        if len(ruling.chain) > 1 and finishes_alone(chain):
            alone[where].add(person)
    yield from (
        Finding("warning", "chain.dead_end", where, f"{name}: nobody could decide for {', '.join(sorted(people))}")
        for (where, name), people in stuck.items()
    )
    yield from (
        Finding(
            "warning",
            "chain.one_person",
            where,
            f"{name}: one person decides every step for {', '.join(sorted(people))}",
        )
        for (where, name), people in alone.items()
    )


def finishes_alone(chain: list[ResolvedStep]) -> bool:
    """Whether one and the same person could decide every step."""
    groups = [group for step in chain for group in step.groups]
    joint = any(len(step.groups) > 1 for step in chain)
    if not groups or joint or any(group.of > 1 for group in groups):
        return False
    return bool(frozenset.intersection(*(frozenset(group.people) for group in groups)))


def _cases(regime: Regime, organisation: Organisation) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, entry in regime.classes.items():
        for kind in regime.requests:
            for rule in _of_kind(regime, kind):
                if rule.refuse is None and _about(rule, entry):
                    for department in _departments(regime, entry):
                        for person in organisation.people.values():
                            yield kind, _case(rule, name, department, person)


def _departments(regime: Regime, entry: RecordClass) -> set[str]:
    """Which departments such a record may belong to; a form belongs to that of the record it is about."""
    about = [
        one for one in regime.classes.values() if entry.about and one.kind == "dossier" and one.is_a((entry.about,))
    ]
    own = {entry.department, *entry.collect.by} - {None}
    return {str(name) for name in own} or {name for one in about for name in _departments(regime, one)} or {""}


def _case(rule: Rule, name: str, department: str, person: Any) -> dict[str, Any]:
    """The plainest case the rule is about."""
    record = {"class": name, "department": department, "state": "active", "keeper": None, "creator": person.name}
    found: dict[str, Any] = {
        "record": record,
        "applicant": {"person": person.name, "department": person.department},
        "request": {},
    }
    for path, test in (rule.when[0] if rule.when else {}).items():
        group, _, word = path.partition(".")
        if not isinstance(test, dict) and group != "applicant":
            found.setdefault(group, {})[word] = test[0] if isinstance(test, list) else test
    return found


def main(arguments: list[str]) -> int:
    """python -m regimes.check NAME [FOLDER [ORGANISATION_FILE]]"""
    from regimes import load, organisation

    regime = load(arguments[0], *arguments[1:2])
    people = organisation.load(Path(arguments[2])) if len(arguments) > 2 else None
    findings = run(regime, people)
    for one in findings:
        print(f"{one.grade:8}{one.code:18}{one.where}: {one.detail}")
    print(f"{regime.name} {regime.digest[:12]}: {len(regime.examples)} examples, {len(findings)} findings")
    return int(refused(findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
