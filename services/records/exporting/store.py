"""Exports in their tables: what was asked for, and the file in sealed pieces."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from chassis.store import Store, Work
from services.records import tables as core
from services.records.exporting.model import LEFT_OUT, WRITTEN, Export, Line, unknown
from services.records.exporting.tables import export_lines, export_pieces, exports
from services.records.model import HIDDEN

E, P, L, G = exports.c, export_pieces.c, export_lines.c, core.grants.c
LINE = [L[name] for name in Line.__dataclass_fields__]
AT_ONCE = 100  # lines that are opened between two looks
COLUMNS = [E[name if name != "class" else "class_"] for name in Export.__dataclass_fields__]


def _export(connection: Connection, export_id: str, lock: bool = False) -> Export:
    found = select(*COLUMNS).where(E.id == export_id)
    row = connection.execute(found.with_for_update() if lock else found).one_or_none()
    if row is None:
        raise unknown(export_id)
    return Export(*row)


class ExportRows(Work):
    """The part of records' work that concerns exports."""

    def export(self, export_id: str) -> Export:
        """One export, locked until this piece of work ends."""
        return _export(self.connection, export_id, lock=True)

    def add_export(self, export: Export) -> None:
        """Keep a new export."""
        self.put(exports, [vars(export)])

    def save_export(self, export: Export) -> None:
        """Keep what became of it."""
        self.connection.execute(update(exports).where(E.id == export.id).values(vars(export)))

    def add_export_piece(self, export_id: str, number: int, sealed: bytes) -> None:
        """Keep one piece of the file."""
        self.put(export_pieces, [{"export": export_id, "number": number, "sealed": sealed}])

    def put_lines(self, export_id: str, lines: list[Line]) -> None:
        """Keep what stands in these places of the file, instead of what stood there."""
        places = [line.place for line in lines]
        self.connection.execute(delete(export_lines).where(L.export == export_id, L.place.in_(places)))
        self.put(export_lines, [{"export": export_id, **vars(line)} for line in lines])

    def drop_pieces(self, export_id: str) -> None:
        """Nothing of the file is kept; the rows that it was made of are."""
        self.connection.execute(delete(export_pieces).where(P.export == export_id))

    def drop_file(self, export_id: str) -> None:
        """Nothing of the file is kept, nor of what it was made of."""
        self.drop_pieces(export_id)
        self.connection.execute(delete(export_lines).where(L.export == export_id))


class ExportQueries(Store[Any]):
    """Reads of exports."""

    def export(self, export_id: str) -> Export:
        """One export, as it stands."""
        with self.reading() as connection:
            return _export(connection, export_id)

    def exports_in(self, state: str) -> list[Export]:
        """Exports in this state, oldest first."""
        with self.reading() as connection:
            return [Export(*row) for row in connection.execute(select(*COLUMNS).where(E.state == state).order_by(E.id))]

    def export_piece(self, export_id: str, number: int) -> bytes | None:
        """One sealed piece of a file."""
        found = select(P.sealed).where(P.export == export_id, P.number == number)
        with self.reading() as connection:
            return connection.execute(found).scalar()

    def lines_in(self, export_id: str, state: str) -> list[Line]:
        """The lines of a file in this state, without what they hold."""
        names = [name for name in Line.__dataclass_fields__ if name != "sealed"]
        found = select(*(L[name] for name in names)).where(L.export == export_id, L.state == state).order_by(L.place)
        with self.reading() as connection:
            return [Line(*row) for row in connection.execute(found)]

    def levels_in(self, export_id: str) -> set[str]:
        """The levels of the values that stand in a file. Most lines are alike in them: each sort is read once."""
        found = select(L.clear).where(L.export == export_id, L.state == WRITTEN).distinct()
        with self.reading() as connection:
            return {level for clear in connection.execute(found).scalars() for level in clear.values()}

    def rows_of(self, export_id: str) -> Iterator[Line]:
        """The written lines of a file in their order, some at a time."""
        after = -1
        while True:
            found = select(*LINE).where(L.export == export_id, L.state == WRITTEN, L.place > after).order_by(L.place)
            with self.reading() as connection:
                lines = [Line(*row) for row in connection.execute(found.limit(AT_ONCE))]
            if not lines:
                return
            yield from lines
            after = lines[-1].place

    def last_line(self, export_id: str) -> tuple[int, str] | None:
        """Place and record of the last line that was decided."""
        found = select(L.place, L.record).where(L.export == export_id).order_by(L.place.desc()).limit(1)
        with self.reading() as connection:
            row = connection.execute(found).one_or_none()
        return (row.place, row.record) if row else None

    def touched_lines(self, export_id: str) -> list[Line]:
        """Lines of which the record is not as it was when they were decided."""
        r, names = core.records.c, [name for name in Line.__dataclass_fields__ if name != "sealed"]
        other = (r.version != L.version) | (r.purposes != L.purposes) | r.state.in_(HIDDEN)
        found = select(*(L[name] for name in names)).join(core.records, r.id == L.record)
        found = found.where(L.export == export_id, L.state != LEFT_OUT, other).order_by(L.place)
        with self.reading() as connection:
            return [Line(*row) for row in connection.execute(found)]

    def written_count(self, export_id: str) -> int:
        """How many records stand in the file."""
        counted = select(func.count()).where(L.export == export_id, L.state == WRITTEN)
        with self.reading() as connection:
            return int(connection.execute(counted).scalar_one())

    def over_exports(self, now: datetime) -> list[Export]:
        """Exports whose file, or whose password, still lies here although their time is over."""
        lying = E.id.in_(select(P.export)) | E.id.in_(select(L.export)) | E.password.is_not(None)
        over = (E.state != "running") & ((E.until <= now) | E.state.in_(("fetched", "failed")))
        left = E.id.in_(select(P.export)) | E.id.in_(select(L.export)) | (E.until <= now)
        with self.reading() as connection:
            return [Export(*row) for row in connection.execute(select(*COLUMNS).where(lying, over, left))]

    def grant_lives(self, grant: str) -> bool:
        """Whether a grant was not revoked meanwhile; that it is used up is this export's own doing."""
        found = select(G.revoked).where(G.id == grant, G.record == "")
        with self.reading() as connection:
            return connection.execute(found).scalar() is not True
