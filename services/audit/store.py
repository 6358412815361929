"""The audit service's way to its database: the ledger's and the supervision's work, and their queries."""

from __future__ import annotations

import os
import tempfile
from base64 import b64encode
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import select

from chassis.codec import loads
from chassis.errors import NotFound
from chassis.store import Store
from services.audit import tables
from services.audit.ledger import bundle, tiles, tree
from services.audit.ledger import store as ledger
from services.audit.ledger.store import LedgerWork, signing_key
from services.audit.supervision.store import SupervisionWork, find_violations

CHUNK = 256 * 1024


class AuditWork(LedgerWork, SupervisionWork):
    """One transaction of either engine."""


class AuditStore(Store[AuditWork]):
    """`store = AuditStore()`."""

    metadata = tables.metadata
    work = AuditWork

    @cached_property
    def room(self) -> Path:
        """A folder of this process's own, where bundles lie while they are fetched."""
        return Path(tempfile.mkdtemp(prefix="muniment-bundles-"))

    def entries(self, sought: dict[str, Any]) -> dict[str, Any]:
        """A page of entries, newest first."""
        limit = sought["limit"]
        with self.reading() as connection:
            rows = ledger.find_entries(connection, sought, sought["after"], limit + 1)
        following = str(rows[limit - 1].position) if len(rows) > limit else None
        return {"items": [_shown(row) for row in rows[:limit]], "next": following}

    def entry(self, id: str) -> dict[str, Any]:
        """One entry by its id."""
        with self.reading() as connection:
            return _shown(ledger.entry_by_id(connection, id))

    def checkpoint(self) -> dict[str, Any]:
        """The last signed state of the log."""
        with self.reading() as connection:
            row = ledger.latest_checkpoint(connection)
        key = signing_key(self.settings).verifier.line()
        return {"note": row.note, "size": row.size, "root": row.root.hex(), "key": key}

    def inclusion(self, id: str, size: int | None) -> dict[str, Any]:
        """The proof that an entry is in the tree of that size, or in the last signed one."""
        with self.reading() as connection:
            size = size or ledger.latest_checkpoint(connection).size
            row = ledger.entry_by_id(connection, id)
            node = self._nodes(connection, row.position, size)
            proof = tree.inclusion_proof(row.position, size, node)
            root = tree.root_of(0, size, node)
        return {"index": row.position, "size": size, "leaf": tree.leaf_hash(row.text.encode()).hex(),
                "proof": [step.hex() for step in proof], "root": root.hex()}  # fmt: skip

    def consistency(self, first: int, second: int) -> dict[str, Any]:
        """The proof that the tree of one size begins with the tree of another."""
        with self.reading() as connection:
            node = self._nodes(connection, first - 1, second)
            proof = tree.consistency_proof(first, second, node) if first <= second else _no_tree(second)
            roots = [tree.root_of(0, size, node).hex() for size in (first, second)]
        return {"from": first, "to": second, "proof": [step.hex() for step in proof], "roots": roots}

    def bundle_chunk(self, id: str, offset: int, person: str | None) -> dict[str, Any]:
        """256 KiB of a bundle, for whoever began it; made when it is first asked for, by whichever replica is asked."""
        with self.reading() as connection:
            # Its entry in the journal names one person; another one begins another.
            b = tables.bundles.c
            _row(connection, select(b.id).where(b.id == id, b.person == person), "bundle.unknown")
        path = self.room / f"{id}.zip"
        if not path.exists():
            self._make_bundle(id, path)
        with path.open("rb") as made:
            made.seek(offset)
            piece = made.read(CHUNK)
            last = made.tell() >= os.fstat(made.fileno()).st_size
        if last:
            path.unlink(missing_ok=True)
        return {"bytes": b64encode(piece).decode(), "last": last}

    def violations(self, sought: dict[str, Any]) -> dict[str, Any]:
        """A page of violations, newest first."""
        limit = sought["limit"]
        with self.reading() as connection:
            rows = find_violations(connection, sought, limit + 1)
        return {"items": rows[:limit], "next": rows[limit - 1]["violation"] if len(rows) > limit else None}

    def source_numbers(self) -> dict[str, int]:
        """How far each source has come."""
        with self.reading() as connection:
            return ledger.source_numbers(connection)

    def _nodes(self, connection: Any, index: int, size: int) -> tree.Node:
        total = connection.execute(select(tables.ledger_state.c.size)).scalar_one()
        if not 0 <= index < size <= total:
            _no_tree(size)
        return tiles.node_reader(ledger.tile_reader(connection))

    def _make_bundle(self, id: str, path: Path) -> None:
        key = signing_key(self.settings)
        with self.reading() as connection:
            asked = _row(connection, select(tables.bundles).where(tables.bundles.c.id == id), "bundle.unknown")
            c = tables.ledger_checkpoints.c
            note = connection.execute(select(c.note).where(c.size == asked.size)).scalar_one()
            evidence = bundle.Evidence(
                asked.first, asked.last, asked.size, note,
                ledger.texts(connection, asked.first, asked.last), ledger.hashes(connection, asked.first, asked.last),
                self._regimes(), tiles.node_reader(ledger.tile_reader(connection)),
            )  # fmt: skip
            with tempfile.NamedTemporaryFile(dir=self.room, delete=False) as target:
                bundle.write(target, evidence, key)
        Path(target.name).replace(path)

    def _regimes(self) -> dict[str, str | None]:
        found = self.shelf.in_force("regime")
        return {found[0]: found[1]} if found else {}


def _shown(row: Any) -> dict[str, Any]:
    return {"index": row.position, "entry": loads(row.text)}


def _row(connection: Any, found: Any, code: str) -> Any:
    row = connection.execute(found).one_or_none()
    if row is None:
        raise NotFound(code, "there is no such thing")
    return row


def _no_tree(size: int) -> Any:
    raise NotFound("tree.unknown", f"the ledger has had no such tree of {size}")
