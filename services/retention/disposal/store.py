"""The SQL of holds, destruction lists and certificates."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from chassis.errors import Conflict, NotFound
from chassis.store import Work
from services.retention.disposal.certificate import digest
from services.retention.disposal.holds import STANDING, Hold
from services.retention.disposal.model import Disposal, Item
from services.retention.events import CertificateIssued
from services.retention.merging.store import kin_of
from services.retention.tables import certificates, disposal_items, disposals, hold_records, holds

h, hr, p, i = holds.c, hold_records.c, disposals.c, disposal_items.c


class DisposalWork(Work):
    """Holds and lists within one transaction."""

    def hold(self, id: str) -> Hold:
        """One hold, locked until this work ends."""
        row = self.connection.execute(select(holds).where(h.id == id).with_for_update()).mappings().one_or_none()
        if row is None:
            raise NotFound("hold.unknown", f"no hold {id}")
        return _hold(row, _held_by(self.connection, [id])[id])

    def add_hold(self, hold: Hold) -> None:
        """Keep a new hold with what it names."""
        self.connection.execute(insert(holds).values(_hold_row(hold)))
        rows = [{"hold": hold.id, "record": record} for record in hold.records]
        if rows:
            self.connection.execute(insert(hold_records), rows)

    def save_hold(self, hold: Hold) -> None:
        """Write a hold back; what it names never changes."""
        self.connection.execute(update(holds).where(h.id == hold.id).values(_hold_row(hold)))

    def held(self, records: list[str]) -> set[str]:
        """Which of these records a standing hold keeps."""
        return held_records(self.connection, records)

    def disposal(self, id: str) -> Disposal:
        """One list with its items, locked until this work ends."""
        found = select(disposals).where(p.id == id).with_for_update()
        row = self.connection.execute(found).mappings().one_or_none()
        if row is None:
            raise NotFound("disposal.unknown", f"no list {id}")
        return _disposal(row, _items(self.connection, id, locked=True))

    def item(self, disposal: str, record: str) -> Item:
        """One line of a list, locked until this work ends: whoever works through a list reads each of them once."""
        mine = (i.disposal == disposal) & (i.record == record)
        found = select(disposal_items).where(mine).with_for_update()
        return _item(self.connection.execute(found).mappings().one())

    def awaiting(self, subject: str | None) -> Disposal | None:
        """The list that a request is about, while it waits for its decision; None where there is none."""
        disposal = self._disposal_of(subject)
        return disposal if disposal and disposal.state == "awaiting_approval" else None

    def note_approvers(self, decided: dict[str, Any], at: str) -> None:
        """Remember who approved a list, in whatever order it is heard of."""
        if disposal := self._disposal_of(decided["subject"]):
            for person in sorted({decided["decided_by"], decided["acting_for"]}):
                disposal.note_approver(person, decided["step"], at)
            self.save_disposal(disposal)

    def _disposal_of(self, subject: str | None) -> Disposal | None:
        known = self.connection.execute(select(p.id).where(p.id == (subject or ""))).scalar()
        return self.disposal(known) if known else None

    def add_disposal(self, disposal: Disposal) -> None:
        """Keep a new list; a record that stands on another open one is refused."""
        self.connection.execute(insert(disposals).values(_disposal_row(disposal)))
        for position, item in enumerate(disposal.items):
            row = {**asdict(item), "disposal": disposal.id, "position": position, "listed": True}
            kept = self.database.insert(disposal_items).values(row).on_conflict_do_nothing().returning(i.record)
            if self.connection.execute(kept).first() is None:
                raise Conflict("disposal.listed", f"{item.record} stands on another list", {"record": item.record})

    def save_disposal(self, disposal: Disposal) -> None:
        """Write a list back, without its items; one that is over frees its records for other lists."""
        self.connection.execute(update(disposals).where(p.id == disposal.id).values(_disposal_row(disposal)))
        if disposal.is_over:
            self.connection.execute(update(disposal_items).where(i.disposal == disposal.id).values(listed=None))

    def save_item(self, disposal: str, item: Item) -> None:
        """Write one line of the execution journal."""
        mine = (i.disposal == disposal) & (i.record == item.record)
        self.connection.execute(update(disposal_items).where(mine).values(asdict(item)))

    def issue(self, certificate: dict[str, Any]) -> None:
        """Keep a signed certificate as it was issued and say so."""
        id, disposal, seal = certificate["certificate"], certificate["disposal"], digest(certificate)
        row = {"id": id, "disposal": disposal, "digest": seal, "body": certificate, "issued_at": self.now}
        self.connection.execute(insert(certificates).values(row))
        self.emit(CertificateIssued(id, disposal, seal, certificate["signature"]["key"]))

    def discard_hold(self, hold: Hold) -> None:
        """Remove a hold that never stood."""
        hold.discard()
        self.connection.execute(delete(hold_records).where(hr.hold == hold.id))
        self.connection.execute(delete(holds).where(h.id == hold.id))


def held_records(connection: Connection, records: list[str]) -> set[str]:
    """Which of these records a standing hold keeps: one that names them, or what makes one file with them."""
    kin = kin_of(connection, records)
    named = hr.record.in_(set().union(*kin.values()))
    found = select(hr.record).join(holds, h.id == hr.hold).where(named, h.state.in_(STANDING))
    held = set(connection.execute(found).scalars())
    return {record for record in records if kin[record] & held}


def holds_on(connection: Connection, record: str) -> list[str]:
    """The standing holds that keep a record."""
    named = hr.record.in_(kin_of(connection, [record])[record])
    found = select(h.id).distinct().join(hold_records, h.id == hr.hold).where(named, h.state.in_(STANDING))
    return list(connection.execute(found.order_by(h.id)).scalars())


def listed_records(connection: Connection, records: list[str]) -> set[str]:
    """Which of these records stand on an open list."""
    return set(connection.execute(select(i.record).where(i.record.in_(records), i.listed.is_(True))).scalars())


def list_holds(connection: Connection, filters: dict[str, Any]) -> list[Hold]:
    """Holds, newest first."""
    found = select(holds).order_by(h.id.desc()).limit(filters["limit"])
    if filters.get("state"):
        found = found.where(h.state == filters["state"])
    if filters.get("record"):
        found = found.join(hold_records, h.id == hr.hold).where(hr.record == filters["record"])
    if filters.get("after"):
        found = found.where(h.id < filters["after"])
    rows = connection.execute(found).mappings().all()
    records = _held_by(connection, [row["id"] for row in rows])
    return [_hold(row, records[row["id"]]) for row in rows]


def find_hold(connection: Connection, id: str) -> Hold:
    """One hold with what it names."""
    row = connection.execute(select(holds).where(h.id == id)).mappings().one_or_none()
    if row is None:
        raise NotFound("hold.unknown", f"no hold {id}")
    return _hold(row, _held_by(connection, [id])[id])


def underway_holds(connection: Connection, limit: int = 100) -> list[str]:
    """Holds on their way to or from the records, oldest first."""
    found = select(h.id).where(h.state.in_(("placing", "releasing"))).order_by(h.id).limit(limit)
    return list(connection.execute(found).scalars())


def list_disposals(connection: Connection, filters: dict[str, Any]) -> list[Disposal]:
    """Lists without their items, newest first."""
    found = select(disposals).order_by(p.id.desc()).limit(filters["limit"])
    if actor := filters.get("of"):
        found = found.where(p.author == actor.person)
    if filters.get("state"):
        found = found.where(p.state == filters["state"])
    if filters.get("after"):
        found = found.where(p.id < filters["after"])
    return [_disposal(row, []) for row in connection.execute(found).mappings()]


def find_disposal(connection: Connection, id: str) -> Disposal:
    """One list with its items."""
    row = connection.execute(select(disposals).where(p.id == id)).mappings().one_or_none()
    if row is None:
        raise NotFound("disposal.unknown", f"no list {id}")
    return _disposal(row, _items(connection, id))


def certificate_of(connection: Connection, record: str) -> str | None:
    """The certificate of the list that destroyed a record, or is about to."""
    gone = i.state.in_(("destroying", "destroyed"))
    found = select(p.certificate).join(disposal_items, p.id == i.disposal).where(i.record == record, gone)
    return connection.execute(found.limit(1)).scalar()


def find_certificate(connection: Connection, id: str) -> dict[str, Any]:
    """A certificate as issued; while its list is executing there is none."""
    body = connection.execute(select(certificates.c.body).where(certificates.c.id == id)).scalar()
    if body is None:
        raise NotFound("certificate.unknown", f"no certificate {id} was issued")
    return body


def _held_by(connection: Connection, ids: list[str]) -> dict[str, tuple[str, ...]]:
    found = select(hr.hold, hr.record).where(hr.hold.in_(ids)).order_by(hr.record)
    records: dict[str, tuple[str, ...]] = {id: () for id in ids}
    for row in connection.execute(found):
        records[row.hold] += (row.record,)
    return records


def _hold_row(hold: Hold) -> dict[str, Any]:
    row = {name: value for name, value in asdict(hold).items() if name != "records"}
    return {**row, "subjects": list(hold.subjects)}


def _hold(row: Any, records: tuple[str, ...]) -> Hold:
    return Hold(**{**row, "subjects": tuple(row["subjects"]), "records": records})


def _items(connection: Connection, disposal: str, locked: bool = False) -> list[Item]:
    found = select(disposal_items).where(i.disposal == disposal).order_by(i.position)
    found = found.with_for_update() if locked else found
    return [_item(row) for row in connection.execute(found).mappings()]


def _item(row: Any) -> Item:
    names = ("record", "version", "state", "reason", "evidence", "settled_at")
    return Item(**{name: row[name] for name in names})


def _disposal_row(disposal: Disposal) -> dict[str, Any]:
    row = {name: value for name, value in asdict(disposal).items() if name not in ("items", "class_")}
    return {**row, "class": disposal.class_}


def _disposal(row: Any, items: list[Item]) -> Disposal:
    fields = {name: value for name, value in row.items() if name != "class"}
    return Disposal(**fields, class_=row["class"], items=items)
