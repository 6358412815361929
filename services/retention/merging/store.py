"""The SQL of merged records: which one stands for which, and what of theirs belongs together."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from chassis.store import Work
from services.retention.tables import homes

h = homes.c


class HomeWork(Work):
    """Merged records within one transaction."""

    def settle_in(self, merged: str, survivor: str) -> str:
        """Let one record stand for another and for all that it stood for; the one that stands for it now."""
        home = home_of(self.connection, survivor)  # a later merge of the survivor may have been heard of before
        self.connection.execute(update(homes).where(h.home == merged).values(home=home))
        row = {"record": merged, "home": home}
        kept = self.database.insert(homes).values(row)
        self.connection.execute(kept.on_conflict_do_update(index_elements=[h.record], set_=row))
        return home

    def home_of(self, record: str | None) -> str | None:
        """The record under which things about this one belong now."""
        return home_of(self.connection, record) if record else None


def home_of(connection: Connection, record: str) -> str:
    """The record that stands for this one: another one where it was merged, else itself."""
    return str(connection.execute(select(h.home).where(h.record == record)).scalar() or record)


def merged_into(connection: Connection, record: str) -> list[str]:
    """The records that this one stands for."""
    return list(connection.execute(select(h.record).where(h.home == record).order_by(h.record)).scalars())


def kin_of(connection: Connection, records: Collection[str]) -> dict[str, set[str]]:
    """For each of these records the ids of all that make one customer's file with it, its own among them."""
    known = select(h.record, h.home).where(h.record.in_(list(records)))
    home = {record: record for record in records} | {row.record: row.home for row in connection.execute(known)}
    family = {stays: {stays} for stays in home.values()}
    for row in connection.execute(select(h.record, h.home).where(h.home.in_(list(family)))):
        family[row.home].add(row.record)
    return {record: family[stays] for record, stays in home.items()}
