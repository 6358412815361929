"""Retention's way to its database: the engines' SQL in one transaction, and the queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from chassis.actor import Actor
from chassis.store import Bound, Store
from services.retention.custody.model import Loan
from services.retention.custody.store import LoanWork, lent_records, list_loans, subject_of_loan
from services.retention.disposal import store as disposing
from services.retention.disposal.holds import Hold
from services.retention.disposal.model import Disposal
from services.retention.disposal.store import DisposalWork
from services.retention.duties.model import Duty
from services.retention.duties.store import DutyWork, list_duties, roles_of, round_at, was_opened
from services.retention.merging.store import HomeWork, home_of, merged_into
from services.retention.tables import metadata


class RetentionWork(DutyWork, LoanWork, DisposalWork, HomeWork):
    """One transaction over all engines."""


class RetentionStore(Store[RetentionWork]):
    """Queries, each on a connection of its own."""

    metadata = metadata
    work = RetentionWork

    def now(self) -> datetime:
        """This instant."""
        return self.settings.clock.now()

    def today(self, regime: Any) -> date:
        """The civil date where the regime is in force."""
        return self.settings.clock.today(regime.timezone)

    def duties(self, filters: dict[str, Any], actor: Actor) -> list[Duty]:
        """Duties of a page; `owner=me` names mine and those of my roles."""
        mine = {"owner": actor.person, "roles": roles_of(actor)} if filters.get("owner") == "me" else {}
        with self.reading() as connection:
            return list_duties(connection, {**filters, **mine}, self.now())

    def was_opened(self, key: str) -> bool:
        """Whether the duty of that recurrence is open or done already."""
        with self.reading() as connection:
            return was_opened(connection, key)

    def round_at(self, key: str) -> str | None:
        """Behind which record a round of duties goes on; None when it is over."""
        with self.reading() as connection:
            return round_at(connection, key)

    def loans(self, filters: dict[str, Any]) -> list[Loan]:
        """Loans of a page."""
        with self.reading() as connection:
            return list_loans(connection, filters, self.now())

    def lent(self, records: list[str]) -> set[str]:
        """Which of these records are out."""
        with self.reading() as connection:
            return lent_records(connection, records)

    def home_of(self, record: str) -> str:
        """The record that stands for this one: itself, where it was not merged."""
        with self.reading() as connection:
            return home_of(connection, record)

    def merged_into(self, record: str) -> list[str]:
        """The records that this one stands for."""
        with self.reading() as connection:
            return merged_into(connection, record)

    def subject_of_loan(self, id: str) -> dict[str, str]:
        """Which record a loan is of, and whose."""
        with self.reading() as connection:
            return subject_of_loan(connection, id)

    def holds(self, filters: dict[str, Any]) -> list[Hold]:
        """Holds of a page."""
        with self.reading() as connection:
            return disposing.list_holds(connection, filters)

    def find_hold(self, id: str) -> Hold:
        """One hold."""
        with self.reading() as connection:
            return disposing.find_hold(connection, id)

    def holds_on(self, record: str) -> list[str]:
        """The standing holds that name a record."""
        with self.reading() as connection:
            return disposing.holds_on(connection, record)

    def underway_holds(self) -> list[str]:
        """Holds on their way to or from the records."""
        with self.reading() as connection:
            return disposing.underway_holds(connection)

    def listed(self, records: list[str]) -> set[str]:
        """Which of these records stand on an open list."""
        with self.reading() as connection:
            return disposing.listed_records(connection, records)

    def disposals(self, filters: dict[str, Any]) -> list[Disposal]:
        """Lists of a page, without items."""
        with self.reading() as connection:
            return disposing.list_disposals(connection, filters)

    def find_disposal(self, id: str) -> Disposal:
        """One list with its items."""
        with self.reading() as connection:
            return disposing.find_disposal(connection, id)

    def certificate_of(self, record: str) -> str | None:
        """The certificate of the list that destroyed a record."""
        with self.reading() as connection:
            return disposing.certificate_of(connection, record)

    def certificate(self, id: str) -> dict[str, Any]:
        """A certificate as issued."""
        with self.reading() as connection:
            return disposing.find_certificate(connection, id)


def once(store: Bound) -> None:
    """Give a repeated call its first answer, before anything is looked at that its first run has changed."""
    with store.begin():
        pass


def onwards(store: Bound) -> Bound:
    """The store for what follows an answer already kept: the call's Idempotency-Key has done its work."""
    return Bound(store.store, replace(store.call, key=None))
