"""What happened as the regime sees it: whose offence it is, what it costs, since when earlier ones count. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from chassis.clock import parse_instant
from chassis.codec import loads
from chassis.errors import Forbidden
from regimes import organisation
from regimes.conditions import holds
from regimes.envelopes import completed
from regimes.people import Organisation
from regimes.supervision import counts_from, fine
from services.audit.supervision.model import Violation

REFUSED_USE = "use.refused"


@dataclass(frozen=True)
class Offence:
    """What a missed duty, or a refused use, comes to under a regime, before anybody has counted earlier ones."""

    name: str
    offender: str
    roles: frozenset[str]
    duty: dict[str, Any]
    regime: Any

    @classmethod
    def of(cls, duty: dict[str, Any], regime: Any, staff: Organisation) -> Offence | None:
        """The offence, None where the regime knows none for this duty."""
        name = duty.get("violation") or ""
        if name not in regime.violations:
            return None
        offender = offender_of(regime.violations[name].offender, duty, staff)
        roles = staff.roles_of(offender) if offender in staff.people else frozenset([offender])
        return cls(name, offender, roles, duty, regime)

    @classmethod
    def of_use(cls, event: dict[str, Any], regime: Any, staff: Organisation) -> list[Offence]:
        """The offences of whoever tried to use a record for what it does not stand for."""
        person = event.get("actor")
        if person not in staff.people:
            return []
        day = parse_instant(event["at"]).astimezone(ZoneInfo(regime.timezone)).date().isoformat()
        occasion = {"duty": event["id"], "due": day, "owner": person, "actor": person}
        case = {"record": completed(regime, enveloped(event)), "event": event["data"], "setting": regime.setting}
        case["offender"] = {"person": person, "role": sorted(staff.roles_of(person))}
        kinds = [kind for kind in regime.violations.values() if kind.opens == REFUSED_USE and holds(kind.when, case)]
        found = [cls.of({**occasion, "violation": kind.name}, regime, staff) for kind in kinds]
        return [offence for offence in found if offence]

    @property
    def tariff(self) -> str:
        """The tariff under which it counts together with others."""
        return str(self.regime.violations[self.name].tariff)

    def counted_since(self, at: datetime) -> datetime:
        """From which instant on earlier offences make this one a further one."""
        zone = ZoneInfo(self.regime.timezone)
        tariff = self.regime.tariffs[self.tariff]
        first = counts_from(tariff, at.astimezone(zone).date(), self.regime.calendar)
        return datetime.combine(first, time(), zone)

    def proposed(self, id: str, record: str | None, earlier: int, at: datetime) -> Violation:
        """The violation to propose, where the offender has offended `earlier` times within the tariff's time."""
        rule, tariff = self.regime.violations[self.name], self.regime.tariffs[self.tariff]
        cost = fine(self.regime, self.name, self.roles, earlier)
        return Violation(
            id, self.name, self.offender, record, self.duty["duty"], self.duty["due"], rule.clause, cost.amount,
            cost.unit, rule.per, self.tariff, tariff.decided_by, self.regime.digest, at,
        )  # fmt: skip


def enveloped(event: dict[str, Any]) -> dict[str, Any]:
    """What an event of a record tells of it."""
    data = event["data"]
    names = ("class", "state", "level", "department", "responsible", "creator")
    return {**data.get("schemes", {}), "id": event["record"], **{name: data.get(name) for name in names}}


def offender_of(who: dict[str, Any], duty: dict[str, Any], staff: Organisation) -> str:
    """Whom the regime blames: one person, else whoever owned the duty, be it a role."""
    # A person that the event does not name is the duty's owner under the regime's own word for him (the borrower).
    named = {who["person"]: duty["owner"]} if "person" in who else {}
    try:
        people = staff.deciders(who, {"event": {**named, **duty}}) if who else frozenset()
    except Forbidden:
        people = frozenset()
    return str(next(iter(people))) if len(people) == 1 else str(duty["owner"])


def staff_of(text: str) -> Organisation:
    """The people of an organisation's canonical text."""
    return organisation.build(loads(text))
