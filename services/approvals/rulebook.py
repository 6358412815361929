"""What regime and organisation say about a request: rules, people, proofs, and how long a grant lasts. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import regimes
from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid
from regimes import dates, rights
from regimes.conditions import measured
from regimes.envelopes import completed
from regimes.model import Right
from regimes.people import Person
from regimes.process import GrantTerms
from regimes.process import Step as Asked
from regimes.rules import Ruling
from services.approvals.chain import Seat, Step, in_order, joined
from services.approvals.model import Ruled
from services.approvals.people.model import StandIn
from services.approvals.people.organisation import Staff, staff_of

Envelope = dict[str, Any]
# How long a grant lasts where no rule says. A destruction list still has to be witnessed and to cool off.
LONGEST_WITHOUT_TERMS = {"destroy": "P90D"}
ELSE = "P1D"
RIGHT_LASTS = "P1Y"


@lru_cache(maxsize=8)
def rulebook_of(regime: str, organisation: str) -> Rulebook:
    """The rulebook of two texts."""
    return Rulebook(regimes.parse(regime), staff_of(organisation))


@dataclass(frozen=True)
class Rulebook:
    """One regime and the people it is about."""

    regime: regimes.Regime
    staff: Staff

    def today(self, at: datetime) -> date:
        """The civil date of an instant here."""
        return at.astimezone(ZoneInfo(self.regime.timezone)).date()

    def acting(self, person: str | None, at: datetime) -> tuple[StandIn, ...]:
        """Whom this person stands in for on the day of this instant."""
        return self.staff.acting(person, self.today(at))

    def identity(self, person: str, at: datetime) -> dict[str, Any]:
        """What an assertion says of a person; Forbidden when he is no longer here."""
        known = self.staff.organisation.people.get(person)
        if known is None:
            raise Forbidden("session.ended", "this person is no longer in the organisation")
        return {
            "person": person,
            "department": known.department,
            "roles": sorted(self.staff.roles_of(person, self.today(at))),
        }

    def people(self, department: str | None, after: str) -> list[Person]:
        """People behind a name, in order of name; those of one department if it is named."""
        known = self.staff.organisation.people
        return [known[name] for name in sorted(known) if name > after and department in (None, known[name].department)]

    def rights_of(self, actor: Actor) -> list[dict[str, Any]]:
        """Rights the caller holds whatever the record; those that hang on a record are explained with it."""
        shut = rights.LOOKING if rights.reads_nothing(self.regime, actor) else ()
        held = [right for right in self.regime.rights.values() if rights.is_one(right.who, actor, {})]
        shown = [_right(one, [act for act in one.may if act not in shut]) for one in held]
        return [one for one in shown if one["may"]]

    def applicant(self, person: str) -> Actor:
        """A person as an applicant, where no call of his is at hand."""
        known = self.staff.organisation.people.get(person)
        return Actor(person, department=known.department if known else None)

    def rule(self, kind: str, envelopes: Iterable[Envelope], applicant: Actor, facts: dict[str, Any]) -> Ruled:
        """What all these records together need: chains, needs and tells add up, the tightest grant holds."""
        who = {"person": applicant.person, "department": applicant.department}
        ruled = [self._rule_one(kind, envelope, who, facts) for envelope in _distinct(envelopes)]
        return replace(
            ruled[0],
            rules=tuple(_distinct(name for one in ruled for name in one.rules)),
            steps=in_order(_distinct(step for one in ruled for step in one.steps)),
            needs=tuple(_distinct(need for one in ruled for need in one.needs)),
            tells=tuple(_distinct(tell for one in ruled for tell in one.tells)),
            grant=tightest([one.grant for one in ruled if one.grant]),
        )

    def release(self, envelope: Envelope, applicant: Actor) -> Ruled:
        """Who releases an import: whom the class names for it, else whoever reviews one record of it."""
        who = {"person": applicant.person, "department": applicant.department}
        releases = self.regime.classes[envelope["class"]].collect.signed_by
        reviewed = self._rule_one("create", envelope, who, {"channel": "import"})
        if not releases:
            return reviewed
        case = {"record": envelope, "applicant": who, "request": {"kind": "create"}}
        return replace(reviewed, steps=in_order(self._step(Asked(one), case) for one in releases))

    def withdrawal(self, envelope: Envelope, applicant: Actor) -> Ruled:
        """Who lets a released import go: who would release it. What its rows needed is not asked for again."""
        return replace(self.release(envelope, applicant), needs=(), grant=None, tells=())

    def purpose(self, name: str | None, classes: Iterable[str], fields: tuple[str, ...] | None) -> None:
        """Refuse a purpose that is none of the regime's, and fields that are not there or not for it."""
        if name not in self.regime.purposes:
            raise wrong("/purpose", "purpose.unknown", f"one of: {', '.join(sorted(self.regime.purposes))}")
        for cls in sorted(set(classes)):
            known, parts = self.regime.classes[cls].fields, self.regime.parts_for(name, cls)
            for number, path in enumerate(fields or ()):
                if path not in known and path not in self.regime.classes[cls].parts:
                    raise wrong(f"/fields/{number}", "field.unknown", f"{cls} has no such part or field")
                if path.partition(".")[0] not in parts:
                    raise wrong(f"/fields/{number}", "purpose.scope", f"this part is not for the purpose {name}")

    def kind(self, name: str) -> None:
        """Refuse a kind that the regime does not know."""
        if name not in self.regime.requests:
            raise wrong("/kind", "kind.unknown", f"one of: {', '.join(sorted(self.regime.requests))}")

    def cls(self, name: str | None) -> str:
        """A class of the regime, or Invalid."""
        if name not in self.regime.classes:
            raise wrong("/class", "class.unknown", f"one of: {', '.join(sorted(self.regime.classes))}")
        return str(name)

    def end(self, kind: str, terms: dict[str, Any] | None, asked: str | None, at: datetime) -> datetime:
        """When a grant approved at this instant ends: as the rule says, or sooner if less was asked for."""
        # A right lasts as long as was asked for; putting it into effect has a time of its own.
        wanted = None if kind == "permit" else asked
        spans = [span for span in ((terms or {}).get("for"), wanted) if span]
        try:
            return min(self._after(span, at) for span in spans or [LONGEST_WITHOUT_TERMS.get(kind, ELSE)])
        except (ValueError, OverflowError):
            raise wrong("/period", "period.invalid", "write a period like P3D, P1M or P5B") from None

    def right_ends(self, asked: str | None, at: datetime) -> datetime:
        """When a right that was put into effect at this instant ends: after the period that was asked for."""
        return self._after(asked or RIGHT_LASTS, at)

    def _after(self, span: str, at: datetime) -> datetime:
        """An instant plus a period. Working days and P0D last until their day is over."""
        local = at.astimezone(ZoneInfo(self.regime.timezone))
        later = dates.add(local, span, self.regime.calendar)
        counted = dates.period(span)
        whole_days = counted.workdays or later == local
        if whole_days:
            later = datetime.combine(later.date() + timedelta(days=1), time(), local.tzinfo)  # type: ignore[attr-defined]
        return later.astimezone(UTC)  # type: ignore[attr-defined]

    def _rule_one(self, kind: str, envelope: Envelope, who: dict[str, Any], facts: dict[str, Any]) -> Ruled:
        case = {"record": completed(self.regime, envelope), "applicant": who, "request": {**facts, "kind": kind}}
        ruling: Ruling = self.regime.rule(kind, case)
        rules = self.regime.requests[kind].rules
        return Ruled(
            regime=self.regime.digest,
            rules=tuple(f"{kind}.{name}" for name in ruling.rules),
            steps=joined([self._step(step, case) for step in rules[name].chain or ()] for name in ruling.rules),
            needs=tuple(dict(need) for need in ruling.needs),
            grant=self._terms(ruling.grant, case),
            tells=tuple(_plain(asdict(tell)) for tell in ruling.tells),
        )

    def _step(self, asked: Asked, case: dict[str, Any]) -> Step:
        """A step with its people, without stand-ins: those are looked up on the day somebody decides."""
        [resolved] = self.staff.organisation.chain(_only(asked), case)
        roles = frozenset(_roles(asked.who))
        seats = tuple(Seat(frozenset(group.people), roles) for group in resolved.groups for _ in range(group.of))
        return Step(seats, resolved.act)

    def _terms(self, terms: GrantTerms, case: dict[str, Any]) -> dict[str, Any]:
        """A grant's terms with people instead of roles. What cannot be kept is refused, never left out."""
        if terms.until:
            raise Forbidden("grant.terms_unknown", "grants that an event ends are not issued yet")
        kept = {"for": terms.lasts, "once": terms.once, "place": terms.place, "renewals": terms.renewals}
        people = {"to": terms.to, "opened_by": terms.opened_by}
        named = {name: sorted(self._holders(who, case)) for name, who in people.items() if who}
        return {name: value for name, value in (kept | named).items() if value}

    def _holders(self, who: dict[str, Any], case: dict[str, Any]) -> frozenset[str]:
        # The holder acts, he does not decide: the applicant himself may be one.
        return self.staff.organisation.deciders(who, {**case, "applicant": {}, "request": {}})


def tightest(grants: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Of several terms what none of them objects to."""
    if not grants:
        return None
    said = {name: value for grant in reversed(grants) for name, value in grant.items()}
    for name in ("place", "to", "opened_by"):
        if len({str(grant[name]) for grant in grants if name in grant}) > 1:
            raise Forbidden("grant.terms_differ", f"these records need grants of different {name}; ask one by one")
    spans = [grant["for"] for grant in grants if "for" in grant]
    return {**said, **({"for": min(spans, key=measured)} if spans else {})}


def _right(right: Right, may: list[str]) -> dict[str, Any]:
    names = {"right": right.name, "en": right.en or right.name, "zh": right.zh or right.name}
    return {**names, "may": may, "of": list(right.of), "up_to": right.up_to}


def _only(step: Asked) -> Ruling:
    return Ruling("", (), (step,), (), GrantTerms(), ())


def _roles(who: Any) -> Iterable[str]:
    """Every role that a who-expression names."""
    for inner in (*who.get("any_of", ()), *who.get("all_of", ())):
        yield from _roles(inner)
    if "role" in who:
        yield who["role"]


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    return {name: inner for name, inner in value.items() if inner is not None}


def _distinct(values: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept


def wrong(pointer: str, code: str, detail: str) -> Invalid:
    """A refusal of form at one place of the input."""
    return Invalid(code, detail, {"errors": [{"pointer": pointer, "code": code, "detail": detail}]})
