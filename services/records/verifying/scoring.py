"""Quality as figures: accuracy, completeness, timeliness, and one index of the three (Q-041). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from regimes import dates

STALE_AFTER = 365  # days without a confirmation after which a record tells nothing fresh, where no regime says
FRESH_FOR = "fresh_for"  # the regime's setting that says it
COUNTED_FROM = date(2001, 1, 1)  # no leap year, so that a year is 365 days
CORE_WEIGHT = 0.75  # of completeness; the rest is what else could be filled


@dataclass(frozen=True)
class Figures:
    """Counts of one record or, added up, of many; `age_days` and `stale` are sums too."""

    records: int = 0
    core: int = 0
    core_filled: int = 0
    fields: int = 0
    filled: int = 0
    to_verify: int = 0
    verified: int = 0
    age_days: int = 0
    stale: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def plain(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)

    def aged(self, days: int, stale_after: int = STALE_AFTER) -> Figures:
        """The same record so many days after it was last confirmed."""
        return replace(self, age_days=days, stale=int(days > stale_after))


def stale_after(regime: Any) -> int:
    """After how many days without a confirmation a record is stale under this regime."""
    said = regime.setting.get(FRESH_FOR)
    return (dates.add(COUNTED_FROM, str(said), regime.calendar) - COUNTED_FROM).days if said else STALE_AFTER


def share(part: int, whole: int) -> float:
    """How much of it; all of nothing is all."""
    return part / whole if whole else 1.0


def accuracy(of: Figures) -> float:
    """The verified share of what has to be verified."""
    return share(of.verified, of.to_verify)


def completeness(of: Figures) -> float:
    """The filled share; core fields weigh more."""
    return CORE_WEIGHT * share(of.core_filled, of.core) + (1 - CORE_WEIGHT) * share(of.filled, of.fields)


def timeliness(of: Figures, stale_after: int = STALE_AFTER) -> float:
    """One on the day of a confirmation, nothing once it is stale."""
    age = of.age_days / of.records if of.records else 0.0
    return max(0.0, 1.0 - age / stale_after)


def index(of: Figures, stale_after: int = STALE_AFTER) -> float:
    """The composite: each of the three counts alike."""
    return (accuracy(of) + completeness(of) + timeliness(of, stale_after)) / 3


def added(figures: Iterable[Figures]) -> Figures:
    """The sum."""
    total = Figures()
    for one in figures:
        total += one
    return total


def shown(of: Figures, stale_after: int = STALE_AFTER) -> dict[str, Any]:
    """Counts and shares as people read them, in percent."""
    shares = {"accuracy": accuracy(of), "completeness": completeness(of), "timeliness": timeliness(of, stale_after)}
    percent = {name: round(100 * value, 1) for name, value in {**shares, "index": index(of, stale_after)}.items()}
    return {**of.plain(), **percent}
