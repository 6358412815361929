"""Numbers: a pattern per class, drawn in the transaction that uses it; gapless, unique, and never given again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from regimes import Regime
from regimes.envelopes import completed, schemes_of
from regimes.model import RecordClass
from services.records import events
from services.records.model import Record
from services.records.refusals import broken

SEQUENCE = re.compile(r"\{seq(?::(\d+))?\}")
PLACE = re.compile(r"\{([\w.]+)\}")
LONGEST = 40  # characters, as the table has it
SERIES = 200
DIGITS = 9  # of a sequence, where the pattern does not say how many


def activate(work: Any, regime: Regime, record: Record, today: date) -> events.Activated:
    """Make a pending record valid with its number, and keep under which regime's scheme it was numbered (Q-076).

    One that was valid before keeps the number it got then.
    """
    if record.number is None and record.state == "pending":
        number = give(work, regime.classes[record.class_], record, today, _schemes(regime, record))
        record.numbered_by = regime.digest if number else None
        return record.activate(number)
    return record.activate(record.number)


def give(
    work: Any, found: RecordClass, record: Record, today: date, schemes: Mapping[str, str] | None = None
) -> str | None:
    """The next number of the record's class. One that an earlier scheme gave is passed over, never given again."""
    if found.number is None:
        return None
    known = _known(record, today, schemes or {})
    series = _series([found.name, *(known.get(name, "") for name in found.number.per)])
    number = _written(found.number.pattern, known, work.next_number(series))
    while work.number_taken(found.name, number):
        number = _written(found.number.pattern, known, work.next_number(series))
    return number


def check(found: RecordClass, facets: Mapping[str, str]) -> None:
    """Refuse a new record whose number could not be written: a field that it is made of is missing, or far too long."""
    if found.number is None:
        return
    made_of = [path for path in _places(found.number.pattern) if path in found.fields]
    missing = [path for path in made_of if path not in facets]
    if missing:
        errors = [{"pointer": f"/fields/{path}", "code": "field.missing", "detail": _TOLD} for path in missing]
        raise broken(errors)
    plain = _places(SEQUENCE.sub(lambda place: "0" * int(place[1] or DIGITS), found.number.pattern), keep=True)
    if len(plain) + sum(len(facets[path]) for path in made_of) > LONGEST:
        errors = [{"pointer": f"/fields/{path}", "code": "value.too_long", "detail": _TOLD} for path in made_of]
        raise broken(errors)


_TOLD = "the record's number is made of it: a short value is needed"


def _places(pattern: str, keep: bool = False) -> Any:
    return PLACE.sub("", pattern) if keep else [place for place in PLACE.findall(pattern) if place != "seq"]


def _written(pattern: str, known: Mapping[str, str], drawn: int) -> str:
    text = SEQUENCE.sub(lambda place: str(drawn).zfill(int(place[1] or 1)), pattern)
    return PLACE.sub(lambda place: known.get(place[1], ""), text)


def _series(names: list[str]) -> str:
    """The name of a counter; a value that holds the separator must not run into its neighbour."""
    plain = ":".join(name.replace("%", "%25").replace(":", "%3A") for name in names)
    return plain if len(plain) <= SERIES else hashlib.sha256(plain.encode()).hexdigest()


def _known(record: Record, today: date, schemes: Mapping[str, str]) -> dict[str, str]:
    """What a pattern may name: year, department, schemes, and facets, which stand in clear anyway."""
    named = {f"record.{name}": value for name, value in schemes.items()}
    return {"year": f"{today.year}", "department": record.department, **named, **record.facets}


def _schemes(regime: Regime, record: Record) -> dict[str, str]:
    whole = completed(regime, record.envelope())
    return {scheme.name: whole[scheme.name] for scheme in schemes_of(regime, record.class_)}
