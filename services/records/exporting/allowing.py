"""Who may take out what: by a standing right, or under one grant to export, which is used up by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden, Refused
from regimes import Regime
from regimes.model import RecordClass
from regimes.rights import lifted
from services.records.access import ASKING, Access
from services.records.exporting.model import Export
from services.records.grants import Grant, grant_of
from services.records.model import Record
from services.records.reading import Reading, Seen


@dataclass(frozen=True)
class Allowed:
    """What one export stands on. Without a grant, the standing right to export each record."""

    caller: Actor
    regime: Regime
    purpose: str
    grant: Grant | None

    def takes(self, record: Record) -> bool:
        """Whether this record may be in the file; a grant for a class is for the requester's own department."""
        if self.regime.right(self.caller, "export", record.envelope(), self.purpose):
            return True
        if self.grant is None:
            return False
        return record.id in self.grant.records if self.grant.records else record.department == self.caller.department


class ExportAccess(Access):
    """Governed reads for a file: a grant to export opens what it covers, and no other grant is used up by it."""

    def __init__(self, service: Any, allowed: Allowed) -> None:
        super().__init__(service, allowed.regime)
        self.allowed = allowed

    def refuse_lagging(self, readings: Iterable[Reading]) -> None:
        """Nothing protected is read while the ledger does not follow; the file waits."""
        for reading in readings:
            self._refuse_lagging(reading)

    def _seen(self, record: str, as_of: Any) -> Seen:
        seen = super()._seen(record, as_of)
        seen.grants = [grant for grant in seen.grants if not grant.once]
        if self.allowed.grant and self.allowed.takes(seen.record):
            opened = replace(self.allowed.grant, mode="view", records=(record,), once=False)
            seen.grants.append(opened)
        return seen

    def _learn_grants(self, record: str) -> bool:
        return False  # what is not held by now is not asked for, record by record


def within(body: dict[str, Any] | None, fields: list[str]) -> list[str]:
    """Of fields that nobody named, those that the grant is for."""
    named = (body or {}).get("fields")
    return [path for path in fields if not named or path in named or path.split(".")[0] in named]


def granted(service: Any, found: RecordClass, fields: list[str] | None, purpose: str) -> dict[str, Any] | None:
    """The signed grant that covers this export; None where a standing right does. Refused where neither is there."""
    regime, caller = service.regime(), service.caller
    own = {"department": caller.department, "creator": caller.person, "responsible": caller.person, "state": "active"}
    if regime.right(caller, "export", {"class": found.name, **own}, purpose):
        return None
    key, now = service.store.settings.key("grant.public"), service.store.clock.now()
    for body in _held(service):
        grant = grant_of(body, key)
        if grant and _covers(grant, str(caller.person), found.name, fields or [], purpose, now):
            return body
    told = lifted(regime, caller, ("export",), {"class": found.name, **own})
    raise Forbidden("right.missing", f"no live grant to export these fields of {found.name}", told)


def of(export: Export, body: dict[str, Any] | None, service: Any, caller: Actor) -> Allowed:
    """What an export that was begun stands on."""
    grant = grant_of(body, service.store.settings.key("grant.public")) if body else None
    return Allowed(caller, service.regime(), export.asked["purpose"], grant)


def _held(service: Any) -> Iterator[dict[str, Any]]:
    """The caller's grants as they are known here, and if none will do, as approvals tells them."""
    person, now = service.caller.person, service.store.clock.now()
    known: Iterable[dict[str, Any]] = service.store.grants_held(person, now)
    yield from known
    try:
        yield from service.approvals.grants_for({"person": person, "records": []}, deadline=ASKING)["grants"]
    except Refused:
        return


def _covers(grant: Grant, person: str, class_: str, fields: list[str], purpose: str, now: Any) -> bool:
    lives = grant.start <= now < grant.until and not grant.revoked
    mine = grant.person == person and grant.mode == "export" and grant.class_ == class_
    return lives and mine and grant.purpose in (None, purpose) and all(map(grant.covers, fields))
