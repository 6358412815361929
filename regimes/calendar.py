"""The work calendar: a country's holidays and make-up days, with what the company adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Countries that move working days each year, and say so late in the year before.
MOVING = ("CN",)
ONE_DAY = timedelta(days=1)


@dataclass
class WorkCalendar:
    """Which days are worked. `shut` and `extra` are the company's own and win over the country's.

    `reviewed` are years whose days somebody has checked against what the country published.
    """

    name: str = "work"
    en: str = ""
    zh: str = ""
    country: str = "CN"
    week: tuple[str, ...] = DAYS[:5]
    fiscal_year: str = "01-01"
    shut: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    _years: dict[int, tuple[set[date], set[date]]] = field(default_factory=dict, compare=False, repr=False)

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        if day.isoformat() in self.extra:
            return True
        if day.isoformat() in self.shut:
            return False
        free, make_up = self._year(day.year)
        return day in make_up or (DAYS[day.weekday()] in self.week and day not in free)

    def is_published(self, year: int) -> bool:
        """Whether the year's working days are known: its make-up days are, where there are such, or somebody looked."""
        return self.country not in MOVING or str(year) in self.reviewed or self._moves(year)

    def _moves(self, year: int) -> bool:
        return any(day.year == year for day in self._year(year)[1])

    def _year(self, year: int) -> tuple[set[date], set[date]]:
        if year not in self._years:
            official = holidays.country_holidays(self.country, years=[year])
            self._years[year] = (set(official), set(getattr(official, "weekend_workdays", ())))
        return self._years[year]

    def worked(self, day: date, count: int) -> date:
        """`count` working days after the day (before it, when negative)."""
        step = ONE_DAY if count > 0 else -ONE_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def roll(self, day: date, direction: str) -> date:
        """The day itself if it is worked, else the nearest working day in that direction."""
        step = ONE_DAY if direction == "forward" else -ONE_DAY
        while not self.is_workday(day):
            day += step
        return day
