"""Setting a scheme's value or the level: refused, done at once, or, where it is lower, proposed. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid
from regimes import Regime, dates
from regimes.envelopes import completed, schemes_of
from regimes.model import Scheme, Who
from regimes.rights import is_one
from services.records.classifying import events
from services.records.classifying.levels import of_record, of_value, risen
from services.records.model import Record

LEVEL = "level"  # in the history: the level itself, raised or lowered by hand


@dataclass(frozen=True)
class Suggestion:
    """What the criteria of a scheme came to for one version of a record."""

    id: str
    record: str
    scheme: str
    value: str | None
    criteria: str
    record_version: int


@dataclass(frozen=True)
class Line:
    """One line of a record's history of classification."""

    id: str
    record: str
    scheme: str
    before: str | None
    value: str
    level: str
    until: date | None
    criteria: str | None
    suggested: str | None
    downgrade: str | None
    by: str | None
    record_version: int


@dataclass
class Downgrade:
    """A lower value or level that waits for its approval."""

    id: str
    record: str
    scheme: str
    before: str | None
    value: str
    suggestion: dict[str, str | None]
    by: str
    state: str = "pending"

    def settle(self, outcome: str) -> None:
        """Take approvals' word once."""
        if self.state != "pending":
            raise Conflict("downgrade.settled", f"downgrade {self.id} is {self.state}")
        self.state = outcome


@dataclass(frozen=True)
class Wanted:
    """A value that somebody wants a record to have: in a scheme, or, without one, as its level."""

    record: Record
    regime: Regime
    value: str
    scheme: Scheme | None = None
    criteria: str | None = None
    suggested: str | None = None

    @property
    def name(self) -> str:
        """What it is called in the history."""
        return self.scheme.name if self.scheme else LEVEL

    @property
    def before(self) -> str | None:
        """What is set now; None where nothing is."""
        return self.record.schemes.get(self.scheme.name) if self.scheme else self.record.level

    @property
    def counted(self) -> str:
        """What the record counts as now: what nobody set counts as the scheme says of that."""
        return self.before or (self.scheme.unset if self.scheme else self.record.level)

    @property
    def lowers(self) -> bool:
        """Whether it protects less than what was set, so that it needs approval (Q-100)."""
        return not self.first and self._rank(self.value) < self._rank(self.counted)

    @property
    def first(self) -> bool:
        """Whether nobody has classified the record yet: until somebody does it counts as the highest (Q-099)."""
        return self.scheme is not None and self.before is None

    def refuse(self, caller: Actor) -> None:
        """Refuse whoever the regime does not let set it, and a value that does not exist."""
        self.record.refuse_gone(caller, self.regime)
        if self.scheme:
            _refuse_others(self.scheme, caller, completed(self.regime, self.record.envelope()))
        known = self.scheme.values if self.scheme else self.regime.levels
        if self.value not in known:
            told = {"pointer": "/value", "code": "scheme.value", "detail": f"one of {', '.join(known)}"}
            raise Invalid("scheme.value", f"{self.name} has no such value", {"errors": [told]})

    def refuse_below(self, fields: str) -> None:
        """Refuse a level that is lower than the highest field or scheme: nobody can approve that (Q-098)."""
        if self.scheme:
            return
        floor = self._floor(fields)
        if self._rank(self.value) < self._rank(floor):
            raise Conflict("level.floor", f"its fields and schemes make it {floor} at least", {"level": floor})

    def propose(self, id: str, by: str) -> tuple[Downgrade, events.DowngradeProposed]:
        """Let it wait for its approval."""
        noted = {"criteria": self.criteria, "suggested": self.suggested}
        waiting = Downgrade(id, self.record.id, self.name, self.before, self.value, noted, by)
        told: dict[str, Any] = {
            "downgrade": id,
            "scheme": self.name,
            "before": self.counted,
            "value": self.value,
            "by": by,
        }
        return waiting, events.DowngradeProposed(**self.record.told(), **told)

    def take(
        self, id: str, by: str | None, today: date, fields: str | None = None, downgrade: str | None = None
    ) -> Any:
        """Let it take effect: the line of history and what is told. `fields`: their level, if it may sink to that."""
        before, was, until = self.before, self.record.level, self._until(today)
        sinks = fields and (downgrade or was == of_record(self.record, fields, self.regime))
        self._put(until, fields)
        self.record.level = (of_record if sinks else risen)(
            self.record, fields if sinks and fields else was, self.regime
        )
        self.record.version += 1
        noted = (self.criteria, self.suggested, downgrade, by, self.record.version)
        line = Line(id, self.record.id, self.name, before, self.value, self.record.level, until, *noted)
        return line, [*self._told(line), *self._moved(was)]

    def _floor(self, fields: str) -> str:
        """What fields and schemes demand, whoever raised it beyond."""
        return of_record(replace(self.record, raised=None), fields, self.regime)

    def _put(self, until: date | None, lowest: str | None) -> None:
        if self.scheme is None:
            # Back at what it would be anyway, nothing is raised any more.
            self.record.raised = None if lowest and self.value == self._floor(lowest) else self.value
            return
        self.record.schemes = {**self.record.schemes, self.scheme.name: self.value}
        others = {name: on for name, on in self.record.milestones.items() if name != review_of(self.scheme.name)}
        self.record.milestones = {**others, **({review_of(self.scheme.name): until.isoformat()} if until else {})}

    def _until(self, today: date) -> date | None:
        lasts = self.scheme.values[self.value].lasts if self.scheme else None
        return dates.add(today, lasts, self.regime.calendar) if lasts else None

    def _told(self, line: Line) -> list[Any]:
        if self.scheme is None:
            return []
        until = line.until.isoformat() if line.until else None
        told: dict[str, Any] = {"classification": line.id, "scheme": line.scheme, "before": line.before}
        return [events.SchemeSet(**self.record.told(), **told, value=line.value, until=until, criteria=line.criteria)]

    def _moved(self, was: str) -> list[Any]:
        return [events.Classified(**self.record.told(), before=was)] if was != self.record.level else []

    def _rank(self, value: str) -> int:
        level = of_value(self.regime, self.scheme, value) if self.scheme else value
        return self.regime.levels[level].rank if level in self.regime.levels else 0


def review_of(scheme: str) -> str:
    """The milestone at which a term of secrecy is to be looked at."""
    return f"{scheme}_review"


def scheme_named(record: Record, regime: Regime, name: str) -> Scheme:
    """The scheme of that name, or which ones the record's class has."""
    schemes = {scheme.name: scheme for scheme in schemes_of(regime, record.class_)}
    if name not in schemes:
        told = {"pointer": "/name", "code": "scheme.unknown", "detail": f"one of {', '.join(schemes) or '–'}"}
        raise Invalid("scheme.unknown", f"{record.class_} has no such scheme", {"errors": [told]})
    return schemes[name]


def _refuse_others(scheme: Scheme, caller: Actor, envelope: dict[str, Any]) -> None:
    if not any(is_one(who, caller, envelope) for who in scheme.set_by):
        may = ", ".join(spoken(who) for who in scheme.set_by) or "nobody"
        raise Forbidden("scheme.set_by", f"{scheme.name} is set by {may}", {"scheme": scheme.name, "set_by": may})


def spoken(who: Who) -> str:
    """A who-expression in words."""
    for word, join in (("any_of", " or "), ("all_of", " and ")):
        if word in who:
            return join.join(spoken(one) for one in who[word])
    if "role" in who:
        return f"{who['role']} in {who['in']}" if "in" in who else str(who["role"])
    return " ".join(f"{word} {value}" for word, value in who.items())
