"""Which duties a happening opens and closes under a regime, for whom and until when. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chassis.clock import parse_instant, rfc3339
from chassis.ids import new_id
from regimes import conditions, dates
from regimes.envelopes import completed
from services.retention.custody.model import Loan
from services.retention.duties.model import Duty
from services.retention.duties.timing import timed

MEASURE = "measure"  # what was done about a finding
COLLECTED = "collected"
SIGNED = "valid"  # of a form: everybody who has to sign it has
NEXT_DAY = "P1B"


@dataclass(frozen=True)
class Happening:
    """Something that happened, as regimes name it: to what, when, and who had a part in it."""

    id: str
    word: str
    at: datetime
    on: date | None = None
    record: str | None = None
    about: str | None = None  # what a form is about
    class_: str | None = None
    department: str | None = None
    people: dict[str, str | None] = field(default_factory=dict)
    envelope: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def names(self, regime: Any) -> list[str]:
        """Every name a regime may call it by: of its class, of those that class extends, of any record."""
        known = regime.classes.get(self.class_) if self.class_ else None
        kinds = [name for name in (self.class_, *(known.lineage if known else ())) if name]
        short = [kind.rpartition(".")[2] for kind in kinds]
        return [f"{kind}.{self.word}" for kind in dict.fromkeys([*kinds, *short, "record"])]


def of_record(event: dict[str, Any], word: str | None = None) -> Happening:
    """An event of records as a happening; `word` stands where the event's own type says it all."""
    data = event["data"]
    people = {name: data.get(name) for name in ("responsible", "creator", "keeper")}
    names = ("state", "level", "department", "responsible", "creator", "complete")
    record = event.get("record") or data.get("record")
    envelope = {**data.get("schemes", {}), "id": record, "class": data["class"]}
    envelope |= {name: data.get(name) for name in names}
    on = date.fromisoformat(data["on"]) if data.get("on") else None
    word = word or data["happened"]
    at = parse_instant(event["at"])
    of = (record, data.get("about"), data["class"], data.get("department"))
    return Happening(event["id"], word, at, on, *of, people, envelope, data)


def of_creation(event: dict[str, Any]) -> list[Happening]:
    """That a record exists, and, where somebody said when, that its data had been taken in."""
    on, made = event["data"].get("collected_on"), of_record(event, "created")
    if on is None:
        return [made]
    return [made, replace(made, word=COLLECTED, on=date.fromisoformat(on))]


def opened_by(regime: Any, happening: Happening, names: list[str]) -> list[Duty]:
    """The duties this happening opens."""
    opening = [duty for duty in regime.duties.values() if isinstance(duty.opens, str) and duty.opens in names]
    return [_open(regime, duty, happening) for duty in opening if _applies(regime, duty, happening)]


def closes(regime: Any, names: list[str]) -> list[str]:
    """Those of the names that some duty is done by."""
    return sorted({duty.done for duty in regime.duties.values() if duty.done in names})


def of_loan(regime: Any, loan: Loan) -> list[Duty]:
    """The duty to bring a loan back: always one, whatever else the regime opens with a loan."""
    opening = [duty for duty in regime.duties.values() if duty.opens == "loan.made"]
    return [_return(loan, duty, regime) for duty in opening] or [_return(loan, None, regime)]


def of_failed_check(regime: Any, event: dict[str, Any]) -> Duty:
    """The duty to put right what a form says did not pass: whose, until when, shown by what was done about it."""
    data = event["data"]
    people = {name: data.get(name) for name in ("responsible", "creator")}
    owner, role = resolve(data["owner"] or {"person": "responsible"}, people, data.get("department"))
    day = date.fromisoformat(data["due"]) if data.get("due") else due_day_after(regime, parse_instant(event["at"]))
    return Duty(
        id=new_id(),
        name=data["finding"],
        record=event["record"],
        subject=None,
        owner=owner,
        role=role,
        opened_at=parse_instant(event["at"]),
        due_at=day_end(day, regime.timezone),
        due=day.isoformat(),
        done_by=None,
        needs=(MEASURE,),
        violation=None,
        finding=data["finding"],
    )


def recurring(regime: Any, today: date) -> list[tuple[str, Duty]]:
    """The duties of the calendar unit that today lies in, each with the key under which it is opened once."""
    found = []
    for duty in regime.duties.values():
        often = duty.opens
        first = begun(regime, duty, today)
        if first and not often.each:
            key = f"{duty.name}:{first.isoformat()}"
            found.append((key, _open(regime, duty, Happening(key, often.every, _noon(first), first))))
    return found


def begun(regime: Any, duty: Any, today: date) -> date | None:
    """The first day of the unit that today lies in, where the duty recurs with it; rolling periods recur with none."""
    often = duty.opens
    if isinstance(often, str) or often.every not in dates.UNITS:
        return None
    first = dates.unit_start(often.every, today, regime.calendar)
    return first if not often.months or first.month in often.months else None


def for_each(regime: Any, duty: Any, first: date, envelopes: list[dict[str, Any]]) -> list[tuple[str, Duty]]:
    """The duty of this unit about each of these records that it is about, with the key that opens it once."""
    key = f"{duty.name}:{first.isoformat()}"
    found = []
    for envelope in envelopes:
        people = {name: envelope.get(name) for name in ("responsible", "creator")}
        named = (envelope["id"], None, envelope["class"], envelope.get("department"), people, envelope)
        happening = Happening(key, duty.opens.every, _noon(first), first, *named)
        if _applies(regime, duty, happening):
            found.append((f"{key}:{envelope['id']}", _open(regime, duty, happening)))
    return found


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def day_end(day: date, zone: str) -> datetime:
    """The instant at which a civil day is over."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def due_day(regime: Any, at: datetime) -> str:
    """The civil day on which an instant falls."""
    return at.astimezone(ZoneInfo(regime.timezone)).date().isoformat()


def _applies(regime: Any, duty: Any, happening: Happening) -> bool:
    known = regime.classes.get(happening.class_)
    if duty.of and not (known and known.is_a(duty.of)):
        return False
    case = {"record": completed(regime, happening.envelope), "event": happening.facts, "setting": regime.setting}
    return conditions.holds(duty.when, case)


def _open(regime: Any, duty: Any, happening: Happening) -> Duty:
    owner, role = resolve(duty.owner, happening.people, happening.department)
    until, due = due_at(regime, duty.due, happening.at, happening.on)
    opened = _duty(duty, owner, role, until, due, happening.at, happening.record, None)
    return timed(opened, duty, regime, happening.department)


def due_day_after(regime: Any, at: datetime) -> date:
    """Until when something is due that no rule gives a day: promptly, as the regime says, else the next working day."""
    words = dates.words({"after": regime.setting.get("promptly") or NEXT_DAY})
    return dates.due(words, at.astimezone(ZoneInfo(regime.timezone)).date(), regime.calendar)


def due_at(regime: Any, words: Any, at: datetime, on: date | None = None) -> tuple[datetime, str]:
    """The instant by which something is due that counts from an instant, or from a day, and how people say it."""
    start: date = on or at.astimezone(ZoneInfo(regime.timezone))
    found = dates.due(words, start, regime.calendar)
    if isinstance(found, datetime):
        return found, rfc3339(found)
    return day_end(found, regime.timezone), found.isoformat()


def _return(loan: Loan, duty: Any, regime: Any) -> Duty:
    people: dict[str, str | None] = {"borrower": loan.borrower, "lender": loan.lender}
    owner, role = resolve(duty.owner, people, None) if duty else (loan.borrower, None)
    due = due_day(regime, loan.due_at)
    opened = _duty(duty, owner, role, loan.due_at, due, loan.lent_at, loan.record, loan.id)
    return timed(opened, duty, regime, None) if duty else opened


def _duty(
    duty: Any,
    owner: str | None,
    role: str | None,
    due_at: datetime,
    due: str,
    opened_at: datetime,
    record: str | None,
    subject: str | None,
) -> Duty:
    return Duty(
        id=new_id(),
        name=duty.name if duty else "return_loan",
        record=record,
        subject=subject,
        owner=owner,
        role=role,
        opened_at=opened_at,
        due_at=due_at,
        due=due,
        done_by=duty.done if duty else "loan.returned",
        needs=tuple(str(name) for need in duty.needs for name in _proofs(need)) if duty else (),
        violation=duty.missed.get("violation") if duty else None,
        finding=duty.missed.get("finding") if duty else None,
    )


def _proofs(need: dict[str, Any]) -> list[str]:
    sort = next(key for key in need if key not in ("by", "within"))
    return [f"{sort} {name}" for name in (need[sort] if isinstance(need[sort], list) else [need[sort]])]


def resolve(
    who: dict[str, Any], people: dict[str, str | None], department: str | None
) -> tuple[str | None, str | None]:
    """Who owns a duty: a person where the happening names one, else a role, held somewhere (`role:department`)."""
    if "person" in who:
        found = people.get(who["person"]) or people.get("creator")
        return (found, None) if found else (None, f"head:{department}" if department else who["person"])
    if "role" in who:
        place = {"record": department, "applicant": department, None: None}.get(who.get("in"), who.get("in"))
        return None, f"{who['role']}:{place}" if place else who["role"]
    one = next(iter(who.get("any_of") or who.get("all_of") or [{"role": "archivist"}]))
    return resolve(one, people, department)
