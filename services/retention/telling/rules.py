"""Who has to tell whom, or has to take note, and until when. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chassis.errors import Forbidden
from chassis.ids import new_id
from regimes import dates
from regimes.people import Organisation
from services.retention.duties.model import Duty
from services.retention.duties.rules import day_end, due_at, due_day_after, resolve

SUBJECT = {"person": "subject"}
ANSWERED = "erasure.answered"  # by which the customer is told what became of an erasure
NOTICE = "document notice"  # what shows that somebody outside was told


@dataclass(frozen=True)
class Decided:
    """What people have to be told of: which thing, about which record, whose it was."""

    event: str
    kind: str
    subject: str | None
    at: datetime
    envelope: dict[str, Any]
    applicant: dict[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> dict[str, str | None]:
        """Who had a part in it, by the regime's words for them."""
        known = {name: self.envelope.get(name) for name in ("responsible", "creator")}
        return {**known, "applicant": self.applicant.get("person")}


def duties_of(regime: Any, staff: Organisation, tells: list[dict[str, Any]], of: Decided) -> list[tuple[str, Duty]]:
    """A duty for each who has to be told, with the key that opens it once."""
    named = [(who, tell.get("due")) for tell in tells for who in _each(tell["who"])]
    return [(f"{of.event}:{n}", _duty(regime, staff, who, due, of)) for n, (who, due) in enumerate(named)]


def _each(who: dict[str, Any]) -> Iterator[dict[str, Any]]:
    inner = who.get("any_of") or who.get("all_of")
    if inner:
        for one in inner:
            yield from _each(one)
    else:
        yield who


def _duty(regime: Any, staff: Organisation, who: dict[str, Any], due: dict[str, Any] | None, of: Decided) -> Duty:
    outside = who == SUBJECT
    owner, role = _teller(of) if outside else _told(staff, who, of)
    done = ANSWERED if outside and of.kind == "erase" else None
    needs = (NOTICE,) if outside and not done else ()
    opened = _opened(regime, "tell_customer" if outside else "take_note", due, of)
    return replace(opened, owner=owner, role=role, done_by=done, needs=needs)


def noted_by(regime: Any, person: str, of: Decided) -> Duty:
    """The duty of one person to take note."""
    return replace(_opened(regime, "take_note", None, of), owner=person)


def _opened(regime: Any, name: str, due: dict[str, Any] | None, of: Decided) -> Duty:
    until, day = _until(regime, due, of.at)
    return Duty(
        id=new_id(),
        name=name,
        record=of.envelope.get("id"),
        subject=of.subject,
        owner=None,
        role=None,
        opened_at=of.at,
        due_at=until,
        due=day,
        done_by=None,
        needs=(),
        violation=None,
    )


def _until(regime: Any, due: dict[str, Any] | None, at: datetime) -> tuple[datetime, str]:
    if due:
        return due_at(regime, dates.words(due), at)
    day = due_day_after(regime, at)
    return day_end(day, regime.timezone), day.isoformat()


def _teller(of: Decided) -> tuple[str | None, str | None]:
    """Who speaks to the customer: whoever answers for his record; of several records, whoever asked."""
    owner = of.people["responsible"] or of.people["creator"] or of.people["applicant"]
    return (owner, None) if owner else (None, f"head:{of.envelope.get('department')}")


def _told(staff: Organisation, who: dict[str, Any], of: Decided) -> tuple[str | None, str | None]:
    """Who takes note: one person by name, several by their role."""
    # Who asked may be told as well; only a superior is found by him.
    applicant = of.applicant if "superior" in who else {"department": of.applicant.get("department")}
    try:
        people = staff.deciders(who, {"record": of.envelope, "applicant": applicant})
    except Forbidden:
        people = frozenset()
    if len(people) == 1:
        return next(iter(people)), None
    place = of.applicant if who.get("in") == "applicant" else of.envelope
    return resolve(who, of.people, place.get("department"))
