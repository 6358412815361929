"""People: who holds what in the organisation, and who decides a step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chassis.errors import Forbidden

if TYPE_CHECKING:
    from regimes.process import Step
    from regimes.rules import Ruling

EVERYONE = "employee"
Case = dict[str, Any]


@dataclass(frozen=True)
class Person:
    name: str
    en: str = ""
    zh: str = ""
    department: str | None = None
    superior: str | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Body:
    """People who decide together, without records of their own."""

    name: str
    members: tuple[str, ...] = ()
    head: str | None = None


@dataclass(frozen=True)
class Delegation:
    """Somebody stands in for another, in some roles, from the first to the last day."""

    giver: str
    receiver: str
    roles: tuple[str, ...]
    first: str
    last: str

    def counts(self, role: str, on: str | None) -> bool:
        return on is not None and role in self.roles and self.first <= on <= self.last


@dataclass(frozen=True)
class Group:
    """`of` of these people must agree."""

    people: tuple[str, ...]
    of: int = 1


@dataclass(frozen=True)
class ResolvedStep:
    """A step with its people; every group must agree, each by different people."""

    act: str
    groups: tuple[Group, ...]
    due: Any = None

    @property
    def people(self) -> frozenset[str]:
        return frozenset(person for group in self.groups for person in group.people)


def applicant_class(applicant: dict[str, Any], envelope: dict[str, Any]) -> str:
    """How the applicant stands to the record; outsiders bring their class with them."""
    if applicant.get("person") and applicant.get("person") == envelope.get("responsible"):
        return "responsible"
    same = applicant.get("department") and applicant.get("department") == envelope.get("department")
    return "own_department" if same else "other_department"


@dataclass
class Organisation:
    """The people of one organisation and what they hold."""

    people: dict[str, Person] = field(default_factory=dict)
    departments: dict[str, dict[str, str]] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    delegations: tuple[Delegation, ...] = ()
    regime: str = ""

    @property
    def roles(self) -> dict[str, frozenset[str]]:
        """Every role that somebody holds, with its holders."""
        held = {role for person in self.people.values() for role in person.roles}
        return {role: self.holders(role) for role in sorted(held | {EVERYONE})}

    def holders(self, role: str, within: str | None = None, on: str | None = None) -> frozenset[str]:
        """Who holds the role, in the department or body if one is named, stand-ins of the day included."""
        body = self.bodies.get(within or "")
        if body:
            return (
                frozenset(body.members)
                if role == "member"
                else frozenset(filter(None, [body.head] if role == "head" else []))
            )
        holders = {name for name, person in self.people.items() if self._holds(person, role, within)}
        return frozenset(
            holders | {one.receiver for one in self.delegations if one.counts(role, on) and one.giver in holders}
        )

    def _holds(self, person: Person, role: str, within: str | None) -> bool:
        if within is not None and person.department != within:
            return False
        return role == EVERYONE or role in person.roles or (role == "member" and person.department is not None)

    def roles_of(self, person: str, on: str | None = None) -> frozenset[str]:
        """What an actor's assertion carries: roles, `BODY.member`, `BODY.head`, and roles held for another today."""
        found = self.people[person]
        roles = {EVERYONE, *found.roles} | ({"member"} if found.department else set())
        roles |= {f"{body.name}.member" for body in self.bodies.values() if person in body.members}
        roles |= {f"{body.name}.head" for body in self.bodies.values() if person == body.head}
        roles |= {
            role for one in self.delegations if one.receiver == person for role in one.roles if one.counts(role, on)
        }
        return frozenset(roles)

    def superior(self, person: str | None) -> str | None:
        """The person above, or nobody."""
        found = self.people.get(person or "")
        return found.superior if found else None

    # ------------------------------------------------------------------ who decides

    def deciders(self, step: Step | dict[str, Any], case: Case) -> frozenset[str]:
        """Everybody who may decide the step, after what falls to the applicant went to the superior."""
        return self._step(step, case).people

    def chain(self, ruling: Ruling, case: Case) -> list[ResolvedStep]:
        """The steps with their people; steps that come out as one person are one. Nobody to decide = refused."""
        case = {**case, "request": {**(case.get("request") or {}), "kind": ruling.kind}}
        steps: list[ResolvedStep] = []
        alone: set[str] = set()
        for step in ruling.chain:
            resolved = self._step(step, case)
            groups = tuple(group for group in resolved.groups if not self._settled(group, alone))
            alone |= {group.people[0] for group in groups if len(group.people) == 1}
            if groups:
                steps.append(ResolvedStep(resolved.act, groups, resolved.due))
        return steps

    @staticmethod
    def _settled(group: Group, alone: set[str]) -> bool:
        return len(group.people) == 1 and group.people[0] in alone

    def _step(self, step: Step | dict[str, Any], case: Case) -> ResolvedStep:
        who = step if isinstance(step, dict) else step.who
        groups = tuple(self._group(one, case) for one in (who["all_of"] if "all_of" in who else [who]))
        _enough(groups, who)
        return ResolvedStep(getattr(step, "act", "approve"), groups, getattr(step, "due", None))

    def _group(self, who: dict[str, Any], case: Case) -> Group:
        quorum = int(who.get("quorum", 1))
        out = self._excluded(case)
        found = self._found(who, case) - out
        if len(found) < quorum:
            found |= self._superiors(self._found(who, case) & out, case) - out
        if len(found) < quorum:
            raise Forbidden("approvals.no_decider", "nobody could decide this request", {"who": _spoken(who)})
        return Group(tuple(sorted(found)), quorum)

    def _superiors(self, fallen: Iterable[str], case: Case) -> frozenset[str]:
        """The superior of the applicant a step fell to, past superiors who are themselves kept out."""
        above = set()
        for person in fallen:
            upper = self.superior(person)
            while upper in self._excluded(case) and upper != person:
                upper = self.superior(upper)
            above |= {upper} if upper else set()
        return frozenset(above)

    def _excluded(self, case: Case) -> frozenset[str]:
        """Who may not decide: the applicant, a host, the creator under review, and the offender."""
        applicant = case.get("applicant") or {}
        out = {applicant.get("person"), applicant.get("host"), (case.get("offender") or {}).get("person")}
        if (case.get("request") or {}).get("kind") == "create":
            out.add((case.get("record") or {}).get("creator"))
        return frozenset(name for name in out if name)

    def _found(self, who: dict[str, Any], case: Case) -> frozenset[str]:
        if "any_of" in who:
            return frozenset().union(*(self._found(one, case) for one in who["any_of"]))
        if "superior" in who:
            return frozenset(filter(None, [self.superior(self._person(who["superior"], case))]))
        if "person" in who:
            return self._named(self._person(who["person"], case), case)
        return self._role(who["role"], who.get("in"), case)

    def _named(self, value: Any, case: Case) -> frozenset[str]:
        """A person by name, or by the role or who that stands in for a name (a class's keeper)."""
        if isinstance(value, dict):
            return self._found(value, case)
        if value in self.people:
            return frozenset([value])
        return self.holders(value, on=case.get("on")) if value else frozenset()

    @staticmethod
    def _person(word: str, case: Case) -> Any:
        if word == "applicant":
            return (case.get("applicant") or {}).get("person")
        for place in ("record", "request", "event", "offender"):
            value = (case.get(place) or {}).get("person" if word == place else word)
            if value:
                return value
        return None

    def _role(self, role: str, within: str | None, case: Case) -> frozenset[str]:
        if within not in ("applicant", "record", "offender"):
            return self._without_stand_ins_of_excluded(role, within, case)
        place = (case.get(within) or {}).get("department")
        holders = self._without_stand_ins_of_excluded(role, place, case) if place else frozenset()
        if not holders and within == "applicant":
            # Executives belong to no department: the step falls through to the superior.
            applicant = case.get("applicant") or {}
            return frozenset(filter(None, [self.superior(applicant.get("person") or applicant.get("host"))]))
        return holders

    def _without_stand_ins_of_excluded(self, role: str, within: str | None, case: Case) -> frozenset[str]:
        """Duties are kept apart through delegation too: a stand-in of the applicant is the applicant."""
        holders = self.holders(role, within, case.get("on"))
        own = self.holders(role, within)
        out = self._excluded(case)
        acting = {one.receiver for one in self.delegations if one.counts(role, case.get("on")) and one.giver in out}
        return holders - (acting - own)


def _enough(groups: tuple[Group, ...], who: dict[str, Any]) -> None:
    """Joint steps need different people: each group must find its own."""
    for group in groups:
        others = {
            person
            for other in groups
            if other is not group and len(other.people) == other.of
            for person in other.people
        }
        if len(set(group.people) - others) < group.of:
            raise Forbidden("approvals.no_decider", "too few different people for a joint step", {"who": _spoken(who)})


def _spoken(who: dict[str, Any]) -> str:
    word, value = next(iter(who.items()))
    inside = " or ".join(_spoken(one) for one in value) if isinstance(value, list) else str(value)
    return f"{word} {inside}" + (f" in {who['in']}" if "in" in who else "")
