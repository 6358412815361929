"""Entrypoints of quality: figures of departments, combing lists, and the walk that keeps both up to date."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import every, rpc
from chassis.published import load
from services.records import schemas
from services.records.entrypoints import Entrypoints
from services.records.verifying import combing, presenting
from services.records.verifying.events import QualityRead
from services.records.verifying.scoring import stale_after
from services.records.verifying.walking import Walk


class Quality(Entrypoints):
    """How true, complete and fresh a department's records are."""

    @rpc
    def quality(self, args: dict[str, Any]) -> dict[str, Any]:
        """A month's figures, of the caller's own department or, for whoever supervises, of any."""
        args, regime = load(schemas.QualityArgs, args), self.regime()
        department = combing.department_for(regime, self.caller, args.get("department"))
        period = args.get("period") or self.store.clock.today(regime.timezone).isoformat()[:7]
        self.store.record_event(QualityRead(department, period))
        return presenting.quality(period, self.store.quality(period, department), stale_after(regime))

    @rpc
    def quality_list(self, args: dict[str, Any]) -> dict[str, Any]:
        """Records with something to put right; only those the caller may look at or act on."""
        return combing.Combing(self, self.regime()).page(load(schemas.QualityListArgs, args))

    @every(2)
    def walk_records(self) -> None:
        """Go on walking: a bounded step in every replica, which notice each other."""
        Walk(self, self.regime()).step()
