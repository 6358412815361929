"""Databases lent to one test after the other: to empty one takes a hundredth of what making and dropping one takes.

Who connected to one goes on from there: its connections stay open, and what was compiled for it stays compiled.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from chassis.db import database
from chassis.ids import new_id
from tests.nodes.postgres import Server
from tests.nodes.prepared import leave, prepare

# Only its own: the server's vacuum may be at work here, and is nobody's to end. Who is idle keeps nobody from anything.
OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
    " AND usename = current_user AND pid <> pg_backend_pid() AND state IS DISTINCT FROM 'idle'"
)
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%\\_version'"
# What a migration wrote is there for every test.
WRITTEN = "SELECT jsonb_agg(t) FROM {} t"
AGAIN = "INSERT INTO {0} SELECT * FROM jsonb_populate_recordset(NULL::{0}, {1})"


class Lender:
    """Databases by what they are for; those that came back are lent again, empty."""

    def __init__(self) -> None:
        self.back: dict[str, list[str]] = defaultdict(list)

    def lend(self, kind: str) -> str:
        """The URL of a database without rows, and of no other test until it is given back."""
        return self.back[kind].pop() if self.back[kind] else self.made(kind)

    def give_back(self, kind: str, url: str) -> None:
        """Empty it; where somebody was still at work nobody follows."""
        if self.empty(url):
            self.back[kind].append(url)

    def made(self, kind: str) -> str:
        """One more."""
        raise NotImplementedError

    def empty(self, url: str) -> bool:
        """Leave it without rows but those that a migration wrote; whether it can be lent again."""
        raise NotImplementedError


class ServersLender(Lender):
    """Databases on a server."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self.names: list[str] = []
        self.written: dict[str, list[sql.Composed]] = {}

    def made(self, kind: str) -> str:
        """A database at head with a user of its own."""
        self.names.append(f"{kind}_{new_id()[-12:]}")
        url = self.server.database(self.names[-1]).replace("postgresql", "postgresql+psycopg", 1)
        prepare(database(url), kind)
        with _connected(url) as connection:
            rows = {name: connection.execute(_about(WRITTEN, name)).fetchone() for name in _tables(connection)}
        self.written[url] = [_about(AGAIN, name, json.dumps(one[0])) for name, one in rows.items() if one and one[0]]
        return url

    def empty(self, url: str) -> bool:
        """Whoever is still at work in it is cut off."""
        with _connected(url) as connection:
            at_work = connection.execute(OTHERS).fetchall()
            # In one statement, so that who refers to whom is looked at when all are empty.
            away = sql.SQL("{} AS (DELETE FROM {})")
            emptied = [away.format(sql.Identifier(f"-{t}"), sql.Identifier(t)) for t in _tables(connection)]
            connection.execute(sql.SQL("WITH {} SELECT 1").format(sql.SQL(", ").join(emptied)))
            for again in self.written[url]:
                connection.execute(again)
        return not at_work

    def close(self) -> None:
        """Drop them all."""
        for name in self.names:
            self.server.drop(name)


class FilesLender(Lender):
    """SQLite files of one folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def made(self, kind: str) -> str:
        """A file that is yet to be made."""
        return f"sqlite:///{self.folder}/{kind}-{new_id()[-12:]}.db"

    def empty(self, url: str) -> bool:
        """Away with it, and with what was written beside it."""
        leave(database(url))
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)
        return True


def _connected(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql", 1))


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    return [name for (name,) in connection.execute(TABLES)]


def _about(text: str, table: str, *more: Any) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table), *more)  # type: ignore[arg-type]
