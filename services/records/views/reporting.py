"""An analysis on file: criteria, period, data date and digests stay readable, what it came to is sealed (Q-159)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from chassis import codec
from regimes import Regime, dates
from regimes.model import View
from services.records.views import model
from services.records.views.events import ReportFiled
from vault.envelope import PartContext, open_part, seal_part
from vault.keystore import Key

BODY = "report"
QUARTER = 3


@dataclass
class Report:
    """One filed analysis."""

    id: str
    view: str
    digest: str
    regime: str
    criteria: dict[str, Any]
    period: str | None
    data_date: datetime
    result: str
    by: str
    department: str | None
    purpose: str
    key: str
    sealed: bytes = field(repr=False)

    @classmethod
    def of(
        cls, id: str, view: View, regime: Regime, answer: dict[str, Any], caller: Any, now: datetime, key: Key
    ) -> Report:
        """Seal an answer as it was given."""
        sealed = seal_part(key.dek, _context(id), {BODY: codec.canonical(answer)}).packed
        made = (model.digest(view), regime.digest, model.criteria(view), period(view, now.date()))
        whose = (str(caller.person), caller.department, view.purpose)
        return cls(id, view.name, *made, now, result_of(answer), *whose, key.id, sealed)

    def filed(self) -> ReportFiled:
        """The fact that it is on file."""
        return ReportFiled(self.id, self.view, self.digest, self.period, self.result)

    def opened(self, dek: bytes) -> dict[str, Any]:
        """What it came to."""
        return dict(codec.loads(open_part(dek, _context(self.id), self.sealed).value(BODY)))


def result_of(answer: dict[str, Any]) -> str:
    """By which an answer is known again: the same records and the same view give the same."""
    told = {name: answer[name] for name in ("items", "total")}
    return sha256(codec.canonical(told)).hexdigest()


def period(view: View, day: date) -> str | None:
    """The span of the calendar that a recurring view is of, such as 2026-Q4."""
    unit = view.every
    if unit not in dates.UNITS:
        return None
    if unit == "quarter":
        return f"{day.year}-Q{(day.month - 1) // QUARTER + 1}"
    if unit == "half_year":
        return f"{day.year}-H{1 if day.month <= 2 * QUARTER else 2}"
    spoken = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
    return day.strftime(spoken.get(str(unit), "%Y"))


def _context(report: str) -> PartContext:
    return PartContext(report, BODY, 1)
