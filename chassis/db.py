"""One database per service: engines, the two roads into them, and column types both databases keep alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import eventlet
from eventlet import tpool
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Engine,
    String,
    Table,
    Text,
    any_,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.types import TypeDecorator

from chassis import codec, inserting
from chassis.breathing import Lock, give_way
from chassis.errors import Conflict, Unavailable

R = TypeVar("R")
# Eight connections served fifty workers as fast as twenty; all pools together stay below a server's default of 100.
READERS, WRITERS = 8, 6
MANY = 200  # rows of one statement,
FEW = 50  # and of one on SQLite, which works inside this process
# Without it an INSERT … ON CONFLICT tells -1 rows on PostgreSQL, whether it did anything or not.
COUNTED = {"preserve_rowcount": True}
# A page that changes often is copied out of the log once in 16 MiB; four times as often cost an import a sixth.
PRAGMAS = ("journal_mode=WAL", "wal_autocheckpoint=4000", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BUSY = ("55P03", "40P01")  # a lock not had in time, a deadlock
# A connection that commits each statement has nothing to roll back when it is given back.
QUIET: dict[str, Any] = {"pool_reset_on_return": None, "skip_autocommit_rollback": True}


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, kept as whole microseconds since 1970 (exact and ordered on both databases)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """Microseconds; a naive datetime is a programming error."""
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """The instant again."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A JSON value, kept as canonical text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        """Canonical text; None stays NULL."""
        return None if value is None else codec.canonical(value).decode()

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        """The value again."""
        return None if value is None else codec.loads(value.encode())


class Database:
    """One engine, a road that writes in transactions and a road that reads in autocommit."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        made = _sqlite_engine if self.sqlite else _server_engine
        self.engine = made(url, pool_size=WRITERS)
        self.autocommit = made(url, pool_size=READERS, isolation_level="AUTOCOMMIT", **QUIET)
        self.write_lock = Lock()
        self._writers = set[Any]()  # greenlets in a transaction
        if self.sqlite:
            event.listen(self.autocommit, "before_cursor_execute", self._take_turns)
            event.listen(self.engine, "before_cursor_execute", self._take_turns)
        self._new: dict[Any, Any] = {}

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed on leaving, rolled back on any exception."""
        with self._green_lock(), refusals(), self._noted():
            with self.engine.connect() as connection, self._committed(connection):
                yield connection

    @property
    def writing(self) -> bool:
        """Whether this greenlet is in a transaction of its own: on SQLite it would wait for itself in another."""
        return eventlet.getcurrent() in self._writers

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose statements commit one by one."""
        with refusals(), self.autocommit.connect() as connection:
            yield connection

    @contextmanager
    def append(self) -> Iterator[Connection]:
        """A connection for one statement that writes, all or nothing: on a server one trip instead of three."""
        # SQLite would commit many rows one by one.
        with self.write() if self.sqlite else self.read() as connection:
            yield connection

    @contextmanager
    def exclusive(self, name: str) -> Iterator[bool]:
        """True for one process at a time. On SQLite there is only one process; on a server an advisory lock."""
        if self.sqlite:
            yield True
            return
        with refusals(), self.engine.connect() as connection, connection.begin():
            held = text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
            yield bool(connection.execute(held, {"name": name}).scalar())

    def put(self, connection: Connection, table: Table, rows: list[dict[str, Any]], new: bool = False) -> None:
        """Insert all rows, or the `new` ones among them, on the connection of the caller's transaction."""
        for some in portions(rows, FEW if self.sqlite else MANY):
            inserting.put(connection, table, some, new)

    def put_new(self, connection: Connection, table: Table, rows: list[dict[str, Any]], told: str) -> list[Any]:
        """Insert those rows that are not there yet; the `told` column of each that was put in."""
        return inserting.put_new(connection, table, rows, told)

    def insert_new(self, table: Any) -> Any:
        """An INSERT that leaves what is there as it is, made once per table."""
        if table not in self._new:
            self._new[table] = self.insert(table).on_conflict_do_nothing()
        return self._new[table]

    def insert(self, table: Any) -> Any:
        """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
        return (sqlite if self.sqlite else postgresql).insert(table)

    def _take_turns(self, connection: Connection, *_: Any) -> None:
        # Where a server's driver waits for its socket, and lets others in. Whoever writes without the lock, as a
        # migration does, would be met by others in the middle of it.
        if connection.engine is self.autocommit or self.write_lock.mine:
            give_way()

    @contextmanager
    def _committed(self, connection: Connection) -> Iterator[None]:
        if not self.sqlite:
            with connection.begin():
                yield
            return
        transaction = connection.begin()
        try:
            yield
        except BaseException:
            transaction.rollback()
            raise
        tpool.execute(transaction.commit)  # SQLite waits for the disk inside this process

    @contextmanager
    def _noted(self) -> Iterator[None]:
        mine = {eventlet.getcurrent()} - self._writers
        self._writers |= mine
        try:
            yield
        finally:
            self._writers -= mine

    @contextmanager
    def _green_lock(self) -> Iterator[None]:
        # SQLite's own lock would block the whole process while it waits; a green one lets others run.
        if not self.sqlite:
            yield
            return
        with self.write_lock.held():
            yield


def portions(rows: Sequence[R], many: int) -> Iterator[Sequence[R]]:
    """Some rows after others."""
    for at in range(0, len(rows), many):
        yield rows[at : at + many]


def among(engine: Engine, column: Any, name: str) -> Any:
    """Whether a column is one of the values bound as `name`: on a server the same text for any number of them."""
    if engine.dialect.name == "sqlite":
        return column.in_(bindparam(name, expanding=True))
    return column == any_(bindparam(name, type_=ARRAY(String)))


_databases: dict[str, Database] = {}


def database(url: str) -> Database:
    """The process's one Database for a URL."""
    if url not in _databases:
        _databases[url] = Database(url)
    return _databases[url]


@contextmanager
def refusals() -> Iterator[None]:
    """Say in the five refusals what a database says when it is away or busy; its own text may hold data."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        if getattr(cause, "sqlstate", None) in BUSY:
            raise Conflict("request.in_flight", "the same thing is being changed by another call") from None
        if getattr(error, "connection_invalidated", False) or _away(cause):
            raise Unavailable("database.unavailable", "the database does not answer") from None
        raise
    except PoolExhausted:
        raise Unavailable("database.unavailable", "the database has no connection to spare") from None


def _away(cause: BaseException | None) -> bool:
    state = getattr(cause, "sqlstate", None)
    kinds = {kind.__name__ for kind in type(cause).__mro__}
    # No SQLSTATE means that the driver lost or never had a server; 57 and 53 are ended by the server and full.
    return "OperationalError" in kinds and (state is None or state[:2] in ("57", "53"))


def _sqlite_engine(url: str, **options: Any) -> Engine:
    arguments = {"timeout": 5, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, max_overflow=0, execution_options=COUNTED, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # pysqlite would otherwise open transactions of its own
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    if "isolation_level" not in options:

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _server_engine(url: str, **options: Any) -> Engine:
    # Time-outs are the server's: a killed greenlet would leave its statement running there.
    limits = "-c statement_timeout=15s -c lock_timeout=2s -c idle_in_transaction_session_timeout=30s"
    arguments = {"options": limits, "connect_timeout": 5}
    pool = {"max_overflow": 0, "pool_timeout": 5, "pool_recycle": 1800}
    engine = create_engine(url, connect_args=arguments, execution_options=COUNTED, **pool, **options)
    # Many rows in one statement instead of a pipeline of statements: half the time of a write with six parts.
    engine.dialect.use_insertmanyvalues_wo_returning = True
    return engine
