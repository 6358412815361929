"""The ledger's SQL: appending under one row lock, checkpoints, proofs from tiles, and reading entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import eventlet
from sqlalchemy import JSON, Connection, Text, cast, column, func, insert, literal, select, update

from chassis.clock import parse_instant
from chassis.codec import dumps
from chassis.db import Instant
from chassis.errors import Conflict, Invalid, NotFound
from chassis.failpoints import failpoint
from chassis.ids import new_id
from chassis.store import Work
from services.audit import tables
from services.audit.events import AlarmRaised, BundleMade, CheckpointSigned
from services.audit.ledger import figures, tiles, tree
from services.audit.ledger.checkpoint import Checkpoint, SigningKey
from services.audit.ledger.model import Alarm, Leaf, Tail, is_entry, sequence

ENTRIES_PER_CHECKPOINT = 1000
PAGE = 2000
MOST_IN_BUNDLE = 100_000  # made within one call
ORIGIN = "muniment.local/ledger"
OWN = CheckpointSigned.type  # a checkpoint's own entry is no news, or a quiet log would sign for ever

E = tables.ledger_entries.c
S = tables.ledger_state.c


def signing_key(settings: Any) -> SigningKey:
    """The log's own key, named by its origin."""
    return SigningKey.from_seed(ORIGIN, settings.key("ledger.private"))


class LedgerWork(Work):
    """One transaction that appends to the ledger, or notes what was taken out of it."""

    def sequence(self, source: str, entries: list[dict[str, Any]], sender: str | None = None) -> int:
        """Take a batch of a source's journal in; the highest number of it that the ledger now has."""
        state = self._locked_state()
        tail = self._tail(source)
        outcome = sequence(tail, entries, self._known(tail, entries), sender)
        for alarm in outcome.alarms:
            self._alarm(alarm)
        if outcome.leaves:
            self._keep_tail(tail, outcome.tail)
            self._append(state, outcome.leaves)
        return outcome.tail.number

    def sign(self) -> bool:
        """Sign a checkpoint if there is something new."""
        state = self._locked_state()
        if state.news:
            self._sign(state.size, _frontier(state))
        return bool(state.news)

    def begin_bundle(self, first: int, last: int | None) -> dict[str, Any]:
        """Note that evidence of a range is wanted, under a checkpoint of all there is now."""
        self.sign()
        size = latest_checkpoint(self.connection).size
        last = size - 1 if last is None else last
        if not 0 <= first <= last < size:
            raise NotFound("bundle.range", f"the last checkpoint signs the entries 0 to {size - 1}")
        if last - first >= MOST_IN_BUNDLE:
            raise Invalid("bundle.too_large", f"ask for at most {MOST_IN_BUNDLE} entries at once")
        row = {"id": new_id(), "first": first, "last": last, "size": size, "person": self.caller.person, "at": self.now}
        self.connection.execute(insert(tables.bundles).values(row))
        self.emit(BundleMade(row["id"], first, last, size))
        return {"bundle": row["id"], "first": first, "last": last, "size": size}

    def _locked_state(self) -> Any:
        return self.connection.execute(select(tables.ledger_state).with_for_update()).one()

    def _tail(self, source: str) -> Tail:
        found = select(tables.ledger_sources).where(tables.ledger_sources.c.source == source)
        row = self.connection.execute(found).one_or_none()
        return Tail(source, row.number, row.chain) if row else Tail(source)

    def _known(self, tail: Tail, entries: list[dict[str, Any]]) -> dict[int, bytes]:
        numbers = [entry["number"] for entry in entries if is_entry(entry)]
        if min(numbers, default=tail.number + 1) > tail.number:
            return {}
        found = select(E.number, E.text).where(E.source == tail.source, E.number.between(min(numbers), max(numbers)))
        return {row.number: tree.leaf_hash(row.text.encode()) for row in self.connection.execute(found)}

    def _keep_tail(self, before: Tail, tail: Tail) -> None:
        sources = tables.ledger_sources
        row = {"source": tail.source, "number": tail.number, "chain": tail.chain}
        known = update(sources).where(sources.c.source == tail.source)
        self.connection.execute((known if before.number else insert(sources)).values(row))

    def _append(self, state: Any, leaves: list[Leaf]) -> None:
        frontier, hashes = _frontier(state), [leaf.hash for leaf in leaves]
        self._insert(_rows(state.size, leaves))
        self._grow(state.size, hashes)
        frontier.extend(hashes)
        news = state.news + sum(leaf.entry["type"] != OWN for leaf in leaves)
        step = {"size": frontier.size, "peaks": [peak.hex() for peak in frontier.peaks], "news": news}
        self.connection.execute(update(tables.ledger_state).values(step))
        figures.SEQUENCED.inc(len(leaves))
        if frontier.size - state.signed >= ENTRIES_PER_CHECKPOINT and news:
            self._sign(frontier.size, frontier)

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        if self.database.sqlite:
            self.database.put(self.connection, tables.ledger_entries, rows)
            return
        # One statement with all rows as one JSON text: on PostgreSQL cheaper than a statement per row.
        columns = list(tables.ledger_entries.c)
        rows = [{**row, "at": Instant().process_bind_param(row["at"], None)} for row in rows]
        given = cast(literal(dumps(rows).decode(), Text), JSON)
        found = func.json_to_recordset(given).table_valued(*(column(c.name, c.type) for c in columns))
        typed = select(found.render_derived(with_types=True))
        self.connection.execute(insert(tables.ledger_entries).from_select(columns, typed))

    def _grow(self, size: int, hashes: list[bytes]) -> None:
        t, fresh = tables.ledger_tiles.c, []
        for tile in tiles.grown(size, hashes, tile_reader(self.connection)):
            row = {"level": tile.level, "position": tile.index, "hashes": tile.hashes}
            if tile.fresh:
                fresh.append(row)
            else:
                same = update(tables.ledger_tiles).where(t.level == tile.level, t.position == tile.index)
                self.connection.execute(same.values(hashes=tile.hashes))
        if fresh:
            self.connection.execute(insert(tables.ledger_tiles), fresh)

    def _sign(self, size: int, frontier: tree.Frontier) -> None:
        root, key = frontier.root(), signing_key(self.settings)
        if not self._consistent(size, root):
            return self._alarm(Alarm("ledger", size, "fork", root.hex(), ""))
        note = key.sign(Checkpoint(key.name, size, root).text())
        row = {"size": size, "root": root, "note": note, "at": self.now}
        self.connection.execute(insert(tables.ledger_checkpoints).values(row))
        self.connection.execute(update(tables.ledger_state).values(signed=size, news=0))
        self.emit(CheckpointSigned(size, root.hex(), key.verifier.id.hex()))
        failpoint("checkpoint.signed")
        figures.CHECKPOINT_SIZE.set(size)

    def _consistent(self, size: int, root: bytes) -> bool:
        # Whoever changed stored hashes must not get them signed: the new tree must begin with the last signed one.
        c = tables.ledger_checkpoints.c
        last = self.connection.execute(select(c.size, c.root).order_by(c.size.desc()).limit(1)).one_or_none()
        if last is None:
            return True
        proof = tree.consistency_proof(last.size, size, tiles.node_reader(tile_reader(self.connection)))
        return tree.extends(last.size, last.root, size, root, proof)

    def _alarm(self, alarm: Alarm) -> None:
        row = {"id": new_id(), **vars(alarm), "at": self.now}
        fresh = self.database.insert(tables.ledger_alarms).values(row).on_conflict_do_nothing()
        # psycopg gives no row count for such an insert; only what it returns tells whether it took place.
        if self.connection.execute(fresh.returning(tables.ledger_alarms.c.id)).first():
            self.emit(AlarmRaised(row["id"], alarm.source, alarm.number, alarm.kind))
            figures.ALARMS.labels(alarm.kind).inc()


def _frontier(state: Any) -> tree.Frontier:
    return tree.Frontier(state.size, [bytes.fromhex(peak) for peak in state.peaks])


def _rows(size: int, leaves: list[Leaf]) -> list[dict[str, Any]]:
    names = ("source", "number", "id", "type", "actor", "record")
    return [
        {name: leaf.entry.get(name) for name in names}
        | {"position": position, "text": leaf.text.decode(), "at": parse_instant(leaf.entry["at"])}
        for position, leaf in enumerate(leaves, size)
    ]


def tile_reader(connection: Connection) -> tiles.ReadTile:
    """Read tiles over a connection."""
    t = tables.ledger_tiles.c

    def read(level: int, index: int) -> bytes:
        found = select(t.hashes).where(t.level == level, t.position == index)
        return connection.execute(found).scalar() or b""

    return read


def latest_checkpoint(connection: Connection) -> Any:
    """The last signed state of the log."""
    c = tables.ledger_checkpoints.c
    row = connection.execute(select(tables.ledger_checkpoints).order_by(c.size.desc()).limit(1)).one_or_none()
    if row is None:
        raise Conflict("checkpoint.none", "the ledger has signed nothing yet")
    return row


def source_numbers(connection: Connection) -> dict[str, int]:
    """How far each source has come."""
    s = tables.ledger_sources.c
    return {row.source: row.number for row in connection.execute(select(s.source, s.number))}


def find_entries(connection: Connection, sought: dict[str, Any], after: str | None, limit: int) -> list[Any]:
    """Entries that fit, newest first."""
    found = select(E.position, E.text)
    for name, kept in (("record", E.record), ("actor", E.actor), ("action", E.type)):
        if sought.get(name) is not None:
            found = found.where(kept == str(sought[name]))
    found = _between(found, sought.get("from_"), sought.get("to"))
    if after is not None:
        found = found.where(E.position < int(after))
    return list(connection.execute(found.order_by(E.position.desc()).limit(limit)))


def _between(found: Any, start: datetime | None, end: datetime | None) -> Any:
    if start is not None:
        found = found.where(E.at >= start)
    return found if end is None else found.where(E.at < end)


def entry_by_id(connection: Connection, id: str) -> Any:
    """One entry by its id."""
    row = connection.execute(select(E.position, E.text).where(E.id == id).order_by(E.position).limit(1)).one_or_none()
    if row is None:
        raise NotFound("entry.unknown", f"the ledger has no entry {id}")
    return row


def texts(connection: Connection, first: int, last: int) -> Iterator[bytes]:
    """The texts of a range in order, a page at a time."""
    while first <= last:
        end = min(first + PAGE - 1, last)
        found = select(E.text).where(E.position.between(first, end)).order_by(E.position)
        for (text,) in connection.execute(found).all():
            yield text.encode()
        first = end + 1
        eventlet.sleep(0)  # a long bundle lets others work


def hashes(connection: Connection, first: int, last: int) -> Iterator[bytes]:
    """The leaf hashes of a range in order, from tiles."""
    read = tile_reader(connection)
    for index in range(first // tiles.WIDTH, last // tiles.WIDTH + 1):
        start = index * tiles.WIDTH
        begin, end = max(first - start, 0), min(last - start + 1, tiles.WIDTH)
        yield read(0, index)[begin * tiles.HASH : end * tiles.HASH]
