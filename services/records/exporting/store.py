"""Exports in their tables: what was asked for, and the file in sealed pieces."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from chassis.store import Store, Work
from services.records import tables as core
from services.records.exporting.model import Export, unknown
from services.records.exporting.tables import export_pieces, exports

E, P, G = exports.c, export_pieces.c, core.grants.c
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

    def add_pieces(self, export_id: str, sealed: Iterable[bytes]) -> None:
        """Keep the file."""
        self.drop_pieces(export_id)
        rows = [{"export": export_id, "number": number, "sealed": piece} for number, piece in enumerate(sealed)]
        self.put(export_pieces, rows)

    def drop_pieces(self, export_id: str) -> None:
        """Nothing of the file is kept."""
        self.connection.execute(delete(export_pieces).where(P.export == export_id))


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

    def over_exports(self, now: datetime) -> list[Export]:
        """Exports whose file, or whose password, still lies here although their time is over."""
        lying = E.id.in_(select(P.export)) | E.password.is_not(None)
        over = (E.state != "running") & ((E.until <= now) | E.state.in_(("fetched", "failed")))
        left = E.id.in_(select(P.export)) | (E.until <= now)
        with self.reading() as connection:
            return [Export(*row) for row in connection.execute(select(*COLUMNS).where(lying, over, left))]

    def grant_lives(self, grant: str) -> bool:
        """Whether a grant was not revoked meanwhile; that it is used up is this export's own doing."""
        found = select(G.revoked).where(G.id == grant, G.record == "")
        with self.reading() as connection:
            return connection.execute(found).scalar() is not True
