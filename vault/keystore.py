"""Data keys: made, handed out against a ticket, re-wrapped, destroyed. Nothing is cached.

Destroying a key in the live database is half of it. A backup that holds the wrapped key and a key-encryption key that
still exists would bring it back, and PostgreSQL keeps dead rows until VACUUM. The *shred epoch* closes this:
`kek.rotate()`, `rewrap()` until it says 0, `close_epoch()`; then nothing wrapped before opens anywhere, backups
included. Run it once per backup window.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from vault.envelope import PartContext, SealedPart, seal_part
from vault.kek import KeyFile
from vault.refusals import key_gone
from vault.tables import keys

MICROSECOND = 1_000_000
COLUMNS = ("id", "created_at", "kek_version", "wrapped", "fingerprint")
UNNEST = (
    f"INSERT INTO keys ({', '.join(COLUMNS)}) "  # noqa: S608
    "SELECT * FROM unnest(%s::text[], %s::bigint[], %s::int[], %s::bytea[], %s::text[])"
)
# With RETURNING many rows travel in one statement, without the cost of compiling it anew for each number of rows.
INSERT = insert(keys).returning(keys.c.id).execution_options(insertmanyvalues_page_size=5_000)


@dataclass(frozen=True)
class Key:
    """A new data key. Its bytes are for sealing only and are in no repr."""

    id: str
    dek: bytes = field(repr=False)


class Sealer:
    """Seals under existing keys and gives nothing back, so it needs no ticket."""

    def __init__(self, deks: dict[str, bytes]) -> None:
        self._deks = deks

    def seal(
        self, key_id: str, context: PartContext, values: Mapping[str, bytes], masks: Mapping[str, bytes] | None = None
    ) -> SealedPart:
        """Seal one part version under one of the keys this sealer was made for."""
        return seal_part(self._deks[key_id], context, values, masks)


class Keystore:
    """The keys table. `ticket_class` is the class that only a committed journal entry makes."""

    def __init__(
        self, engine: Engine, kek: KeyFile, ticket_class: type, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine, self._kek, self._ticket_class, self._now = engine, kek, ticket_class, now

    def create(self, n: int) -> list[Key]:
        """Make n keys in one INSERT, committed on return; a key nobody uses afterwards is harmless."""
        made = [Key(str(uuid.uuid4()), os.urandom(32)) for _ in range(n)]
        if made:
            with self._writing() as connection:
                self._insert(connection, self._rows(made))
        return made

    def sealer(self, key_ids: Collection[str]) -> Sealer:
        """Something that can seal under these keys, and only that."""
        return Sealer(self._open(key_ids))

    def unwrap(self, key_ids: Collection[str], ticket: object) -> dict[str, bytes]:
        """The data keys, in one query; only against a ticket, that is after the journal entry is committed."""
        if not isinstance(ticket, self._ticket_class):
            raise TypeError("keys are handed out against a ticket of the journal only")
        return self._open(key_ids)

    def destroy(self, key_ids: Collection[str]) -> dict[str, str]:
        """Delete the wrapped keys for good; fingerprint (SHA-256 of the wrapped key) by id, the same when repeated."""
        wanted = set(key_ids)
        with self._writing() as connection:
            gone = {"wrapped": None, "destroyed_at": self._micros()}
            connection.execute(update(keys).where(keys.c.id.in_(wanted), keys.c.wrapped.is_not(None)).values(gone))
            rows = connection.execute(select(keys.c.id, keys.c.fingerprint).where(keys.c.id.in_(wanted))).all()
        self.scrub()
        fingerprints = {row.id: row.fingerprint for row in rows}
        if wanted - fingerprints.keys():
            raise key_gone(wanted - fingerprints.keys())
        return fingerprints

    def rewrap(self, batch: int = 500) -> int:
        """Bring up to `batch` keys under the newest version; how many are left. May stop and be repeated anywhere."""
        self._wrap_anew(self._behind("", batch))
        return self.behind()

    def rewrapping(self, batch: int = 500) -> Iterator[int]:
        """The same for all of them, key by key in the order of their ids; how many each step took."""
        after = ""
        while rows := self._behind(after, batch):
            self._wrap_anew(rows)
            after = rows[-1].id
            yield len(rows)

    def behind(self) -> int:
        """How many living keys are wrapped under an older version."""
        old = keys.c.wrapped.is_not(None) & (keys.c.kek_version < self._kek.version)
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(keys).where(old)).scalar_one()

    def _behind(self, after: str, batch: int) -> Sequence[Any]:
        found = select(keys.c.id, keys.c.kek_version, keys.c.wrapped).order_by(keys.c.id).limit(batch)
        old = keys.c.wrapped.is_not(None) & (keys.c.kek_version < self._kek.version)
        with self._engine.connect() as connection:
            return connection.execute(found.where(keys.c.id > after, old)).all()

    def _wrap_anew(self, rows: Sequence[Any]) -> None:
        version, again = self._kek.wrap_all(
            (row.id, self._kek.unwrap(row.kek_version, row.id, row.wrapped)) for row in rows
        )
        with self._writing() as connection:
            for row, wrapped in zip(rows, again, strict=True):
                # The old bytes are the condition: a key destroyed or re-wrapped meanwhile is left as it is.
                unchanged = (keys.c.id == row.id) & (keys.c.wrapped == row.wrapped)
                connection.execute(update(keys).where(unchanged).values(_wrapped(version, wrapped)))

    def close_epoch(self) -> int:
        """Forget the key-encryption keys that no living key needs; the oldest version that stays."""
        with self._engine.connect() as connection:
            oldest = connection.execute(
                select(func.min(keys.c.kek_version)).where(keys.c.wrapped.is_not(None))
            ).scalar()
        self._kek.retire(oldest or self._kek.version)
        self.scrub()
        return oldest or self._kek.version

    def scrub(self) -> bool:
        """Empty SQLite's write-ahead log, where old pages lie; False while a reader holds it, so repeat later."""
        if self._engine.dialect.name != "sqlite":
            return True
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        return not busy

    def _open(self, key_ids: Collection[str]) -> dict[str, bytes]:
        wanted = set(key_ids)
        found = select(keys.c.id, keys.c.kek_version, keys.c.wrapped).where(keys.c.id.in_(wanted))
        with self._engine.connect() as connection:
            rows = [row for row in connection.execute(found) if row.wrapped is not None]
        if len(rows) != len(wanted):
            raise key_gone(wanted - {row.id for row in rows})
        return {row.id: self._kek.unwrap(row.kek_version, row.id, row.wrapped) for row in rows}

    def _rows(self, made: list[Key]) -> list[dict[str, object]]:
        version, wrapped = self._kek.wrap_all((key.id, key.dek) for key in made)
        at = self._micros()
        return [
            {"id": key.id, "created_at": at, **_wrapped(version, one)} for key, one in zip(made, wrapped, strict=True)
        ]

    def _insert(self, connection: Connection, rows: list[dict[str, object]]) -> None:
        if connection.dialect.name == "postgresql":
            # One array a column: its text is the same for any number of rows, and made and read once.
            connection.exec_driver_sql(UNNEST, tuple(_array(row[name] for row in rows) for name in COLUMNS))
        else:
            connection.execute(INSERT, rows)

    def _micros(self) -> int:
        return round(self._now().timestamp() * MICROSECOND)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                # Every writer needs it: a page that a later insert splits would keep copies of keys otherwise.
                connection.exec_driver_sql("PRAGMA secure_delete=ON").close()
            yield connection


def _wrapped(version: int, wrapped: bytes) -> dict[str, object]:
    return {"kek_version": version, "wrapped": wrapped, "fingerprint": hashlib.sha256(wrapped).hexdigest()}


def _array(values: Iterable[object]) -> str:
    """Ids, numbers and bytes as PostgreSQL writes an array; a driver would ask of each what it is."""
    return "{" + ",".join([f'"\\\\x{one.hex()}"' if isinstance(one, bytes) else str(one) for one in values]) + "}"
