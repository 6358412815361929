"""Records on real databases, called as people; the other services are played by small fakes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import eventlet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

import regimes
from chassis import tables
from chassis.actor import NOBODY, Actor
from chassis.call import Call
from chassis.clock import FixedClock, rfc3339
from chassis.codec import canonical
from chassis.db import database
from chassis.errors import Refused, Unavailable
from chassis.ids import new_id
from chassis.journal import Journal, Ticket
from chassis.store import Bound
from regimes import organisation
from services.records.keys import open_keys
from services.records.service import RecordsService
from services.records.store import RecordStore
from tests.nodes.prepared import leave, prepare
from vault.kek import KeyFile

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
REGIME = regimes.load("hengtong", Path(__file__).parents[2] / "demo" / "regimes")
ORGANISATION = organisation.load(Path(__file__).parents[2] / "demo" / "organisation.yaml")
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PEOPLE = {
    "zheng": Actor("zheng", "zheng", "service", frozenset({"employee", "entry_clerk"})),
    "wu": Actor("wu", "wu", "service", frozenset({"employee", "head"})),
    "sun": Actor("sun", "sun", "sales", frozenset({"employee", "query_user"})),
    "he": Actor("he", "he", "office", frozenset({"employee", "archivist"})),
    "qian": Actor("qian", "qian", "finance", frozenset({"employee", "finance_clerk", "finance_section.member"})),
    "xu": Actor("xu", "xu", "finance", frozenset({"employee", "head", "finance_section.member"})),
}
CONSENT = {"purpose": "service", "notice": "2026-1", "channel": "counter"}
FIELDS = {
    "basic.name": "星澜贸易有限公司",
    "basic.region": "澄州",
    "contact.person": "李雪梅",
    "contact.mobile": "19900001234",
    "contact.email": "li.xuemei@example.com",
    "contact.address": "澄州市青榆路12号",
}


class Settings:
    """What records reads of its settings."""

    mode = "production"
    upload_limit = 3 << 20

    def __init__(self, folder: Path, records: str, keystore: str) -> None:
        self.clock = FixedClock(NOON)
        self.keys = folder
        self.urls = {"records": records, "keystore": keystore}

    def database(self, name: str) -> str:
        """The URL of one database."""
        return self.urls[name]

    def key(self, name: str) -> bytes:
        """A key by name."""
        return SIGNER.public_key().public_bytes_raw() if name == "grant.public" else name.encode().ljust(32, b".")


@dataclass
class FakeApprovals:
    """Approvals as records sees it: who has which grant."""

    grants: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    away: bool = False
    steps: dict[str, dict[str, str]] = field(default_factory=dict)  # person -> {change: request}

    def deciding(self, args: dict[str, Any], deadline: float = 5) -> dict[str, Any]:
        """The requests whose open step is a person's."""
        if self.away:
            raise Unavailable("service.unavailable", "approvals does not answer")
        mine = self.steps.get(args["person"], {})
        return {"requests": {one: mine[one] for one in args["subjects"] if one in mine}}

    def grants_for(self, args: dict[str, Any], deadline: float = 5) -> dict[str, Any]:
        """The live grants of a person that touch these records."""
        self.asked += 1
        if self.away:
            raise Unavailable("service.unavailable", "approvals does not answer")
        mine = [body for body in self.grants if body["person"] == args["person"]]
        return {"grants": [body for body in mine if not args["records"] or set(args["records"]) & set(body["records"])]}


@dataclass
class FakeLag:
    """How far the ledger is behind."""

    behind: timedelta = timedelta()
    waited: list[str] = field(default_factory=list)

    def current(self) -> timedelta:
        """The lag now."""
        return self.behind

    def wait_for(self, ticket: Ticket, seconds: float) -> None:
        """The ledger follows at once, or not at all."""
        if self.behind:
            raise Unavailable("audit.lagging", "the ledger has not taken the entry of this read")
        self.waited.append(ticket.entry)


class WatchedKeys:
    """The real keystore; every key that leaves it is noted, and that its entry was committed by then."""

    def __init__(self, suite: Suite, keys: Any) -> None:
        self.suite, self.keys = suite, keys
        self.unwrapped: list[tuple[str, frozenset[str]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.keys, name)

    def unwrap(self, key_ids: Collection[str], ticket: Any) -> dict[str, bytes]:
        """The data keys; the entry of the ticket must be there for everybody to see."""
        committed = {entry["id"] for entry in self.suite.journal()}
        assert ticket.entry in committed, "a key left before its entry was committed"
        self.unwrapped.append((ticket.entry, frozenset(key_ids)))
        return self.keys.unwrap(key_ids, ticket)


class Suite:
    """The service's methods, called as people of the demo company."""

    def __init__(self, folder: Path, records: str, keystore: str) -> None:
        self.settings = Settings(folder, records, keystore)
        self.clock = self.settings.clock
        self.database = prepare(database(records), "records")
        self.keystore = prepare(database(keystore), "keystore")
        KeyFile.create(folder / "kek")
        self.keys = WatchedKeys(self, open_keys(self.settings))  # type: ignore[arg-type]
        self.approvals, self.lag = FakeApprovals(), FakeLag()
        self.store = self._store()

    def calls(
        self, person: str | None, method: str, args: Any = None, key: str | None = None, language: str = "en"
    ) -> Any:
        """Call an entrypoint as somebody (or as the suite itself)."""
        args = {} if args is None else args
        return getattr(self.service(person, method, args, key, language), method)(*([] if method in TICKS else [args]))

    def service(self, person: str | None, method: str, args: Any, key: str | None = None, language: str = "en") -> Any:
        """The service as one call sees it."""
        service, actor = RecordsService(), PEOPLE[person] if person else NOBODY
        call = Call("records", method, new_id(), actor, key=key, args=args, language=language)
        service.store, service.caller, service.keys = Bound(self.store, call), actor, self.keys
        service.approvals, service.regime = self.approvals, lambda: REGIME
        service.organisation = lambda **_: ORGANISATION
        return service

    def hears(self, method: str, data: dict[str, Any], id: str | None = None) -> None:
        """Deliver an event."""
        at = rfc3339(self.clock.now())
        event = {"id": id or new_id(), "type": "", "version": 1, "at": at, "record": None, "actor": None, "data": data}
        service = self.service(None, method, event)
        getattr(service, method)(event)

    def settles(self, about: str, subject: str, outcome: str = "approved", id: str | None = None) -> None:
        """Approvals has decided about something that waits here."""
        kind = SETTLES.get(about, "create")
        self.hears("settle", {"kind": kind, "about": about, "subject": subject, "outcome": outcome}, id)

    def creates(self, person: str = "zheng", **given: Any) -> str:
        """A new record of the company's; its id. Where it looks like another one, somebody says that it is not."""
        args = {"class": "company.customer", "fields": {**FIELDS, **given}, "consents": [CONSENT]}
        return str(self.enters(person, args)["id"])

    def enters(self, person: str, args: dict[str, Any], **other: Any) -> Any:
        """A new record, also beside others that are likely the same customer's."""
        while True:  # who enters at the same time may have been added since
            try:
                return self.calls(person, "create", args, **other)
            except Refused as refusal:
                if refusal.code != "record.likely_duplicate":
                    raise
                of = [one["record"] for one in refusal.facts["candidates"]]
                args = {**args, "duplicates": {"reason": "another one", "of": of}}

    def moves(self, record: str, to: str, person: str = "zheng", outcome: str = "approved") -> dict[str, Any]:
        """Another state, decided where somebody has to; what the caller was answered."""
        args = {"record": record, "version": self.store.record(record).version, "to": to, "reason": "as agreed"}
        told = dict(self.calls(person, "transition", args))
        if told["outcome"] == "waiting" and "move" in told:
            self.settles("move", told["move"], outcome)
        return told

    def active(self, **given: Any) -> str:
        """A record that was approved; its id."""
        record = self.creates(**given)
        self.settles("record", record)
        return record

    def reads(self, person: str, record: str, *fields: str, purpose: str = "service", **other: Any) -> dict[str, Any]:
        """The fields as somebody gets them."""
        asked = {"record": record, "purpose": purpose, **({"fields": [*fields]} if fields else {}), **other}
        return dict(self.calls(person, "read", asked)["fields"])

    def grant(self, person: str, *records: str, known: bool = True, **given: Any) -> dict[str, Any]:
        """A signed grant for a day, to view unless another mode is given; heard of here if `known`."""
        now = self.clock.now()
        body = {"id": new_id(), "person": person, "mode": "view", "records": [*records], "from": rfc3339(now)}
        body |= {"until": rfc3339(now + timedelta(days=1)), "once": False, "class": "company.customer", **given}
        signed = {**body, "signature": SIGNER.sign(canonical(body)).hex()}
        self.approvals.grants.append(signed)
        if known:
            self.hears("keep_grant", {"grant": signed})
        return signed

    def told(self, type: str) -> list[dict[str, Any]]:
        """The data of all journal entries of a type, oldest first."""
        return [{**entry["data"], "record": entry["record"]} for entry in self.journal() if entry["type"] == type]

    def journal(self) -> list[dict[str, Any]]:
        """Every journal entry, oldest first."""
        with self.database.read() as connection:
            return list(connection.execute(select(tables.journal.c.entry).order_by(tables.journal.c.id)).scalars())

    def rows(self, table: Any) -> list[Any]:
        """What lies in a table."""
        with self.database.read() as connection:
            return list(connection.execute(select(table)).all())

    def close(self) -> None:
        """Leave the databases."""
        leave(self.database)
        leave(self.keystore)

    def _store(self) -> RecordStore:
        store = RecordStore()
        store.settings, store.database, store.service = self.settings, self.database, "records"  # type: ignore[assignment]
        store.relay = type("Silent", (), {"wake": lambda self: None})()  # type: ignore[assignment]
        store.journal = Journal(self.database, lambda: None)
        store.lag = self.lag  # type: ignore[assignment]
        return store


SETTLES = {"change": "change", "move": "end", "merge": "merge", "erasure": "erase", "withdrawal": "withdraw"}
TICKS = (
    "finish_erasures",
    "renew_index",
    "rewrap_keys",
    "run_reports",
    "run_imports",
    "run_exports",
    "sweep_exports",
    "walk_records",
    "sweep_uploads",
    "finish_destructions",
)


def code_of(call: Any, *args: Any, **kwargs: Any) -> str:
    """The code of the refusal that a call gets."""
    try:
        got = call(*args, **kwargs)
    except Refused as refusal:
        return refusal.code
    raise AssertionError(f"not refused: {got}")


def at_once(calls: list[Any]) -> list[Any]:
    """What came of calls made at the same time: answers, and codes of refusals."""
    return [thread.wait() for thread in [eventlet.spawn(_outcome, call) for call in calls]]


def _outcome(call: Any) -> Any:
    try:
        return call()
    except Refused as refusal:
        return refusal.code
