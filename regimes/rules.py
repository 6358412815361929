"""Rules add up: every rule whose class and conditions fit counts, and a further rule only makes a case stricter."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from chassis.errors import Forbidden
from regimes.conditions import holds, measured
from regimes.envelopes import completed
from regimes.people import applicant_class
from regimes.process import GrantTerms, Kind, Rule, Step, Tell

if TYPE_CHECKING:
    from regimes.regime import Regime


@dataclass(frozen=True)
class Ruling:
    """What one request needs, as the request stores it."""

    kind: str
    rules: tuple[str, ...]
    chain: tuple[Step, ...]
    needs: tuple[dict[str, Any], ...]
    grant: GrantTerms
    tells: tuple[Tell, ...]
    always: bool = False

    def as_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return asdict(self)


def filled_in(regime: Regime, case: dict[str, Any]) -> dict[str, Any]:
    """The case with settings, schemes, keeper and the applicant's class, where the caller left them out."""
    applicant, record = dict(case.get("applicant") or {}), completed(regime, case.get("record") or {})
    applicant.setdefault("class", applicant_class(applicant, record))
    setting = {**regime.setting, **(case.get("setting") or {})}
    return {**case, "applicant": applicant, "setting": setting, **({"record": record} if "record" in case else {})}


def covering(regime: Regime, kind: str, case: dict[str, Any]) -> list[Rule]:
    """The rules of the kind whose class and conditions fit the case."""
    entry = regime.requests.get(kind)
    return [rule for rule in entry.rules.values() if fits(regime, rule, case)] if entry else []


def fits(regime: Regime, rule: Rule, case: dict[str, Any]) -> bool:
    """Whether the rule is about this class and its conditions hold."""
    return about(regime, rule.of, (case.get("record") or {}).get("class")) and holds(rule.when, case)


def about(regime: Regime, of: tuple[str, ...], name: str | None) -> bool:
    """Whether `of` names the class or one it extends; no `of` = every class."""
    if not of:
        return True
    found = regime.all_classes.get(name or "")
    return found.is_a(of) if found else name in of


def ruling(regime: Regime, kind: str, case: dict[str, Any]) -> Ruling:
    """Join every rule that fits; one refusal refuses, and no rule at all refuses."""
    full = filled_in(regime, case)
    found = covering(regime, kind, full)
    name = (full.get("record") or {}).get("class", "")
    facts = {"kind": kind, "class": name}
    for rule in found:
        if rule.refuse:
            raise Forbidden("rule.refused", rule.refuse, {**facts, "rule": rule.name, "reason": rule.refuse})
    if not found:
        raise Forbidden("rule.none", f"no rule lets anybody {kind} {name}", facts)
    return _joined(regime.requests[kind], found)


def _joined(kind: Kind, found: list[Rule]) -> Ruling:
    chain = tuple(step for rule in found for step in rule.chain or ())
    needs = tuple(_distinct([proof for rule in found for proof in rule.needs]))
    tells = tuple(_distinct([tell for rule in found for tell in rule.tell]))
    grants = [over(kind.grant, rule.grant) for rule in found]
    return Ruling(
        kind.name,
        tuple(rule.name for rule in found),
        chain,
        needs,
        tightest(grants),
        tells,
        any(rule.always for rule in found),
    )


def _distinct(values: list[Any]) -> list[Any]:
    return [value for place, value in enumerate(values) if value not in values[:place]]


def over(base: GrantTerms, own: GrantTerms) -> GrantTerms:
    """A rule's own words over its kind's."""
    nothing = GrantTerms()
    said = {field.name: getattr(own, field.name) for field in fields(own)}
    return GrantTerms(
        **{name: getattr(base, name) if value == getattr(nothing, name) else value for name, value in said.items()}
    )


def tightest(grants: list[GrantTerms]) -> GrantTerms:
    """Of several grants the one no rule objects to: the shortest, once if any says so, the fewest renewals."""
    spans = [grant.lasts for grant in grants if grant.lasts]
    renewals = [grant.renewals for grant in grants if grant.renewals is not None]
    said = {
        name: next((getattr(grant, name) for grant in grants if getattr(grant, name) is not None), None)
        for name in ("to", "until", "place", "opened_by")
    }
    return GrantTerms(
        lasts=min(spans, key=measured) if spans else None,
        once=any(grant.once for grant in grants),
        renewals=min(renewals) if renewals else None,
        **said,
    )
