"""Databases lent to one test after the other: to empty one takes a hundredth of what making and dropping one takes."""

from __future__ import annotations

from collections import defaultdict

import psycopg
from psycopg import sql

from chassis.ids import new_id
from tests.nodes.postgres import Server

# Only its own: the server's vacuum may be at work here, and is nobody's to end.
OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
)
# What a migration wrote stays: the schema and its version are the same for every test.
FILLED = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%\\_version'"


class Lender:
    """Databases on one server, by what they are for; those that came back are lent again, empty."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.names: list[str] = []
        self.back: dict[str, list[str]] = defaultdict(list)

    def lend(self, kind: str) -> str:
        """The URL of a database without rows, and of no other test until it is given back."""
        return self.back[kind].pop() if self.back[kind] else self._made(kind)

    def give_back(self, kind: str, url: str) -> None:
        """Empty it; whoever is still connected is cut off."""
        with psycopg.connect(url.replace("postgresql+psycopg", "postgresql", 1)) as connection:
            connection.execute(OTHERS)
            tables = [name for (name,) in connection.execute(FILLED)]
            emptied = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in tables]
            connection.execute(sql.SQL("; ").join(emptied) if emptied else "SELECT 1")
        self.back[kind].append(url)

    def close(self) -> None:
        """Drop them all."""
        for name in self.names:
            self.server.drop(name)

    def _made(self, kind: str) -> str:
        self.names.append(f"{kind}_{new_id()[-12:]}")
        return self.server.database(self.names[-1]).replace("postgresql", "postgresql+psycopg", 1)
