"""What a proposed violation costs: the regime's amount, doubled from the n-th offence; shown, never charged here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from regimes import dates

if TYPE_CHECKING:
    from regimes.calendar import WorkCalendar
    from regimes.process import Tariff
    from regimes.regime import Regime


@dataclass(frozen=True)
class Fine:
    """An amount in the tariff's unit; None where the regime names none. `nth` offence within the time."""

    amount: str | None
    unit: str
    nth: int


def fine(regime: Regime, violation: str, roles: Iterable[str], earlier: int = 0) -> Fine:
    """What this offence costs a person of these roles who has offended `earlier` times within the tariff's time."""
    kind = regime.violations[violation]
    tariff = regime.tariffs[kind.tariff]
    nth = earlier + 1
    if kind.fine is None:
        return Fine(None, tariff.unit, nth)
    amount = Decimal(kind.fine) * (2 if doubles(tariff, roles, nth) else 1)
    return Fine(format(amount, "f"), tariff.unit, nth)


def doubles(tariff: Tariff, roles: Iterable[str], nth: int) -> bool:
    """Whether the n-th offence is doubled for one of the roles; everyone is an employee."""
    starts = [tariff.doubles[role] for role in {"employee", *roles} if role in tariff.doubles]
    return bool(starts) and nth >= min(starts)


def counts_from(tariff: Tariff, on: date, calendar: WorkCalendar) -> date:
    """The first day whose offences count together with one of `on`: a calendar unit, or a period back."""
    if tariff.within in dates.UNITS:
        return dates.unit_start(tariff.within, on, calendar)
    return dates.subtract(on, tariff.within, calendar) + timedelta(days=1)


def fines(regime: Regime, offences: Iterable[str], role: str) -> list[Fine]:
    """What a row of offences within one counting time costs, in their order."""
    counted: dict[str, int] = {}
    found = []
    for violation in offences:
        tariff = regime.violations[violation].tariff
        found.append(fine(regime, violation, [role], counted.get(tariff, 0)))
        counted[tariff] = counted.get(tariff, 0) + 1
    return found
