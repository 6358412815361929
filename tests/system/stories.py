"""What the stories share: who is refused how, what waits for whom, and the demo's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from cli.http import Answer, Refusal
from tests.nodes.processes import until
from tests.system.suite import Suite

HERE = ZoneInfo("Asia/Shanghai")
PATIENCE = 20.0
WORKDAY_MORNING = 9


def refused(call: Callable[[], Any]) -> Refusal:
    """The refusal that a call must get."""
    with pytest.raises(Refusal) as refusal:
        call()
    assert refusal.value.problem["title"] and refusal.value.problem["remedy"]
    return refusal.value


def told(refusal: Refusal) -> tuple[int, str]:
    """Its status and code."""
    return refusal.status, refusal.code


def lines(refusal: Refusal) -> set[tuple[str, str]]:
    """Pointer and code of everything that is wrong."""
    return {(one["pointer"], one["code"]) for one in refusal.problem["errors"]}


def lacking(refusal: Refusal) -> set[str]:
    """The proofs that a refusal names."""
    assert told(refusal) == (422, "needs.missing")
    return {one.get("missing") or one["detail"] for one in refusal.problem["errors"]}


class Story:
    """One suite, and a walk through it."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite

    def as_(self, person: str) -> Any:
        """The gateway as somebody."""
        return self.suite.gateway(person)

    # ------------------------------------------------------------------ requests

    def asks(self, person: str, kind: str, records: Iterable[str] = (), **other: Any) -> Answer:
        """Somebody asks; refused, or the request with its chain."""
        body = {"kind": kind, "records": list(records), "purpose": "service", "reason": "as the work needs", **other}
        return Answer(self.as_(person).post("/v1/requests", body))

    def approved(self, request: str, *people: str) -> Answer:
        """These people approve, one after the other; what the last one was answered."""
        return [self.decides(person, request) for person in people][-1]

    def decides(self, person: str, request: str, decision: str = "approve") -> Answer:
        """One person's word."""
        said = {"decision": decision, "reason": "as the rule says"}
        return Answer(self.as_(person).post(f"/v1/requests/{request}/decisions", said))

    def request_about(self, kind: str, subject: str) -> str:
        """The request that opened by itself about something; watched by whoever watches over rights."""
        path = f"/v1/requests?kind={kind}&limit=500"
        found: list[str] = []

        def opened() -> bool:
            items = self.as_("ma").get(path)["items"]
            found[:] = [one["request"] for one in items if one["subject"] == subject]
            return bool(found)

        until(opened, PATIENCE, f"a request to {kind} {subject}")
        return found[0]

    def request(self, request: str) -> Answer:
        """One request as the watcher sees it."""
        return Answer(self.as_("ma").get(f"/v1/requests/{request}"))

    def chain(self, raised: Answer) -> list[list[str]]:
        """Who decides, step by step."""
        return [step["deciders"] for step in raised["chain"]]

    def eventually(self, look: Callable[[], Any], what: str) -> Any:
        """What a look finds, as soon as it finds something."""
        found: list[Any] = []

        def seen() -> bool:
            found[:] = [look()]
            return bool(found[0])

        until(seen, PATIENCE, what)
        return found[0]

    def accepted(self, call: Callable[[], Answer], *codes: str) -> Answer:
        """The answer of a call, repeated while what it stands on is on its way between the services."""
        found: list[Answer] = []

        def done() -> bool:
            try:
                found[:] = [call()]
            except Refusal as refusal:
                if refusal.code not in codes:
                    raise
            return bool(found)

        until(done, PATIENCE, "what a call stands on to arrive")
        return found[0]

    # ------------------------------------------------------------------ records

    def read(self, person: str, record: str, purpose: str, *fields: str, **other: str) -> Answer:
        """Fields of a record."""
        asked = {"purpose": purpose, **({"fields": ",".join(fields)} if fields else {}), **other}
        path = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
        return Answer(self.as_(person).get(f"/v1/records/{record}?{path}"))

    def shown(self, person: str, record: str, purpose: str, field: str, **other: str) -> str:
        """What somebody gets of one field: its value where it is clear, else the code of the reason or refusal."""
        try:
            one = self.read(person, record, purpose, field, **other)["fields"][field]
        except Refusal as refusal:
            return refusal.code
        return str(one["value"] if one["state"] == "clear" else one["reason"]["code"])

    def change(self, person: str, record: str, version: int, fields: dict[str, str], **more: Any) -> Answer:
        """Somebody changes a record as it stands, or asks for it."""
        body = {"fields": fields, "requested_by": "staff", **more}
        asked: Answer = self.as_(person).patch(f"/v1/records/{record}", body, If_Match=f'"{version}"')
        return asked

    def ends(self, person: str, record: str, version: int, why: str) -> str:
        """Somebody asks that a record become past; the request that opens."""
        body = {"to": "past", "reason": why}
        waiting = self.as_(person).post(f"/v1/records/{record}/transitions", body, If_Match=f'"{version}"')
        return self.request_about("end", waiting["move"])

    def versions(self, person: str, record: str, purpose: str) -> list[dict[str, Any]]:
        """Who set what, when and why, oldest first."""
        return list(self.as_(person).get(f"/v1/records/{record}/versions?purpose={purpose}")["items"])

    def state(self, person: str, record: str, purpose: str) -> str:
        """The record's state."""
        return str(self.read(person, record, purpose)["state"])

    def entries(self, record: str, action: str) -> list[dict[str, Any]]:
        """What the ledger says of a record and an act, as soon as it says anything."""
        path = f"/v1/audit/entries?record={record}&action={action}"
        found = self.eventually(lambda: self.as_("ma").get(path)["items"], f"{action} in the ledger")
        return [one["entry"] for one in found]

    # ------------------------------------------------------------------ time

    def now(self) -> datetime:
        """What the demo's clock says, where the company is."""
        said = self.as_("ma").post("/demo/clock", {"advance": "PT0S"})["now"]
        return datetime.fromisoformat(said).astimezone(HERE)

    def go_to(self, moment: datetime) -> None:
        """Move the clock forward to this moment."""
        seconds = int((moment.astimezone(UTC) - self.now().astimezone(UTC)).total_seconds())
        assert seconds >= 0, "the demo's clock is moved forward only"
        self.suite.advance(f"P{seconds // 86_400}DT{seconds % 86_400}S")

    def today(self) -> date:
        """The civil date where the company is."""
        return self.now().date()

    def morning_of(self, day: date) -> datetime:
        """Nine o'clock."""
        return datetime(day.year, day.month, day.day, WORKDAY_MORNING, tzinfo=HERE)

    def duties(self, person: str, name: str, record: str | None = None) -> list[dict[str, Any]]:
        """Duties of that name, newest first."""
        about = f"&record={record}" if record else ""
        items = self.as_(person).get(f"/v1/duties?limit=500{about}")["items"]
        return [one for one in items if one["name"] == name]

    def duty(self, person: str, name: str, record: str, state: str | None = None) -> dict[str, Any]:
        """The newest duty of that name about a record, once there is one, in that state if one is named."""

        def there() -> Any:
            found = self.duties(person, name, record)
            return next((one for one in found if state in (None, one["state"])), None)

        return dict(self.eventually(there, f"{name} to be {state or 'there'}"))


def next_first(month: int, after: date) -> date:
    """The first day of the next such month."""
    day = date(after.year, month, 1)
    return day if day > after else date(after.year + 1, month, 1)


def next_day(weekday: int, after: date) -> date:
    """The next such day of the week (Monday is 0), not today."""
    return after + timedelta(days=(weekday - after.weekday() - 1) % 7 + 1)
