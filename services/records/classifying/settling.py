"""Setting a scheme or level in one piece of work: at once, or after approvals has decided about it."""

from __future__ import annotations

from typing import Any

from chassis.actor import Actor
from chassis.ids import new_id
from regimes import Regime
from services.records.classifying import events, grading, presenting
from services.records.classifying.levels import of_fields
from services.records.classifying.model import LEVEL, Downgrade, Wanted, scheme_named
from services.records.model import HIDDEN, Record
from services.records.reasons import Reason
from services.records.waiting import refuse_beside


class Setting:
    """One value being set by one caller."""

    def __init__(self, work: Any, regime: Regime, caller: Actor) -> None:
        self.work, self.regime, self.caller = work, regime, caller

    def set(self, wanted: Wanted, why: list[Reason]) -> dict[str, Any]:
        """Refuse it, do it, or let it wait."""
        wanted.refuse(self.caller)
        id = why[0].id if why else new_id()
        self.work.add_reasons(why)
        if not wanted.lowers:
            fields = fields_level(self.work, wanted.record, self.regime) if wanted.first else None
            keep(self.work, wanted, *wanted.take(id, self.caller.person, self._today(), fields))
            return presenting.written(wanted.record, "done")
        wanted.refuse_below(fields_level(self.work, wanted.record, self.regime))
        refuse_beside("downgrade", self.work.downgrade_like(wanted.record.id, wanted.name, wanted.value))
        waiting, proposed = wanted.propose(id, str(self.caller.person))
        self.work.add_downgrade(waiting)
        self.work.emit(proposed)
        return presenting.written(wanted.record, "waiting", waiting.id)

    def _today(self) -> Any:
        return self.work.settings.clock.today(self.regime.timezone)


def settled(work: Any, regime: Regime, downgrade_id: str, outcome: str) -> None:
    """Carry out once what was decided about a downgrade, or let it go."""
    waiting = work.downgrade(downgrade_id)
    if waiting is None or waiting.state != "pending":
        return
    record = work.record(waiting.record)
    why = _against(record, regime, waiting, outcome)
    if why:
        waiting.settle("lapsed")
        told = {"downgrade": waiting.id, "scheme": waiting.scheme, "why": why}
        work.emit(events.DowngradeLapsed(**record.told(), **told))
    else:
        waiting.settle("applied")
        _lower(work, regime, record, waiting)
    work.save_downgrade(waiting)


def _lower(work: Any, regime: Regime, record: Record, waiting: Downgrade) -> None:
    wanted, today = _wanted(record, regime, waiting), work.settings.clock.today(regime.timezone)
    lowest = fields_level(work, record, regime)
    keep(work, wanted, *wanted.take(waiting.id, waiting.by, today, lowest, waiting.id))


def keep(work: Any, wanted: Wanted, line: Any, told: list[Any]) -> None:
    """Keep the record as it counts now, with the line of history and the levels of its parts."""
    work.add_line(line)
    work.protect_parts(wanted.record, wanted.regime)
    work.save(wanted.record)
    work.emit(*told)


def fields_level(work: Any, record: Record, regime: Regime) -> str:
    """The level of the fields that have a value now."""
    return of_fields(regime.classes[record.class_], work.facts(record, regime).filled, regime)


def _against(record: Record, regime: Regime, waiting: Downgrade, outcome: str) -> str | None:
    """Why a decided downgrade does not take effect: not approved, gone, or no longer what was asked about."""
    if outcome != "approved":
        return outcome
    if record.state in HIDDEN:
        return "record.destroyed"
    known = regime.levels if waiting.scheme == LEVEL else regime.schemes.get(waiting.scheme)
    if known is None or _wanted(record, regime, waiting).before != waiting.before:
        return "record.stale"
    return None


def _wanted(record: Record, regime: Regime, waiting: Downgrade) -> Wanted:
    if waiting.scheme == LEVEL:
        return Wanted(record, regime, waiting.value)
    scheme = scheme_named(record, regime, waiting.scheme)
    criteria = waiting.suggestion.get("criteria") or grading.digest_of(scheme)
    return Wanted(record, regime, waiting.value, scheme, criteria, waiting.suggestion.get("suggested"))
