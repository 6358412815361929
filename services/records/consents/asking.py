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
from services.records.refusals import wrong

ANSWERS = ("given", "refused")
ABOUT = ("how", "document", "told_at", "answered_at")


def answers(found: RecordClass, regime: Regime, given: Iterable[Mapping[str, Any]], notices: Notices) -> list[Consent]:
    """Every answer that came with a new record; one a purpose."""
    taken = [new_consent(found, regime, one, notices, f"/consents/{place}") for place, one in enumerate(given)]
    asked = [one.purpose for one in taken]
    again = next((place for place, purpose in enumerate(asked) if purpose in asked[:place]), None)
    if again is not None:
        said = f"{asked[again]} is answered twice; one answer a purpose"
        raise wrong(f"/consents/{again}/purpose", "consent.twice", said, purpose=asked[again])
    return taken


def new_consent(
    found: RecordClass, regime: Regime, given: Mapping[str, Any], notices: Notices | None = None, at: str = ""
) -> Consent:
    """An answer to a purpose of the class, told by the notice in force then, as explicit as the purpose asks for.

    `at` = where it stands in what was sent.
    """
    purpose, state = given["purpose"], given.get("answer", "given")
    if purpose not in found.collect.purposes:
        raise _not_for(found, purpose, f"{at}/purpose", found.collect.purposes)
    told_at = given.get("told_at") or given.get("answered_at")
    where = (f"{at}/notice", f"{at}/told_at" if given.get("told_at") else f"{at}/answered_at")
    known = (notices or Notices.of(regime)).given(found.collect.notice or "", given["notice"], told_at, where)
    known_channel(found, regime, given["channel"], at)
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


def _not_for(found: RecordClass, purpose: str, pointer: str, known: Iterable[str]) -> Invalid:
    said = f"{found.name} is not collected for {purpose}"
    return wrong(pointer, "purpose.unknown", said, purpose=purpose, purposes=[*known])


def known_channel(found: RecordClass, regime: Regime, channel: str, at: str = "") -> None:
    """A consent comes and goes through a channel of the notice; free text would be a customer's words in the clear."""
    channels = regime.notices.get(found.collect.notice or "", {}).get("channels", ())
    if channel not in channels:
        told = {"pointer": f"{at}/channel", "code": "channel.unknown", "detail": f"one of {', '.join(channels)}"}
        raise Invalid("channel.unknown", "the notice knows no such channel", {"errors": [told]})


def covered(found: RecordClass, regime: Regime, purposes: list[str], fields: Iterable[str]) -> None:
    """Only for purposes the class is collected for, and only the parts they cover (Q-009, Q-014)."""
    if not purposes and not found.collect.purposes:
        return  # the class does not say what it is collected for: as what it belongs to
    if not purposes:
        raise Invalid("purpose.missing", "name at least one purpose that the data is collected for")
    known = found.collect.purposes or regime.purposes
    strange = next((place for place, purpose in enumerate(purposes) if purpose not in known), None)
    if strange is not None:
        raise _not_for(found, purposes[strange], f"/purposes/{strange}", known)
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
