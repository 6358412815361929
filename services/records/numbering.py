"""Numbers: a pattern per class, gapless where asked, given at activation and never again."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from regimes import Regime
from regimes.model import RecordClass
from services.records.model import Record

SEQUENCE = re.compile(r"\{seq(?::(\d+))?\}")


def give(work: Any, found: RecordClass, record: Record, today: date) -> str | None:
    """The next number of the record's class, drawn in the transaction that uses it."""
    if found.number is None:
        return None
    known = _known(record, today)
    series = ":".join([found.name, *(known[name] for name in found.number.per)])
    drawn = work.next_number(series)
    text = SEQUENCE.sub(lambda place: str(drawn).zfill(int(place[1] or 1)), found.number.pattern)
    return re.sub(r"\{([\w.]+)\}", lambda place: known[place[1]], text)


def _known(record: Record, today: date) -> dict[str, str]:
    """What a pattern may name: the year, the department, and facets, which stand in clear anyway."""
    return {"year": f"{today.year}", "department": record.department, **record.facets}


def keeper(record: Record, regime: Regime) -> Any:
    """Who keeps records of this class."""
    return regime.classes[record.class_].keeper
