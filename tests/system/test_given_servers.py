"""A broker and a server that somebody gave the tests: used where they are named, and left as they were found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from kombu import Connection, Exchange, Queue

from tests.nodes import given as given_nodes
from tests.nodes.given import GivenBroker, GivenServer, Servers, close_given
from tests.nodes.postgres import PrivatePostgres
from tests.nodes.processes import NodeFailed
from tests.nodes.rabbit import PrivateRabbit
from tests.system import conftest
from tests.system.conftest import Shared, running
from tests.system.life import a_record, activate
from tests.system.suite import DATABASES, Nodes

NAMED = ["SELECT datname FROM pg_database", "SELECT rolname FROM pg_roles"]


@pytest.fixture(scope="module")
def rabbit() -> Iterator[PrivateRabbit]:
    """A broker that stands for somebody else's."""
    node = PrivateRabbit()
    try:
        yield node.start()
    finally:
        node.stop()


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What this run itself was given, and the suite that is on it, stay as they are."""
    monkeypatch.setattr(given_nodes, "_brokers", {})
    monkeypatch.setattr(conftest, "_on_given_broker", [])
    yield
    close_given()


@pytest.fixture
def given(
    apart: None, rabbit: PrivateRabbit, private_postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[PrivateRabbit, PrivatePostgres]]:
    """Both are named in the environment; the user of the server is no superuser."""
    with psycopg.connect(private_postgres.url + "postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE lender LOGIN PASSWORD 'lent' CREATEDB CREATEROLE")
        monkeypatch.setenv("AMQP_URI", rabbit.uri)
        monkeypatch.setenv("DATABASE_URL", private_postgres.url.replace("postgres@", "lender:lent@"))
        yield rabbit, private_postgres
        close_given()
        connection.execute("DROP ROLE lender")


def held(broker: PrivateRabbit, server: PrivatePostgres) -> dict[str, set[str]]:
    """Everything that has a name on either."""
    with psycopg.connect(server.url + "postgres") as connection:
        rows = {asked: {str(name) for (name,) in connection.execute(asked)} for asked in NAMED}
    kinds = ("list_queues", "list_exchanges")
    return rows | {kind: set(broker.rabbitmqctl(kind, "name").splitlines()) for kind in kinds}


@contextmanager
def somebody_elses(broker: PrivateRabbit, queue: str, exchange: str) -> Iterator[None]:
    """A queue bound to an exchange, both made before the tests came."""
    with Connection(broker.uri) as connection:
        bound = Queue(queue, Exchange(exchange, "topic", durable=True), "#", durable=True)(connection.channel())
        bound.declare()
        yield
        bound.delete()
        bound.exchange.delete()


@pytest.mark.slow
def test_a_suite_on_given_servers_leaves_them_as_they_were(given: tuple[PrivateRabbit, PrivatePostgres]) -> None:
    """
    What it declared goes with it: a queue left bound would take the requests and events of the next, without a word.
    """
    with somebody_elses(given[0], "somebody.else", "nameko-rpc"):
        before = held(*given)

        with running("distributed", given=True) as suite:
            activate(suite, a_record(suite, {}))
            meanwhile = held(*given)
        close_given()

        databases = {suite.prefix + name for name in DATABASES}
        assert {asked: meanwhile[asked] - before[asked] for asked in NAMED} == dict.fromkeys(NAMED, databases)
        assert meanwhile["list_queues"] > before["list_queues"] | {"rpc-records", "audit.journal"}
        assert held(*given) == before


def test_a_broker_that_an_installation_uses_is_refused_and_not_touched(
    given: tuple[PrivateRabbit, PrivatePostgres],
) -> None:
    with somebody_elses(given[0], "rpc-records", "nameko-rpc"):
        before = held(*given)

        with pytest.raises(NodeFailed, match="virtual host"), running("distributed", given=True):
            pass
        close_given()

        assert held(*given) == before


def test_a_queue_of_somebody_else_is_never_taken_over(
    given: tuple[PrivateRabbit, PrivatePostgres], capfd: pytest.CaptureFixture[str]
) -> None:
    with somebody_elses(given[0], "evt-things", "things.events"):
        before, noting = held(*given), GivenBroker(given[0].uri)

        with pytest.raises(NodeFailed, match="evt-things"):
            noting.before("queue", "evt-things")
        noting.before("exchange", "things.events")
        noting.close()

        assert "virtual host" in capfd.readouterr().err
        assert held(*given) == before


def test_a_database_of_somebody_else_is_never_dropped(given: tuple[PrivateRabbit, PrivatePostgres]) -> None:
    """
    Nor a user, which may have a database of another name.
    """
    with psycopg.connect(given[1].url + "postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE theirs")
        server = GivenServer(given[1].url)

        with pytest.raises(NodeFailed, match="not made by these tests"):
            server.database("theirs")
        server.stop()

        assert connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'theirs'").fetchone()
        connection.execute("DROP ROLE theirs")


# ---------------------------------------------------------------------- which servers, without any


class Stub:
    """Stands for a suite that only says where it would run."""

    def __init__(self, broker: Any = None, server: Any = None, program: Any = ()) -> None:
        self.broker, self.server, self.program, self.stopped = broker, server, program, False

    def start(self) -> Stub:
        return self

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are named that nobody asks."""
    monkeypatch.setenv("AMQP_URI", "amqp://lender:lent@broker.invalid/tests")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://lender:lent@server.invalid/")
    monkeypatch.setattr(conftest, "Suite", Stub)
    for nodes in (GivenBroker, PrivateRabbit, PrivatePostgres):
        monkeypatch.setattr(nodes, "start", lambda self: self)


def test_what_is_named_is_used(named: None) -> None:
    with running("distributed", given=True) as suite:
        assert suite.broker.uri == "amqp://lender:lent@broker.invalid/tests"
        assert suite.server.url == "postgresql://lender:lent@server.invalid/"
        assert suite.program == suite.broker.program


def test_faults_have_nodes_of_their_own_whatever_is_named(named: None) -> None:
    """
    They kill and freeze them.
    """
    with running("distributed") as suite:
        assert isinstance(suite.broker, PrivateRabbit) and isinstance(suite.server, PrivatePostgres)
    assert isinstance(Nodes().broker, PrivateRabbit)


@pytest.mark.parametrize(("broker", "server"), [("inproc://", "sqlite://"), ("", "")])
def test_what_is_not_named_is_private(monkeypatch: pytest.MonkeyPatch, broker: str, server: str) -> None:
    monkeypatch.setenv("AMQP_URI", broker)
    monkeypatch.setenv("DATABASE_URL", server)

    servers = Servers()
    servers.stop()

    assert isinstance(servers.broker, PrivateRabbit) and isinstance(servers.server, PrivatePostgres)


def test_one_suite_at_a_time_is_on_a_given_broker(named: None) -> None:
    """
    Two would answer each other's calls; the one that many tests share is started again afterwards.
    """
    shared = Shared("distributed")
    with shared.ending:
        first = shared.suite()
        with running("distributed", given=True) as own:
            assert (first.stopped, own.stopped) == (True, False)
        again = shared.suite()

        assert again is not first and again is shared.suite()
        assert (again.stopped, own.stopped) == (False, True)
    assert again.stopped
