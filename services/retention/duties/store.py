"""The SQL of duties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from chassis.actor import Actor
from chassis.errors import NotFound
from services.retention.custody.model import Loan
from services.retention.duties.fulfilling import FulfilmentRows
from services.retention.duties.model import OVER, Duty
from services.retention.duties.rules import Happening
from services.retention.tables import duties, rounds

PAGE = 500
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
SEQUENCES = ("needs", "reminders", "again")
d = duties.c


class DutyWork(FulfilmentRows):
    """Duties within one transaction."""

    def duty(self, id: str) -> Duty:
        """One duty, locked until this work ends."""
        row = self.connection.execute(select(duties).where(d.id == id).with_for_update()).mappings().one_or_none()
        if row is None:
            raise NotFound("duty.unknown", f"no duty {id}")
        return _duty(row)

    def open_duty(self, duty: Duty, opened_by: str, done: tuple[str | None, datetime] | None = None) -> None:
        """Keep a new duty and say so; the same event opens the same duty once.

        What was done by the time that its opening is heard of is closed at once: by whom and when, where that is known.
        """
        row = {**_row(duty), "opened_by": opened_by}
        kept = self.database.insert(duties).values(row).on_conflict_do_nothing().returning(d.id)
        if self.connection.execute(kept).first() is None:
            return
        self.emit(duty.opened())
        heard = None if done else self.fulfilled_at(duty.done_by, duty.record, opened_by, duty.opened_at)
        if done or heard:
            self._fulfil(duty, *(done or (None, heard)))

    def save_duty(self, duty: Duty) -> None:
        """Write a duty back."""
        self.connection.execute(update(duties).where(d.id == duty.id).values(_row(duty)))

    def close_duties(self, names: list[str], record: str | None, by: str | None, at: datetime) -> None:
        """Close the duties about a record that one of these happenings fulfils."""
        for duty in self._unclosed(d.done_by.in_(names), d.record == record):
            self._fulfil(duty, by, at)

    def close_documented(self, names: list[str], form: Happening) -> None:
        """Close what a signed form documents, about the same or about no record: of each duty the oldest that is open.

        A form that was edited and signed anew documents nothing further.
        """
        same = or_(d.record == form.about, d.record.is_(None)) if form.about else d.record.is_(None)
        for name in names:
            if not self.fulfilled_at(name, form.record, form.id, LONG_AGO):
                for duty in self._unclosed(d.done_by == name, d.subject.is_(None), same)[:1]:
                    self._fulfil(duty, form.people["creator"], form.at, {"entry": str(form.record)})

    def close_about(self, name: str, subject: str, by: str | None, at: datetime) -> None:
        """Close the duties about a thing that is no record, which this fulfils."""
        for duty in self._unclosed(d.done_by == name, d.subject == subject):
            self._fulfil(duty, by, at)

    def end_duties(self, record: str) -> None:
        """Nothing is to be done any more about a record that is gone; what was decided about it is still to be told."""
        for duty in self._undone(d.record == record, d.subject.is_(None)):
            self.emit(duty.drop(record, self.now))
            self.save_duty(duty)

    def move_duties(self, record: str, home: str) -> None:
        """Let what is to be done about a merged record be done about the one that stands for it, each thing once."""
        known = {(duty.name, duty.due) for duty in self._undone(d.record == home)}
        for duty in self._undone(d.record == record):
            same = (duty.name, duty.due) in known and duty.subject is None
            self.emit(duty.drop(home, self.now) if same else duty.move(home))
            self.save_duty(duty)

    def close_return(self, loan: Loan) -> None:
        """Close the duty to bring a loan back, once both sides have signed."""
        if loan.state == "returned":
            for duty in self._unclosed(d.done_by == "loan.returned", d.subject == loan.id):
                self._fulfil(duty, loan.borrower, loan.given_back_at or self.now)

    def postpone_return(self, loan: Loan, due: str) -> None:
        """Move the duty to bring a loan back with the loan."""
        for duty in self._unclosed(d.done_by == "loan.returned", d.subject == loan.id):
            duty.postpone(loan.due_at, due)
            self.save_duty(duty)

    def _unclosed(self, *which: Any) -> list[Duty]:
        return self._in(("open", "overdue"), *which)

    def _undone(self, *which: Any) -> list[Duty]:
        return self._in(("open", "overdue", "done"), *which)

    def _in(self, states: tuple[str, ...], *which: Any) -> list[Duty]:
        found = select(duties).where(d.state.in_(states), *which).order_by(d.id).with_for_update()
        return [_duty(row) for row in self.connection.execute(found).mappings()]

    def _fulfil(self, duty: Duty, by: str | None, at: datetime, shown: dict[str, str] | None = None) -> None:
        self.emit(*duty.missed_by(at), duty.fulfil(by, at, shown))
        self.save_duty(duty)

    def miss_duties(self, limit: int = PAGE) -> int:
        """Mark duties whose instant has passed; each is told once, whichever replica comes first."""
        found = select(duties).where(d.state == "open", d.due_at <= self.now).order_by(d.due_at).limit(limit)
        found = found.with_for_update(skip_locked=True)
        late = [_duty(row) for row in self.connection.execute(found).mappings()]
        for duty in late:
            overdue = duty.miss(self.now)
            if self._missed_first(duty):
                self.emit(overdue)
        return len(late)

    def wake_duties(self, named: Callable[[Duty], tuple[str, ...]], limit: int = PAGE) -> int:
        """Tell of what has come due about duties that are not done: reminders, further misses, who is above."""
        waking = select(duties).where(d.wakes_at <= self.now, d.state.in_(("open", "overdue"))).order_by(d.wakes_at)
        rows = self.connection.execute(waking.limit(limit).with_for_update(skip_locked=True)).mappings().all()
        for duty in [_duty(row) for row in rows]:
            before = duty.wakes_at
            told = duty.wake(self.now, named)
            kept = update(duties).where(d.id == duty.id, d.wakes_at == before).values(_row(duty))
            if self.connection.execute(kept).rowcount == 1:  # of two replicas one changes the row
                self.emit(*told)
        return len(rows)

    def save_round(self, key: str, after: str, done: bool) -> None:
        """Keep how far a round has come."""
        row = {"key": key, "after": after, "done": done}
        kept = self.database.insert(rounds).values(row)
        self.connection.execute(kept.on_conflict_do_update(index_elements=[rounds.c.key], set_=row))

    def _missed_first(self, duty: Duty) -> bool:
        # The state stands in the condition: of two replicas, one changes the row and the other finds nothing to change.
        still_open = (d.id == duty.id) & (d.state == "open") & (d.due_at <= self.now)
        marked = update(duties).where(still_open).values(state="overdue", overdue_at=self.now)
        return self.connection.execute(marked).rowcount == 1


def round_at(connection: Connection, key: str) -> str | None:
    """Behind which record a round goes on; None when it is over."""
    row = connection.execute(select(rounds.c.after, rounds.c.done).where(rounds.c.key == key)).one_or_none()
    return "" if row is None else None if row.done else str(row.after)


def was_opened(connection: Connection, key: str) -> bool:
    """Whether something has opened a duty under this key."""
    return connection.execute(select(d.id).where(duties.c.opened_by == key).limit(1)).scalar() is not None


def list_duties(connection: Connection, filters: dict[str, Any], now: Any) -> list[Duty]:
    """Duties, newest first: by owner, state and whether their day has passed."""
    found = select(duties).order_by(d.id.desc()).limit(filters["limit"])
    if filters.get("owner"):
        found = found.where(_owned(filters["owner"], filters.get("roles", ())))
    if actor := filters.get("of"):
        found = found.where(_owned(actor.person, roles_of(actor)))
    if filters.get("state"):
        found = found.where(d.state == filters["state"])
    if filters.get("record"):
        found = found.where(d.record == filters["record"])
    if filters.get("overdue"):
        found = found.where(d.state.not_in(OVER), d.due_at <= now)
    if filters.get("after"):
        found = found.where(d.id < filters["after"])
    return [_duty(row) for row in connection.execute(found).mappings()]


def roles_of(actor: Actor) -> list[str]:
    """The roles under which duties without a named person may be this actor's."""
    here = [f"{role}:{actor.department}" for role in (*sorted(actor.roles), "member")]
    elsewhere = [":".join(reversed(role.split("."))) for role in sorted(actor.roles) if "." in role]
    return [*sorted(actor.roles), *here, *elsewhere]


def _owned(owner: str, roles: Any) -> Any:
    told = d.escalated_to.contains(f",{owner},", autoescape=True)
    own = or_(d.owner == owner, told)
    return or_(own, d.owner.is_(None) & d.role.in_(list(roles))) if roles else own


def _row(duty: Duty) -> dict[str, Any]:
    return {**asdict(duty), **{name: list(getattr(duty, name)) for name in SEQUENCES}}


def _duty(row: Any) -> Duty:
    fields = {name: value for name, value in row.items() if name != "opened_by"}
    return Duty(**{**fields, **{name: tuple(row[name] or ()) for name in SEQUENCES}})
