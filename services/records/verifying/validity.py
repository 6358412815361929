"""Becoming valid: what was approved is active once what its class needs is there, and waits for it until then."""

from __future__ import annotations

from datetime import date
from typing import Any

from regimes import Regime
from services.records import numbering
from services.records.model import Record
from services.records.verifying.model import Facts
from services.records.verifying.needs import Proofs, of_state


def approved(work: Any, record: Record, regime: Regime, today: date, score: bool = True) -> None:
    """Make an approved record valid with its number, or hold it back and say what it lacks (Q-033).

    The caller saves it. `score=False` for a batch: it leaves its figures to the walk.
    """
    proofs = Proofs(work, record, regime, record.creator, work.now)
    lacking = proofs.unmet(of_state(record, "active", regime))
    if lacking:
        work.hold_back(record, lacking)
        return
    work.emit(numbering.activate(work, regime, record, today))
    if score:
        work.score(record, regime, vars(proofs).get("facts"))


def reconsider(work: Any, record: Record, regime: Regime, facts: Facts | None = None) -> None:
    """After something was verified or changed: activate what waited for it, and bring the figures up to date."""
    if record.state == "pending" and work.held_back(record.id):
        proofs = Proofs(work, record, regime, record.creator, work.now)
        if proofs.unmet(of_state(record, "active", regime)):
            return
        work.let_go(record.id)
        work.emit(numbering.activate(work, regime, record, work.settings.clock.today(regime.timezone)))
        work.refile_by_state(record, regime)
        work.save(record)
    work.score(record, regime, facts)
