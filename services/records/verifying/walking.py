"""The walk over all living records: it finds figures that are missing, lets the others age, and sums them up by month.

A step is bounded and takes up where the last one stopped; the row of the walk is locked, so replicas take turns.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from regimes import Regime
from services.records.model import Record
from services.records.verifying.scoring import Figures, stale_after

NAME = "quality"
STEP = 500  # records looked at
NEW = 100  # records whose figures have to be found, of those
REST = timedelta(minutes=1)  # between two walks

Sums = dict[str, dict[str, dict[str, int]]]


class Walk:
    """One step of one walk."""

    def __init__(self, service: Any, regime: Regime) -> None:
        self.store, self.regime = service.store, regime

    def step(self) -> None:
        """Look at the next records; after the last ones keep the month's figures and rest."""
        if self.store.rests(NAME, self.store.clock.now() - REST):
            return
        with self.store.begin() as work:
            at = work.walk(NAME)
            rows = self._due(self.store.walked(at.after, STEP))
            sums = self._added(work, at.sums, rows)
            if rows:
                work.save_walk(NAME, after=rows[-1][0].id, sums=sums, ended_at=None)
                return
            work.save_quality(work.settings.clock.today(self.regime.timezone).isoformat()[:7], sums)
            work.save_walk(NAME, after="", sums={}, ended_at=work.now)

    def _due(self, rows: list[Any]) -> list[Any]:
        """As many as one step takes: figures that have to be found cost more than those that are there."""
        new = [place for place, (_, figures) in enumerate(rows) if figures is None]
        return rows[: new[NEW]] if len(new) > NEW else rows

    def _added(self, work: Any, sums: Sums, rows: list[Any]) -> Sums:
        for record, known in rows:
            if record.class_ not in self.regime.classes:
                continue  # retired: nobody says any more what it should hold
            own = self._figures(work, record, known)
            classes = sums.setdefault(record.department, {})
            classes[record.class_] = (Figures(**classes.get(record.class_, {})) + own).plain()
        return sums

    def _figures(self, work: Any, record: Record, known: dict[str, Any] | None) -> Figures:
        if known is None:
            facts = work.facts(record, self.regime)
            work.score(record, self.regime, facts)
            return facts.figures(work.now, stale_after(self.regime))
        return figures_in(known, work.now, stale_after(self.regime))


def figures_in(row: dict[str, Any], now: datetime, stale: int) -> Figures:
    """A record's kept figures, as old as they are now."""
    names = ("core", "core_filled", "fields", "filled", "to_verify", "verified")
    days = max(0, (now - row["confirmed_at"]).days)
    return Figures(1, *(row[name] for name in names)).aged(days, stale)
