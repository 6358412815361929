"""The SQL of loans."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, or_, select, update

from chassis.errors import Conflict, NotFound
from chassis.store import Work
from services.retention.custody.grants import BorrowGrant
from services.retention.custody.model import Loan
from services.retention.merging.store import kin_of
from services.retention.tables import disposal_items as items
from services.retention.tables import grants_spent as spent
from services.retention.tables import loans

lent = loans.c


class LoanWork(Work):
    """Loans within one transaction."""

    def loan(self, id: str) -> Loan:
        """One loan, locked until this work ends."""
        row = self.connection.execute(select(loans).where(lent.id == id).with_for_update()).mappings().one_or_none()
        if row is None:
            raise NotFound("loan.unknown", f"no loan {id}")
        return _loan(row)

    def open_loan(self, loan: Loan) -> None:
        """Keep a new loan; a record that is out, or gone, is refused."""
        self._must_be_here(loan.record)
        kept = self.database.insert(loans).values(_row(loan)).on_conflict_do_nothing().returning(lent.id)
        if self.connection.execute(kept).first() is None:
            raise Conflict("loan.open", f"record {loan.record} is lent", {"record": loan.record})

    def spend(self, grant: BorrowGrant, loan: Loan) -> None:
        """Use a grant up: for one record it serves one loan, and one for one use serves no other record either."""
        row = {"grant": grant.id, "record": "" if grant.once else loan.record, "loan": loan.id}
        kept = self.database.insert(spent).values(row).on_conflict_do_nothing().returning(spent.c.grant)
        if self.connection.execute(kept).first() is None:
            raise Conflict("loan.grant_spent", f"grant {grant.id} has served another loan")

    def _must_be_here(self, record: str) -> None:
        """Refuse what is being destroyed or is gone; who executes a list waits for this loan, or this for him."""
        found = select(items.c.state).where(items.c.record == record).with_for_update()
        if set(self.connection.execute(found).scalars()) & {"destroying", "destroyed"}:
            raise Conflict("record.destroyed", f"record {record} is gone", {"record": record})

    def save_loan(self, loan: Loan) -> None:
        """Write a loan back."""
        self.connection.execute(update(loans).where(lent.id == loan.id).values(_row(loan)))

    def lent_of(self, records: list[str]) -> set[str]:
        """Which of these records are out."""
        return lent_records(self.connection, records)


def lent_records(connection: Connection, records: list[str]) -> set[str]:
    """Which of these records are out, in whole or with what was merged into them."""
    kin = kin_of(connection, records)
    found = select(lent.record).where(lent.record.in_(set().union(*kin.values())), lent.state == "out")
    out = set(connection.execute(found).scalars())
    return {record for record in records if kin[record] & out}


def subject_of_loan(connection: Connection, id: str) -> dict[str, str]:
    """Which record a loan is of, and whose."""
    row = connection.execute(select(lent.record, lent.borrower).where(lent.id == id)).one_or_none()
    if row is None:
        raise NotFound("loan.unknown", f"no loan {id}")
    return {"record": row.record, "borrower": row.borrower}


def list_loans(connection: Connection, filters: dict[str, Any], now: Any) -> list[Loan]:
    """Loans, newest first."""
    found = select(loans).order_by(lent.id.desc()).limit(filters["limit"])
    for name in ("borrower", "record", "state"):
        if filters.get(name):
            found = found.where(lent[name] == filters[name])
    if actor := filters.get("of"):
        found = found.where(or_(lent.borrower == actor.person, lent.lender == actor.person))
    if filters.get("overdue"):
        found = found.where(lent.state == "out", lent.due_at <= now)
    if filters.get("after"):
        found = found.where(lent.id < filters["after"])
    return [_loan(row) for row in connection.execute(found).mappings()]


def _row(loan: Loan) -> dict[str, Any]:
    return {**asdict(loan), "grants": list(loan.grants)}


def _loan(row: Any) -> Loan:
    return Loan(**{**row, "grants": tuple(row["grants"])})
