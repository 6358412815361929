"""Retention on a real database, with the other services played by small fakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

import regimes
from chassis import tables
from chassis.actor import Actor
from chassis.call import Call
from chassis.clock import FixedClock, rfc3339
from chassis.codec import canonical
from chassis.db import Database, database
from chassis.errors import Conflict, Forbidden, NotFound, Unavailable
from chassis.ids import new_id
from chassis.store import Bound
from regimes import organisation
from services.retention.service import RetentionService
from services.retention.store import RetentionStore
from tests.nodes.prepared import prepare

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
REGIME = regimes.load("hengtong", Path(__file__).parents[2] / "demo" / "regimes")
STAFF = organisation.load(Path(__file__).parents[2] / "demo" / "organisation.yaml")
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PEOPLE = {
    "he": Actor("he", "he", "office", frozenset({"employee", "archivist"})),
    "sun": Actor("sun", "sun", "sales", frozenset({"employee", "salesperson"})),
    "zheng": Actor("zheng", "zheng", "service", frozenset({"employee"})),
    "gao": Actor("gao", "gao", "office", frozenset({"employee", "head", "archivist"})),
    "xu": Actor("xu", "xu", "finance", frozenset({"employee", "head", "supervision_group.member"})),
    "ma": Actor(
        "ma", "ma", "hr", frozenset({"employee", "head", "supervision_group.member", "supervision_group.head"})
    ),
    "wu": Actor("wu", "wu", "service", frozenset({"employee", "head", "supervision_group.member"})),
}


@dataclass
class Settings:
    """What a service needs of its settings."""

    clock: FixedClock

    def key(self, name: str) -> bytes:
        """A key by name."""
        keys = {"grant.public": SIGNER.public_key().public_bytes_raw(), "certificate.private": bytes(range(32))}
        return keys.get(name, b"k" * 32)


@dataclass
class FakeRecords:
    """Records as retention sees it: envelopes, freezes, and one gate that destroys."""

    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    freezes: dict[str, set[str]] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    copies: dict[str, str] = field(default_factory=lambda: {"keys": "destroyed", "values": "destroyed"})
    before_destroying: Any = None
    law: Any = REGIME

    def add(self, **given: Any) -> str:
        """A record whose relation ended long ago; its id."""
        id = new_id()
        envelope = {"id": id, "class": "company.customer", "state": "past", "level": "sensitive", "version": 3}
        people = {"department": "service", "responsible": "zheng", "creator": "zheng", "complete": True}
        self.kept[id] = {**envelope, **people, "milestones": {"ended": "2010-05-05"}, **given}
        return id

    def envelope(self, args: dict[str, Any]) -> dict[str, Any]:
        """What conditions may read of a record."""
        self._answers("envelope")
        if args["record"] not in self.kept:
            raise NotFound("record.unknown", "no record")
        return self.kept[args["record"]]

    def due(self, args: dict[str, Any]) -> dict[str, Any]:
        """Envelopes of a class whose milestone is old enough, a page at a time."""
        ids = sorted(id for id, one in self.kept.items() if one["class"] == args["class"])
        page = [id for id in ids if id > (args["after"] or "")][: args["limit"]]
        return {"records": [self.kept[id] for id in page]}

    def envelopes(self, args: dict[str, Any]) -> dict[str, Any]:
        """Envelopes of a class, a page at a time."""
        self._answers("envelopes")
        kinds = self.law.classes
        mine = {id for id, one in self.kept.items() if kinds[one["class"]].is_a((args["class"],))}
        ids = sorted(id for id in mine if id > args["after"])
        return {"records": [self.kept[id] for id in ids[: args["limit"]]]}

    def freeze(self, args: dict[str, Any], context: Any = None) -> dict[str, Any]:
        """Enforce a hold; again changes nothing."""
        self._without_key(context)
        self._answers("freeze")
        for record in args["records"]:
            self.envelope({"record": record})
            if record in self.gone:
                raise Conflict("record.destroyed", "gone")
        self.freezes[args["hold"]] = set(args["records"])
        return {"records": args["records"]}

    def unfreeze(self, args: dict[str, Any], context: Any = None) -> dict[str, Any]:
        """Lift it here."""
        self._without_key(context)
        self._answers("unfreeze")
        self.freezes[args["hold"]] -= set(args["records"])
        return {}

    def destroy(self, args: dict[str, Any], context: Any = None) -> dict[str, Any]:
        """The one gate: a freeze and a changed version stop it; the same list may ask again."""
        self._without_key(context)
        if self.before_destroying:
            self.before_destroying(args["record"])
        self._answers("destroy")
        record = args["record"]
        if args["grant"].get("mode") != "destroy" or record not in args["grant"]["records"]:
            raise Forbidden("right.missing", "no grant")
        if self.gone.setdefault(record, args["certificate"]) != args["certificate"]:
            raise Conflict("record.destroyed", "gone")
        if any(record in frozen for frozen in self.freezes.values()):
            del self.gone[record]
            raise Conflict("hold.active", "held")
        if args["version"] != self.kept[record]["version"]:
            del self.gone[record]
            raise Conflict("record.changed_since_plan", "changed")
        told = {"fingerprints": {"basic": "ab" * 8}, "copies": self.copies, "opened": "key.destroyed"}
        return {"record": record, "state": "destroyed", **told}

    def _without_key(self, context: Any) -> None:
        # One key for several calls would make the second of them another request under a used key.
        assert context == {"idempotency_key": None}

    def _answers(self, method: str) -> None:
        self.calls.append(method)
        if method in self.away:
            raise Unavailable("service.unavailable", "away")


@dataclass
class FakeApprovals:
    """Approvals as retention sees it: live signed grants."""

    grants: list[dict[str, Any]] = field(default_factory=list)

    def live_grant(self, args: dict[str, Any]) -> dict[str, Any]:
        """The live grant of this id, if it touches the record."""
        found = [one for one in self.grants if one["id"] == args["grant"] and args["record"] in one["records"]]
        return {"grant": found[0] if found else None}


class Suite:
    """Retention's service methods, called as people."""

    def __init__(self, url: str, law: Any = REGIME) -> None:
        self.law, self.clock = law, FixedClock(NOON)
        self.settings = Settings(self.clock)
        self.database = prepare(database(url), "retention")
        self.records, self.approvals = FakeRecords(law=law), FakeApprovals()
        self.store = a_store(self.database, self.settings)

    def calls(self, person: str | None, method: str, args: Any = None, key: str | None = None) -> Any:
        """Call an entrypoint as somebody (or as the suite itself)."""
        service, args = RetentionService(), {} if args is None else args
        actor = PEOPLE[person] if person else Actor(None)
        call = Call("retention", method, new_id(), actor, key=key, args=args)
        service.store, service.caller = Bound(self.store, call), actor
        service.records, service.approvals, service.regime = self.records, self.approvals, lambda: self.law
        service.organisation = lambda: STAFF
        return getattr(service, method)(*([] if method == "sweep" else [args]))

    def hears(self, method: str, data: dict[str, Any], record: str | None = None, id: str | None = None) -> None:
        """Deliver an event."""
        event = {"id": id or new_id(), "at": rfc3339(self.clock.now()), "record": record, "data": data, "type": ""}
        self.calls(None, method, event)

    def told(self, type: str) -> list[dict[str, Any]]:
        """The data of all journal entries of a type, oldest first."""
        found = select(tables.journal.c.entry).where(tables.journal.c.type == type).order_by(tables.journal.c.id)
        with self.database.read() as connection:
            return [{**entry["data"], "record": entry["record"]} for entry in connection.execute(found).scalars()]

    def everything_told(self) -> list[dict[str, Any]]:
        """Every journal entry."""
        with self.database.read() as connection:
            return list(connection.execute(select(tables.journal.c.entry)).scalars())

    def grant(self, *records: str, person: str = "sun", **given: Any) -> str:
        """A signed grant for seven days, to borrow unless another mode is given; its id."""
        now = self.clock.now()
        body = {"id": new_id(), "person": person, "mode": "borrow", "records": [*records], "from": rfc3339(now)}
        body |= {"until": rfc3339(now + timedelta(days=7)), **given}
        self.approvals.grants.append({**body, "signature": SIGNER.sign(canonical(body)).hex()})
        return str(body["id"])

    def approved_list(self, *records: str) -> str:
        """A list by he that wu and gao approved."""
        asked = {"records": list(records), "reason": "retention is over"}
        disposal = self.calls("he", "begin_disposal", asked)["disposal"]
        self.calls("he", "ask_approval", {"disposal": disposal})
        self.settle(disposal)
        return str(disposal)

    def settle(self, disposal: str, outcome: str = "approved") -> None:
        """Approvals decides about a list."""
        about = {"request": "q-1", "kind": "destroy", "subject": disposal}
        for step, person in enumerate(("wu", "gao")):
            who = {"decided_by": person, "acting_for": person, "step": step, "decision": "approve"}
            self.hears("on_request_decided", {**about, **who})
        found = self.store.find_disposal(disposal)
        grant = self.grant(*[item.record for item in found.items], person=found.author, mode="destroy")
        self.hears("on_request_settled", {**about, "outcome": outcome, "grant": grant, "list_hash": found.hash})

    def executed_list(self, *records: str) -> dict[str, Any]:
        """A list that was approved, witnessed and executed; the answer to its execution."""
        disposal = self.approved_list(*records)
        self.calls("ma", "witness", {"disposal": disposal})
        return dict(self.calls("he", "execute", {"disposal": disposal}))


def a_store(database: Database, settings: Settings) -> RetentionStore:
    """The store without its container: no relay runs, the journal keeps what it would publish."""
    store = RetentionStore()
    store.settings, store.database, store.service = settings, database, "retention"  # type: ignore[assignment]
    store.relay = type("Silent", (), {"wake": lambda self: None})()  # type: ignore[assignment]
    store.journal = type("Journal", (), {"commit": lambda self, row: keep(database, row)})()  # type: ignore[assignment]
    return store


def keep(database: Database, row: dict[str, Any]) -> None:
    """Write one journal row, as the group commit would."""
    with database.write() as connection:
        connection.execute(tables.journal.insert().values(row))
