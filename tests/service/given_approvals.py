"""Approvals on a real database, called as people; records is played by a small fake."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

import regimes
from chassis import tables
from chassis.actor import NOBODY, Actor
from chassis.call import Call
from chassis.clock import FixedClock, rfc3339
from chassis.db import Database, database
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.store import Bound
from chassis.texts import Shelf
from services.approvals.service import ApprovalsService
from services.approvals.store import ApprovalStore
from tests.nodes.prepared import prepare

DEMO = Path(__file__).parents[2] / "demo"
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
REGIME = regimes.load("hengtong", DEMO / "regimes")
ORGANISATION = (DEMO / "organisation.yaml").read_text()
SIGNER = Ed25519PrivateKey.from_private_bytes(b"grant.private".ljust(32, b"."))


class Settings:
    """What approvals reads of its settings."""

    mode = "production"

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock

    def key(self, name: str) -> bytes:
        """A key that depends on its name only."""
        return name.encode().ljust(32, b".")


class FakeRecords:
    """Records as approvals sees it: envelopes."""

    def __init__(self) -> None:
        self.envelopes: dict[str, dict[str, Any]] = {}

    def add(self, **given: Any) -> str:
        """A record of the service department; its id."""
        record = new_id()
        facts = {"id": record, "class": "company.customer", "state": "active", "level": "sensitive"}
        people = {"department": "service", "responsible": "zheng", "creator": "zheng"}
        self.envelopes[record] = {**facts, **people, **given}
        return record

    def envelope(self, args: dict[str, Any]) -> dict[str, Any]:
        """What conditions may read of a record."""
        if args["record"] not in self.envelopes:
            raise NotFound("record.unknown", "no record")
        return self.envelopes[args["record"]]


TOGETHER = ("open_creation",)  # handlers of several events at once


class Suite:
    """The service's methods, called as people of the demo company."""

    def __init__(self, url: str) -> None:
        self.clock = FixedClock(NOON)
        self.settings = Settings(self.clock)
        self.database = prepare(database(url), "approvals")
        self.records = FakeRecords()
        self.store = self._store()

    def open(self) -> Suite:
        """With the demo company in force."""
        self.calls(None, "load_organisation", {"text": ORGANISATION, "passwords": {"sun": "a long password"}})
        self.calls(None, "publish_regime", {"text": REGIME.text})
        return self

    def calls(self, person: str | None, method: str, args: Any = None, key: str | None = None) -> Any:
        """Call an entrypoint as somebody (or as the suite itself)."""
        service, args = ApprovalsService(), {} if args is None else args
        actor = self.actor(person) if person else NOBODY
        service.store = Bound(self.store, Call("approvals", method, new_id(), actor, key=key, args=args))
        service.caller, service.records = actor, self.records
        return getattr(service, method)(args)

    def actor(self, person: str) -> Actor:
        """A person as the gateway would assert him."""
        known = self.store.rulebook().identity(person, self.clock.now())
        return Actor(person, person, known["department"], frozenset(known["roles"]), "s-1")

    def hears(self, method: str, data: dict[str, Any], record: str | None = None, actor: str | None = None,
              id: str | None = None) -> None:  # fmt: skip
        """Deliver an event."""
        at = rfc3339(self.clock.now())
        event = {
            "id": id or new_id(),
            "type": "",
            "version": 1,
            "at": at,
            "record": record,
            "actor": actor,
            "data": data,
        }
        self.calls(None, method, [event] if method in TOGETHER else event)

    def told(self, type: str) -> list[dict[str, Any]]:
        """The data of all journal entries of a type, oldest first."""
        return [{**entry["data"], "record": entry["record"]} for entry in self.journal() if entry["type"] == type]

    def journal(self) -> list[dict[str, Any]]:
        """Every journal entry, oldest first."""
        with self.database.read() as connection:
            return list(connection.execute(select(tables.journal.c.entry).order_by(tables.journal.c.id)).scalars())

    def asks(self, person: str, record: str, **other: Any) -> str:
        """Somebody asks to view a record; the request's id."""
        args = {"kind": "view", "records": [record], "purpose": "service", "reason": "a repair is due", **other}
        return str(self.calls(person, "raise_request", args)["request"])

    def decides(self, person: str, request: str, decision: str = "approve") -> dict[str, Any]:
        """Somebody decides; where the request stands then."""
        args = {"request": request, "decision": decision, "reason": "looks right"}
        return dict(self.calls(person, "decide", args))

    def _store(self) -> ApprovalStore:
        store = ApprovalStore()
        store.settings, store.database, store.service = self.settings, self.database, "approvals"  # type: ignore[assignment]
        store.shelf = Shelf(self.database, self.settings)  # type: ignore[arg-type]
        store.relay = type("Silent", (), {"wake": lambda self: None})()  # type: ignore[assignment]
        store.journal = type("Journal", (), {"commit": lambda _, row: keep(self.database, row)})()  # type: ignore[assignment]
        return store


def keep(database: Database, row: dict[str, Any]) -> None:
    """Write one journal row, as the group commit would."""
    with database.write() as connection:
        connection.execute(tables.journal.insert().values(row))
