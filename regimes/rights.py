"""Standing rights, and the answer for every field of a record: clear, masked or withheld, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regimes import rules
from regimes.conditions import holds
from regimes.model import Field, Right

if TYPE_CHECKING:
    from regimes.regime import Regime

# What a role with `reads: none` never does, whatever right it holds beside.
LOOKING = ("view", "change", "export")
# What waits at its owner is decided there and then: these requests open by themselves, and nobody raises one.
OPENED_BY_EVENTS = frozenset(
    {"change", "correct_original", "destroy", "downgrade", "end", "reactivate", "merge", "erase", "withdraw"}
)


@dataclass(frozen=True)
class Answer:
    """What a reader gets of one field: `shown` is clear, masked or withheld; `lift` = the request to raise."""

    shown: str
    reason: str | None = None
    lift: str | None = None


def is_one(who: dict[str, Any], actor: Any, envelope: dict[str, Any]) -> bool:
    """Whether the actor is among those the expression names, told from the assertion alone."""
    if "any_of" in who:
        return any(is_one(one, actor, envelope) for one in who["any_of"])
    if "person" in who:
        return _is_person(envelope.get(who["person"]), actor, envelope, role_too=who["person"] == "keeper")
    if "role" not in who:
        return False
    role, within = who["role"], who.get("in")
    if within is None:
        return role == "employee" or role in actor.roles
    if within == "record":
        within = envelope.get("department")
    if f"{within}.{role}" in actor.roles:
        return True
    return within is not None and actor.department == within and (role in ("member", "employee") or role in actor.roles)


def _is_person(named: Any, actor: Any, envelope: dict[str, Any], role_too: bool) -> bool:
    # Only a keeper may be a role: the other names are people's, and must not match a role that is called alike.
    if isinstance(named, dict):
        return is_one(named, actor, envelope)
    return named is not None and (named == actor.person or role_too and named in actor.roles)


def case_of(regime: Regime, actor: Any, envelope: dict[str, Any]) -> dict[str, Any]:
    """The case a person and a record make."""
    return rules.filled_in(regime, {"record": envelope, "applicant": applicant(actor)})


def applicant(actor: Any) -> dict[str, Any]:
    """Whoever asks, as rules read him."""
    return {"person": actor.person, "department": actor.department, "roles": sorted(actor.roles)}


def reads_nothing(regime: Regime, actor: Any) -> bool:
    """Whether one of the actor's roles shuts all customer data."""
    return any(regime.roles[role].reads == "none" for role in actor.roles if role in regime.roles)


def standing(
    regime: Regime, actor: Any, action: str, envelope: dict[str, Any], purpose: str | None = None
) -> list[Right]:
    """The rights the actor holds for this action; none where a rule is asked even of those with a right."""
    if action in LOOKING and reads_nothing(regime, actor):
        return []
    case = case_of(regime, actor, envelope)
    if action == "view" and _apart(regime, envelope) or any(r.always for r in rules.covering(regime, action, case)):
        return []
    return [
        right
        for right in regime.rights.values()
        if action in right.may
        and rules.about(regime, right.of, envelope.get("class"))
        and _for_purpose(regime, right, envelope, purpose)
        and is_one(right.who, actor, case["record"])
        and holds(right.when, case)
    ]


def allowed(
    regime: Regime,
    actor: Any,
    act: str,
    envelope: dict[str, Any] | None = None,
    silent: frozenset[str] = frozenset(),
) -> bool:
    """Whether a right lets the actor do this act of the archives; `silent`: whose it is where no right names it.

    With an envelope: to that record, so a right that is about other classes does not count.
    """
    named = [right for right in regime.rights.values() if act in right.may]
    if not named:
        return bool(actor.roles & silent)
    known = envelope or {}
    here = (right for right in named if "class" not in known or rules.about(regime, right.of, known["class"]))
    return any(is_one(right.who, actor, known) for right in here)


def _apart(regime: Regime, envelope: dict[str, Any]) -> bool:
    """Whether records in this state are filed apart: even those with a right ask before they look (Q-204)."""
    found = regime.all_classes.get(envelope.get("class") or "")
    state = found.states.get(str(envelope.get("state"))) if found else None
    return state is not None and state.apart


def _for_purpose(regime: Regime, right: Right, envelope: dict[str, Any], purpose: str | None) -> bool:
    if purpose is None:
        return True
    collected = regime.all_classes[envelope["class"]].collect.purposes
    return purpose in (right.purposes or collected or regime.purposes)


def lift_for(regime: Regime, action: str, envelope: dict[str, Any], case: dict[str, Any]) -> str | None:
    """The kind of request that could lift a refusal of this action, if somebody can raise one for the class."""
    if action in OPENED_BY_EVENTS:
        return None
    found = rules.covering(regime, action, case)
    return action if found and not any(rule.refuse for rule in found) else None


def lifted(regime: Regime, actor: Any, actions: Iterable[str], envelope: dict[str, Any]) -> dict[str, str | None]:
    """What a refusal names for want of these rights: the first kind of request that somebody can raise, or none."""
    case = case_of(regime, actor, envelope)
    kinds = (lift_for(regime, action, case["record"], case) for action in actions)
    return {"request_kind": next((kind for kind in kinds if kind), None)}


def answers(
    regime: Regime,
    actor: Any,
    envelope: dict[str, Any],
    purpose: str,
    grants: Iterable[dict[str, Any]] = (),
    action: str = "view",
) -> dict[str, Answer]:
    """For every field of the record's class what the actor gets.

    `grants` are the actor's live grants for this record and purpose; the caller has checked person, time and place.
    """
    entry = regime.classes[envelope["class"]]
    if reads_nothing(regime, actor):
        return {path: Answer("withheld", "role.reads_none") for path in entry.fields}
    held = standing(regime, actor, action, envelope, purpose)
    lift = lift_for(regime, action, envelope, case_of(regime, actor, envelope))
    granted = [grant.get("fields") for grant in grants]
    allowed = regime.parts_for(purpose, entry.name) if purpose in regime.purposes else frozenset()
    return {path: _answer(regime, one, held, granted, allowed, lift) for path, one in entry.fields.items()}


def _answer(
    regime: Regime, one: Field, held: list[Right], granted: list[Any], allowed: frozenset[str], lift: str | None
) -> Answer:
    if one.part not in allowed:
        return Answer("withheld", "purpose.scope")
    if any(fields is None or one.path in fields for fields in granted):
        return Answer("clear")
    fitting = [right for right in held if not right.parts or one.part in right.parts]
    if any(reaches(regime, right, one) for right in fitting):
        return Answer("clear")
    if fitting:
        return Answer("masked", "right.missing", lift)
    return Answer("withheld", "right.missing", lift)


def reaches(regime: Regime, right: Right, one: Field) -> bool:
    """Whether the right goes up to the field's level."""
    return right.up_to is None or regime.levels[one.level].rank <= regime.levels[right.up_to].rank
