"""A change that waits, as far as the caller may see it: decided like any read, journalled, then opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chassis.errors import Forbidden, Refused
from regimes import Regime
from services.records.access import ASKING, Access
from services.records.changing import context
from services.records.grants import Grant
from services.records.model import Change
from services.records.proposals.events import ChangeRead
from services.records.reading import Reading, Seen, Unwrap, Verdict
from services.records.sealing import REASON
from vault.envelope import OpenedPart, open_part

SETTLED = "change.settled"
EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def deciding(service: Any, changes: list[Change]) -> dict[str, str]:
    """The requests whose open step is the caller's, by the change that they are about; none while nobody says so."""
    if not changes:
        return {}
    asked = {"person": service.caller.person, "about": "change", "subjects": [one.id for one in changes]}
    try:
        return dict(service.approvals.deciding(asked, deadline=ASKING)["requests"])
    except Refused:
        return {}


class Proposed(Access):
    """One caller's access to one change: what he may read of the record, and, where it is his to decide, all of it."""

    def __init__(self, service: Any, regime: Regime, change: Change, request: str | None) -> None:
        super().__init__(service, regime)
        self.change, self.request = change, request

    def told(self, purpose: str) -> dict[str, Any]:
        """The change with old and new values; the entry is journalled before anything is opened."""
        reading = self.reading(self.change.record, purpose, self.change.fields)
        head = {**self._head, "request": self.request}
        if not self.change.sealed:
            gone = {"state": "withheld", "reason": {"code": SETTLED, "request_kind": None}}
            return {**head, "reason": None, "fields_": {path: gone for path in self.change.fields}}
        ticket = self.journalled(reading, self._entry(reading))
        return {**head, **self._open(reading, lambda keys: self.keys.unwrap(list(keys), ticket))}

    @property
    def _head(self) -> dict[str, Any]:
        names = ("kind", "mode", "state", "at", "requested_by", "proposed_by", "evidence", "source", "record")
        known = {name: getattr(self.change, name) for name in names}
        return {**known, "change": self.change.id, "base": self.change.version}

    def _seen(self, record: str, as_of: datetime | None) -> Seen:
        """The record, with what the caller's step opens to him."""
        seen = super()._seen(record, as_of)
        if self.request is None:
            return seen
        what = (self.request, str(self.caller.person), "view", (record,), tuple(self.change.fields), None)
        return replace(seen, grants=[*seen.grants, Grant(*what, *EVER)])

    def _entry(self, reading: Reading) -> ChangeRead:
        read = reading.entry
        grants = [grant for grant in read.by_grant if grant != self.request]
        told = (read.clear, read.masked, read.withheld, read.by_right, grants)
        return ChangeRead(read.record, self.change.id, read.purpose, *told, self.request)

    def _open(self, reading: Reading, unwrap: Unwrap) -> dict[str, Any]:
        seen, names = reading.seen, {v.field.part for v in reading.verdicts if v.state != "withheld"}
        parts = {name: seen.parts[name] for name in sorted(names & seen.parts.keys())}
        deks = unwrap({part.key for part in parts.values()}) if parts else {}
        old = {name: part.open(self.change.record, deks[part.key]) for name, part in parts.items()}
        new = {name: self._proposal(name, deks[part.key]) for name, part in parts.items()}
        fields = {v.field.path: _shown(v, old.get(v.field.part), new.get(v.field.part)) for v in reading.verdicts}
        whole = all(v.state == "clear" for v in reading.verdicts)
        why = next((part.value(REASON).decode() for part in new.values()), None) if whole else None
        return {"reason": why, "fields_": fields}

    def _proposal(self, part: str, dek: bytes) -> OpenedPart:
        return open_part(dek, context(self.change.record, self.change.id, part), self.change.sealed[part])


def _shown(verdict: Verdict, old: OpenedPart | None, new: OpenedPart | None) -> dict[str, Any]:
    path = verdict.field.path
    if verdict.state == "clear":
        return {"state": "clear", "old": _value(old, path), "new": _value(new, path)}
    why: dict[str, Any] = {"reason": {"code": verdict.code, "request_kind": verdict.lifted_by}}
    if verdict.state == "masked":
        why |= {"old": _mask(old, path), "new": _mask(new, path)}
    return {"state": verdict.state, **why}


def _value(part: OpenedPart | None, path: str) -> str | None:
    return part.value(path).decode() or None if part and path in part.fields else None


def _mask(part: OpenedPart | None, path: str) -> str | None:
    return part.mask(path).decode() if part and path in part.masked else None


def page(service: Any, args: dict[str, Any], changes: list[Change]) -> list[dict[str, Any]]:
    """Those of some changes that the caller may see something of; refused where he may see nothing of the record."""
    regime, mine = service.regime(), deciding(service, changes)
    if not mine:
        Access(service, regime).reading(args["record"], args["purpose"], None)
    told = []
    for change in changes:
        try:
            told.append(Proposed(service, regime, change, mine.get(change.id)).told(args["purpose"]))
        except Forbidden:
            continue
    return told
