"""A small service on the chassis, on each database and each broker; fakes stand at the edges only."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Column, MetaData, String, Table, func, insert, select

from chassis import codec, migrate, tables
from chassis.actor import Actor, assert_actor, signing_key
from chassis.call import Call, CallingActor
from chassis.clock import FixedClock
from chassis.containers import Runner, end
from chassis.db import Database, _databases, database
from chassis.entrypoints import on_event, on_events, rpc
from chassis.errors import Forbidden
from chassis.events import Event, event
from chassis.ids import new_id
from chassis.publisher import Message, PublishFailed
from chassis.rpc import RpcClient, Service
from chassis.store import Bound, Store, Work
from tests.nodes import processes
from tests.nodes.lending import Lender
from tests.nodes.prepared import prepare

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEED = bytes(range(32))
ANA = Actor("ana", "ana", "sales", frozenset({"clerk"}))
BEN = Actor("ben", "ben", "sales", frozenset({"clerk"}))
migrate.HISTORIES["things"] = {"chassis_version": "chassis"}

metadata = MetaData()
things = Table("things", metadata, Column("id", String(36), primary_key=True), Column("name", String(40)))


@event("things.added")
@dataclass(frozen=True)
class ThingAdded(Event):
    record: str


@event("things.seen", published=False)
@dataclass(frozen=True)
class ThingSeen(Event):
    record: str


@dataclass
class Settings:
    """What the chassis asks of its settings."""

    url: str
    amqp_uri: str = "inproc://nobody"
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))

    def key(self, name: str) -> bytes:
        """A key that depends on its name only."""
        pair = Ed25519PrivateKey.from_private_bytes(SEED)
        return pair.public_key().public_bytes_raw() if name == "actor.public" else name.encode().ljust(32, b".")

    def database(self, name: str) -> str:
        """One database for all."""
        return self.url


class ThingWork(Work):
    def add(self, name: str) -> str:
        """A thing, and the fact that it was added."""
        row = {"id": new_id(), "name": name}
        self.connection.execute(insert(things).values(row))
        self.emit(ThingAdded(row["id"]))
        return row["id"]


class ThingStore(Store[ThingWork]):
    metadata, work = metadata, ThingWork


class Things:
    """The service: what it does is decided by the test."""

    name = "things"
    store = ThingStore()
    caller = CallingActor()
    before: Callable[[Any], None] = staticmethod(lambda event: None)

    @rpc
    def add(self, args: dict[str, Any]) -> dict[str, Any]:
        """Add one thing, unless its name is forbidden."""
        with self.store.begin() as work:
            id = work.add(args["name"])
            if args["name"] == "forbidden":
                raise Forbidden("thing.forbidden", "no such things here")
            return work.answer({"id": id})

    @on_event("others", "others.happened")
    def take(self, event: dict[str, Any]) -> None:
        """Add the thing that the event names."""
        self.before(event)
        with self.store.begin() as work:
            work.add(event["data"]["name"])


class Many(Things):
    """The same, but what waits comes together."""

    groups: list[list[str]] = []

    @on_events("others", "others.happened")
    def take(self, events: list[dict[str, Any]]) -> None:
        """Add the things that the events name."""
        self.groups.append([one["data"]["name"] for one in events])
        for one in events:
            self.before(one)
        with self.store.begin() as work:
            for one in work.fresh(events):
                work.add(one["data"]["name"])


class Recorder:
    """The edge to the broker: keeps what is published, or fails as it is told."""

    def __init__(self) -> None:
        self.batches: list[list[Message]] = []
        self.failure: PublishFailed | None = None

    def publish_batch(self, messages: list[Message]) -> None:
        """Keep, then fail or not."""
        self.batches.append(list(messages))
        if self.failure:
            raise self.failure

    @property
    def entries(self) -> list[list[dict[str, Any]]]:
        """The journal entries of each batch."""
        return [batch[0].body["entries"] for batch in self.batches]


class Shop:
    """The service's store as its container sets it up, without broker and container."""

    def __init__(self, url: str) -> None:
        self.settings = Settings(url)
        self.clock, self.store = self.settings.clock, ThingStore()
        self.store.container = SimpleNamespace(config={"MUNIMENT": self.settings}, service_name="things")
        self.store.setup()
        self.database, self.relay = self.store.database, self.store.relay
        self.wire = self.relay.publisher = Recorder()  # type: ignore[assignment]

    def bound(self, actor: Actor = ANA, method: str = "add", **call: Any) -> Bound[ThingWork]:
        """The store as one call sees it."""
        return Bound(self.store, Call("things", method, new_id(), actor, **call))

    def add(self, name: str, key: str | None = None, actor: Actor = ANA) -> Any:
        """Call the entrypoint."""
        service, args = Things(), {"name": name}
        service.store = self.bound(actor, key=key, args=args)  # type: ignore[assignment]
        return service.add(args)

    def names(self) -> list[str]:
        """What has been added."""
        with self.database.read() as connection:
            return sorted(connection.execute(select(things.c.name)).scalars())

    def entries(self, *columns: Any) -> list[Any]:
        """The journal, oldest first."""
        with self.database.read() as connection:
            found = select(*columns or [tables.journal.c.type]).order_by(tables.journal.c.number, tables.journal.c.id)
            return list(connection.execute(found) if columns else connection.execute(found).scalars())

    def count(self, table: Table) -> int:
        """How many rows it has."""
        with self.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def count_unsent(self) -> int:
        """How many entries wait to be published."""
        with self.database.read() as connection:
            return len(connection.execute(select(tables.journal.c.id).where(~tables.journal.c.sent)).all())


@pytest.fixture
def sqlite_url(tmp_path: Any) -> Iterator[str]:
    """A file of the test's own."""
    with _migrated(f"sqlite:///{tmp_path / 'things.db'}") as url:
        yield url


@pytest.fixture
def postgres_url(lender: Lender) -> Iterator[str]:
    """A database of the test's own on the server."""
    with _migrated(lender.lend("things")) as url:
        yield url
    lender.give_back("things", url)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A migrated database; a test that takes it runs on both."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def shop(url: str) -> Shop:
    """The store on each database."""
    return Shop(url)


@contextmanager
def _migrated(url: str) -> Iterator[str]:
    codec.register(SEED)
    with prepare(database(url), "things").write() as connection:
        metadata.create_all(connection)
    yield url
    gone = _databases.pop(url)
    gone.engine.dispose()
    gone.autocommit.dispose()


@dataclass
class Side:
    """The service in its container, on one of the two sides."""

    settings: Settings
    suite: RpcClient
    runner: Runner

    def call(self, method: str, args: Any, actor: Actor | None = ANA, **context: Any) -> Any:
        """Call it as somebody."""
        if actor:
            context["actor"] = assert_actor(actor, "things", self.settings.clock.now(), signing_key(SEED))
        things: Service = self.suite.service("things", **context)
        return getattr(things, method)(args)

    @property
    def store(self) -> ThingStore:
        """The store of the running container."""
        (container,) = self.runner.containers
        return next(e for e in container.extensions if isinstance(e, ThingStore))


@pytest.fixture(params=["embedded", "distributed"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """SQLite and the broker in the process; PostgreSQL and RabbitMQ."""
    with serving(_on(request)) as running:
        yield running


@pytest.fixture(params=["embedded", "distributed"])
def together(request: pytest.FixtureRequest) -> Iterator[Side]:
    """The service that takes what waits together, on both sides."""
    Many.groups = []
    with serving(_on(request), Many) as running:
        yield running


def _on(request: pytest.FixtureRequest) -> Settings:
    embedded = request.param == "embedded"
    url = request.getfixturevalue("sqlite_url" if embedded else "postgres_url")
    return Settings(url, f"inproc://things-{new_id()}" if embedded else request.getfixturevalue("rabbit").uri)


@contextmanager
def serving(settings: Settings, *services: type) -> Iterator[Side]:
    """Run services, Things unless others are given, in this process."""
    config = codec.nameko_config(settings.amqp_uri, MUNIMENT=settings)
    runner = Runner(config, services or [Things])
    runner.start()
    try:
        with RpcClient(config) as suite:
            yield Side(settings, suite, runner)
    finally:
        end(runner, 10)


def until(condition: Callable[[], object], what: str = "a condition of the test", seconds: float = 15) -> None:
    """Let the others run until the condition holds."""
    processes.until(condition, seconds, what)


__all__ = ["Database", "Message", "PublishFailed"]
