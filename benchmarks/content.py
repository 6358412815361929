"""What an import left, opened, as one digest. Neither ids nor times nor keys come into it: runs can be compared."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, func, select

from chassis import codec
from chassis.tables import journal
from services.records import tables as t
from services.records.consents.tables import collections
from services.records.merging.tables import alike
from services.records.parties.tables import identities
from services.records.searching.tables import search_parts
from tests.system.suite import Suite
from vault.envelope import PartContext, open_part
from vault.kek import KeyFile
from vault.tables import keys

AT_ONCE = 500
R, P, V, K = t.records.c, t.parts.c, t.part_versions.c, keys.c
TOLD = (R.class_, R.department, R.responsible, R.creator, R.state, R.level, R.version, R.complete, R.facets, R.purposes,
        R.schemes, R.origin, R.number, R.about)  # fmt: skip
BESIDE = {"tokens": t.tokens, "facets": t.facets, "alike": alike, "collections": collections}


@dataclass
class Left:
    """The digest, and how many rows there are of what is not looked into."""

    digest: str
    rows: dict[str, int] = field(default_factory=dict)


def left(suite: Suite, upload: str) -> Left:
    """Open all that the import left, in the order of its contents."""
    records, keystore = (_engine(suite, name) for name in ("records", "keystore"))
    kek = KeyFile(suite.data / "keys" / "kek")
    with records.connect() as connection, keystore.connect() as beside:
        each = sorted(one for some in _pages(connection, upload) for one in _opened(connection, beside, kek, some))
        return Left(hashlib.sha256(b"".join(each)).hexdigest(), _counted(connection, upload))


def _engine(suite: Suite, name: str) -> Engine:
    if not suite.distributed:
        return create_engine(f"sqlite:///{suite.data / name}.db", poolclass=NullPool)
    server = suite.server.url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(f"{server.rstrip('/')}/{suite.prefix}{name}", poolclass=NullPool)


def _pages(connection: Connection, upload: str) -> Iterator[dict[str, Any]]:
    """The import's records by id, some at a time, each as what is told of it."""
    after = ""
    found = select(R.id, *TOLD).where(R.import_id == upload).order_by(R.id).limit(AT_ONCE)
    while rows := connection.execute(found.where(R.id > after)).all():
        after = rows[-1].id
        yield {row.id: list(row[1:]) for row in rows}


def _opened(connection: Connection, beside: Connection, kek: KeyFile, told: dict[str, Any]) -> Iterator[bytes]:
    found = select(P.record, P.id, P.name, P.level, P.key, V.version, V.changed, V.sealed).join(
        t.part_versions, V.part == P.id
    )
    rows = connection.execute(found.where(P.record.in_(told)).order_by(P.record, P.name, V.version)).all()
    wrapped = {row.id: row for row in beside.execute(select(keys).where(K.id.in_([row.key for row in rows])))}
    for record, parts in groupby(rows, lambda row: row.record):
        whole = [[*_part(kek, wrapped[part.key], part)] for part in parts]
        yield hashlib.sha256(codec.canonical([told[record], whole])).digest()


def _part(kek: KeyFile, key: Any, part: Any) -> Iterator[Any]:
    dek = kek.unwrap(key.kek_version, key.id, key.wrapped)
    opened = open_part(dek, PartContext(part.record, part.id, part.version), part.sealed)
    yield from (part.name, part.level, part.version, part.changed)
    yield {name: opened.value(name).decode() for name in opened.fields}
    yield {name: opened.mask(name).decode() for name in opened.masked}


def _counted(connection: Connection, upload: str) -> dict[str, int]:
    """Rows that belong to the import's records, and entries that tell of them; everything exactly once."""
    mine = select(R.id).where(R.import_id == upload)
    counts = {name: _count(connection, one, one.c.record.in_(mine)) for name, one in BESIDE.items()}
    index = select(search_parts.c.tokens).where(search_parts.c.record.in_(mine))
    counts["search"] = sum(len(tokens) for (tokens,) in connection.execute(index))
    counts["parties"] = int(
        connection.execute(select(func.count(R.subject.distinct())).where(R.import_id == upload)).scalar_one()
    )
    counts["marks"] = _count(
        connection, identities, identities.c.subject.in_(select(R.subject).where(R.import_id == upload))
    )
    counts["entries"] = _count(connection, journal, journal.c.record.in_(mine))
    counts["rows not taken"] = _count(connection, t.import_rows, t.import_rows.c.import_id == upload)
    return counts


def _count(connection: Connection, table: Any, where: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(where)).scalar_one())


def shown(one: Left) -> str:
    """In one line."""
    return f"{one.digest[:16]}… {json.dumps(one.rows)}"
