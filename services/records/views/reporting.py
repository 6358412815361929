"""An analysis on file: criteria, period, data date and digests stay readable, what it came to is sealed (Q-159)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from chassis import codec
from chassis.actor import Actor
from chassis.errors import Conflict
from chassis.ids import new_id
from regimes import Regime, dates
from regimes.model import View
from services.records.views import model
from services.records.views.events import ReportBegun, ReportFailed, ReportFiled
from vault.envelope import PartContext, open_part
from vault.keystore import Sealer

BODY = "report"
QUARTER = 3
READY, RUNNING, FAILED = "ready", "running", "failed"


@dataclass
class Report:
    """One analysis on file, or one that is being made for it."""

    id: str
    view: str
    digest: str
    regime: str
    criteria: dict[str, Any]
    period: str | None
    data_date: datetime
    result: str  # digest of what it came to; the code of the refusal where it came to nothing
    by: str
    department: str | None
    purpose: str
    key: str
    sealed: bytes = field(repr=False)

    @classmethod
    def asked(cls, view: View, regime: Regime, caller: Actor, now: datetime, key: str) -> Report:
        """What somebody wants on file; as whom he sees it is part of the criteria."""
        reader = {"department": caller.department, "roles": sorted(caller.roles)}
        made = (model.digest(view), regime.digest, {**model.criteria(view), "reader": reader}, period(view, now.date()))
        whose = (str(caller.person), caller.department, view.purpose)
        return cls(new_id(), view.name, *made, now, "", *whose, key, b"")

    @property
    def state(self) -> str:
        """Whether it is there, is still being made, or cannot be."""
        return READY if self.sealed else FAILED if self.result else RUNNING

    @property
    def reader(self) -> Actor:
        """For whom it counts."""
        return Actor(self.by, department=self.department, roles=frozenset(self.criteria["reader"]["roles"]))

    def begun(self) -> ReportBegun:
        """The fact that it is being made."""
        return ReportBegun(self.id, self.view, self.digest, self.period)

    def came_to(self, answer: dict[str, Any], sealer: Sealer, now: datetime) -> ReportFiled:
        """Seal the answer as it was given."""
        self._be_running()
        self.sealed = sealer.seal(self.key, _context(self.id), {BODY: codec.canonical(answer)}).packed
        self.result, self.data_date = result_of(answer), now
        return ReportFiled(self.id, self.view, self.digest, self.period, self.result)

    def fail(self, code: str) -> ReportFailed:
        """It cannot be made any more, as where the view is gone, or is not for who wanted it."""
        self._be_running()
        self.result = code
        return ReportFailed(self.id, self.view, code)

    def opened(self, dek: bytes) -> dict[str, Any]:
        """What it came to."""
        return dict(codec.loads(open_part(dek, _context(self.id), self.sealed).value(BODY)))

    def _be_running(self) -> None:
        if self.state != RUNNING:
            raise Conflict("report.state", f"the report is {self.state}")


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
