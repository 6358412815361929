"""A house that adopts one regime alone: the embedded suite with that regime in force, and what its people do there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.nodes.processes import until
from tests.system.suite import Suite

ADOPTED = Path(__file__).parent / "adopted"
ORGANISATION = "demo/organisation.yaml"
WAIT = 20
# A day that a test names is past sooner or later: then a sweep makes the duty overdue, whenever it comes by.
UNFINISHED = ("open", "overdue")


class House(Suite):
    """The demo's people under another regime."""

    prepared = False

    def __init__(self, regime: str) -> None:
        super().__init__()
        self.regime = regime

    def _in_force(self) -> tuple[str, ...]:
        named = ("--regime", str(ADOPTED / f"{self.regime}.yaml"), "--organisation", ORGANISATION)
        return (*named, "--passwords", str(self.dir / "passwords.json"))

    # ------------------------------------------------------------------ records

    def enter(self, person: str, class_: str, fields: dict[str, Any], **more: Any) -> str:
        """A new record's id."""
        return str(self.gateway(person).post("/v1/records", {"class": class_, "fields": fields, **more})["id"])

    def read(self, person: str, record: str, purpose: str, *fields: str) -> dict[str, Any]:
        """The fields of a record as somebody gets them for a purpose."""
        asked = f"&fields={','.join(fields)}" if fields else ""
        return dict(self.gateway(person).get(f"/v1/records/{record}?purpose={purpose}{asked}")["fields"])

    def listed(self, class_: str, record: str, person: str = "he") -> dict[str, Any]:
        """What a list says of a record."""
        items = self.gateway(person).get(f"/v1/records?class={class_}&limit=500")["items"]
        return next((one for one in items if one["id"] == record), {})

    def becomes(self, class_: str, record: str, person: str = "he", **wanted: Any) -> dict[str, Any]:
        """The line of a record in a list, once it says what is wanted of it."""
        found: list[dict[str, Any]] = []

        def so() -> bool:
            found[:] = [self.listed(class_, record, person)]
            return all(found[0].get(name) == value for name, value in wanted.items())

        self.until(so, WAIT, f"{class_} {record} to be {wanted}")
        return found[0]

    def view(self, person: str, name: str, **asked: str) -> dict[str, Any]:
        """A list or an analysis as somebody gets it."""
        more = "".join(f"&{key}={value}" for key, value in asked.items())
        return dict(self.gateway(person).get(f"/v1/views/{name}?limit=500{more}"))

    def change(self, person: str, record: str, fields: dict[str, Any], **more: Any) -> dict[str, Any]:
        """What becomes of a change of a record as it stands."""
        version = int(self.gateway(person).get(f"/v1/records/{record}?purpose={more.pop('purpose')}")["version"])
        body = {"fields": fields, "reason": "as told by the customer", "requested_by": "staff", **more}
        return dict(self.gateway(person).patch(f"/v1/records/{record}", body, If_Match=f'"{version}"'))

    # ------------------------------------------------------------------ decisions

    def awaiting(self, person: str, kind: str, subject: str) -> str:
        """The request about a subject that waits for somebody."""
        found: list[str] = []

        def asked() -> bool:
            items = self.gateway(person).get(f"/v1/requests?awaiting=me&kind={kind}&limit=500")["items"]
            found[:] = [one["request"] for one in items if one["subject"] == subject]
            return bool(found)

        self.until(asked, WAIT, f"the {kind} of {subject} to await {person}")
        return found[0]

    def decide(self, person: str, request: str, decision: str = "approve") -> dict[str, Any]:
        """One decision."""
        body = {"decision": decision, "reason": "looked at it"}
        return dict(self.gateway(person).post(f"/v1/requests/{request}/decisions", body))

    def approve(self, person: str, kind: str, subject: str) -> None:
        """Approve what waits."""
        self.decide(person, self.awaiting(person, kind, subject))

    # ------------------------------------------------------------------ duties

    def duty(self, person: str, name: str, **wanted: Any) -> dict[str, Any]:
        """A duty of somebody, once there is one like that; several values are as good as each other."""
        sought = {key: value if isinstance(value, tuple) else (value,) for key, value in wanted.items()}
        found: list[dict[str, Any]] = []

        def there() -> bool:
            items = self.gateway(person).get("/v1/duties?owner=me&limit=500")["items"]
            found[:] = [d for d in items if d["name"] == name and all(d.get(k) in v for k, v in sought.items())]
            return bool(found)

        self.until(there, WAIT, f"the duty {name} of {person}")
        return found[0]

    def closed(self, person: str, name: str, record: str) -> None:
        """Wait until somebody's duty about a record is done."""
        self.duty(person, name, record=record, state="closed")


@contextmanager
def living(regime: str) -> Iterator[House]:
    """A house, running."""
    house = House(regime)
    try:
        yield house.start()  # type: ignore[misc]
    finally:
        house.stop()


__all__ = ["House", "living", "until"]
