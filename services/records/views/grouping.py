"""Groups of an analysis, and which of them are too small to be told: no subtraction may bring them back. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.records.searching.indexing import UNIT

SHARE = Decimal("0.0001")


@dataclass
class Group:
    """One value: how many records have it, and what their figures come to."""

    value: str | None
    records: int = 0
    sum: int = 0
    figured: int = 0  # records that have a figure: a sum of few figures tells them, however many records are beside
    hidden: bool = False

    def add(self, figure: int | None) -> None:
        """Count one record."""
        self.records += 1
        self.figured += figure is not None
        self.sum += figure or 0


def hide(groups: Iterable[Group], smallest: int, shared: bool = False) -> list[Group]:
    """Mark groups below `smallest`, and so many more that what is left out together is neither one group nor small.

    `shared`: one record may be in several groups, so that two of them together may be no more than one.
    """
    ordered = sorted(groups, key=lambda group: (group.records, str(group.value)))
    for group in ordered:
        group.hidden = _few([group], smallest, shared)
    for group in ordered:
        if not group.hidden and _derivable([one for one in ordered if one.hidden], smallest, shared):
            group.hidden = True
    # Where a hidden one stood among the others would tell between which figures its own lies.
    return sorted(ordered, key=lambda group: (group.hidden, -group.records * (not group.hidden), str(group.value)))


def whole(groups: list[Group], smallest: int, records: int | None = None) -> Group | None:
    """All groups together; None where that would tell what was left out. `records`: all, where groups share some."""
    hidden = [group for group in groups if group.hidden]
    if _derivable(hidden, smallest, shared=records is not None):
        return None
    counted = sum(group.records for group in groups) if records is None else records
    return Group(None, counted, sum(group.sum for group in groups))


def _derivable(hidden: list[Group], smallest: int, shared: bool) -> bool:
    """Whether the difference between the total and what is shown would be one group, or the figures of few records."""
    return bool(hidden) and (len(hidden) < 2 or _few(hidden, smallest, shared))


def _few(groups: list[Group], smallest: int, shared: bool) -> bool:
    together = max if shared else sum
    records, figured = (together(counts) for counts in zip(*((g.records, g.figured) for g in groups), strict=True))
    return records < smallest or 0 < figured < smallest


def share(group: Group, total: Group | None, summed: bool) -> str | None:
    """A group's part of the whole, as a decimal; None where it is hidden or there is nothing to divide."""
    if total is None or group.hidden:
        return None
    part, of = (group.sum, total.sum) if summed else (group.records, total.records)
    return str((Decimal(part) / of).quantize(SHARE)) if of else None


def amount(units: int) -> str:
    """A sum of figures as people write it."""
    value = Decimal(units) / UNIT
    return format(value.quantize(Decimal("0.01")) if value == value.quantize(Decimal("0.01")) else value, "f")


def told(group: Group, total: Group | None, summed: bool, titles: dict[str, Any]) -> dict[str, Any]:
    """A group as it is answered; a hidden one says so and nothing else."""
    head = {"value": group.value, **titles, "hidden": group.hidden}
    if group.hidden:
        return {**head, "records": None, "sum": None, "share": None}
    figures = {"records": group.records, "sum": amount(group.sum) if summed else None}
    return {**head, **figures, "share": share(group, total, summed)}
