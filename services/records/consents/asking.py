"""What the customer was asked and answered: to a purpose of the class, told by the notice, through its channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.errors import Forbidden, Invalid
from chassis.ids import new_id
from regimes import Regime
from regimes.model import RecordClass
from services.records.consents.lawful import EXPLICIT, explicit_enough
from services.records.consents.model import Consent
from services.records.consents.notices import Notices

ANSWERS = ("given", "refused")
ABOUT = ("how", "document", "told_at", "answered_at")


def answers(found: RecordClass, regime: Regime, given: Iterable[Mapping[str, Any]], notices: Notices) -> list[Consent]:
    """Every answer that came with a new record; one a purpose."""
    taken = [new_consent(found, regime, one, notices) for one in given]
    asked = [one.purpose for one in taken]
    twice = next((purpose for purpose in asked if asked.count(purpose) > 1), None)
    if twice:
        raise Invalid("consent.twice", f"{twice} is answered twice; one answer a purpose", {"purpose": twice})
    return taken


def new_consent(
    found: RecordClass, regime: Regime, given: Mapping[str, Any], notices: Notices | None = None
) -> Consent:
    """An answer to a purpose of the class, told by the notice in force then, as explicit as the purpose asks for."""
    purpose, state = given["purpose"], given.get("answer", "given")
    if purpose not in found.collect.purposes:
        raise Invalid("purpose.unknown", f"{found.name} is not collected for {purpose}", {"purpose": purpose})
    told_at = given.get("told_at") or given.get("answered_at")
    known = (notices or Notices.of(regime)).given(found.collect.notice or "", given["notice"], told_at)
    known_channel(found, regime, given["channel"])
    if state == "given":
        _explicit(found, regime, purpose, given["kind"])
    elif regime.purposes[purpose].basis != "consent":
        raise Invalid("consent.not_asked", f"{purpose} does not stand on consent", {"purpose": purpose})
    more: dict[str, Any] = {name: given.get(name) for name in ABOUT}
    told = (given["kind"], given["notice"], given["channel"])
    return Consent(new_id(), purpose, state, *told, regime=known.regime, **more)


def _explicit(found: RecordClass, regime: Regime, purpose: str, kind: str) -> None:
    asked = (regime.purposes[purpose].consent, found.collect.consent, EXPLICIT[0])
    wanted = max((one for one in asked if one), key=EXPLICIT.index)
    if not explicit_enough(kind, wanted):
        raise Forbidden("consent.missing", f"{purpose} needs a consent that is {wanted}", {"purpose": purpose})


def known_channel(found: RecordClass, regime: Regime, channel: str) -> None:
    """A consent comes and goes through a channel of the notice; free text would be a customer's words in the clear."""
    channels = regime.notices.get(found.collect.notice or "", {}).get("channels", ())
    if channel not in channels:
        told = {"pointer": "/channel", "code": "channel.unknown", "detail": f"one of {', '.join(channels)}"}
        raise Invalid("channel.unknown", "the notice knows no such channel", {"errors": [told]})


def covered(found: RecordClass, regime: Regime, purposes: list[str], fields: Iterable[str]) -> None:
    """Only for purposes the class is collected for, and only the parts they cover (Q-009, Q-014)."""
    if not purposes and not found.collect.purposes:
        return  # the class does not say what it is collected for: as what it belongs to
    if not purposes:
        raise Invalid("purpose.missing", "name at least one purpose that the data is collected for")
    strange = [purpose for purpose in purposes if purpose not in (found.collect.purposes or regime.purposes)]
    if strange:
        raise Invalid("purpose.unknown", f"{found.name} is not collected for {strange[0]}", {"purpose": strange[0]})
    parts = frozenset().union(*(regime.parts_for(purpose, found.name) for purpose in purposes))
    outside = sorted(path for path in fields if path in found.fields and path.split(".")[0] not in parts)
    if outside:
        errors = [{"pointer": f"/fields/{path}", "code": "purpose.scope"} for path in outside]
        raise Invalid("purpose.scope", "no purpose named covers these fields", {"errors": errors})


def consented(found: RecordClass, regime: Regime, purposes: list[str], states: Mapping[str, str], asked: bool) -> None:
    """The customer's consent for every purpose that stands on it; `asked` = the customer was there to be asked."""
    for purpose in purposes:
        if regime.purposes[purpose].basis == "consent" and states.get(purpose) != "given":
            code = "consent.refused" if states.get(purpose) == "refused" else "consent.missing"
            raise Forbidden(code, f"no consent of the customer to {purpose}", {"purpose": purpose})
    if asked and found.collect.consent and "given" not in states.values():
        raise Forbidden("consent.missing", f"{found.name} is not collected without the customer's consent")
