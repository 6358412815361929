"""Combing lists: records that lack core fields, were not verified, are stale, or look like another (Q-200)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden
from regimes import Regime
from regimes.rights import allowed
from services.records import events, permits
from services.records.model import Record
from services.records.verifying import presenting, schemas
from services.records.verifying.scoring import stale_after


def department_for(regime: Regime, caller: Actor, wanted: str | None) -> str | None:
    """The department whose figures the caller gets: his own; any, or all, for whoever supervises."""
    if allowed(regime, caller, "supervise"):
        return wanted
    if wanted not in (None, caller.department) or caller.department is None:
        raise Forbidden("right.missing", "figures of other departments are for whoever supervises")
    return caller.department


class Combing:
    """One caller's look at the lists."""

    def __init__(self, service: Any, regime: Regime) -> None:
        self.service, self.store, self.regime = service, service.store, regime
        self.now = self.store.clock.now()

    def page(self, args: dict[str, Any]) -> dict[str, Any]:
        """A page of a list; the entry names every record on it."""
        where: dict[str, Any] = {name: args[name] for name in ("department", "class_") if name in args}
        rows = self._rows(args["name"], where, args.get("after"), args["limit"] + 1)
        seen = [row for row in rows[: args["limit"]] if permits.visible(self.service.caller, self.regime, row[0])]
        seen = [(record, at, self._known(more[0] if more else ())) for record, at, *more in seen]
        named = dict.fromkeys(id for record, _, others in seen for id in (record.id, *others))
        self.store.record_event(events.Listed([*named], where.get("class_")))
        items = [self._line(args["name"], *row) for row in seen]
        following = rows[args["limit"] - 1][0].id if len(rows) > args["limit"] else None
        return dict(schemas.QualityListAnswer().dump({"name": args["name"], "items": items, "next": following}))

    def _known(self, others: tuple[str, ...]) -> tuple[str, ...]:
        """Those of these records that the caller may know of."""
        found = [self.store.record(id) for id in others]
        return tuple(one.id for one in found if permits.visible(self.service.caller, self.regime, one))

    def _rows(self, name: str, where: dict[str, Any], after: str | None, limit: int) -> Any:
        if name == "duplicates":
            return self.store.lookalikes(where, after, limit)
        stale = self.now - timedelta(days=stale_after(self.regime) + 1)
        return self.store.lacking(name, stale, where, after, limit)

    def _line(self, name: str, record: Record, confirmed_at: Any, others: tuple[str, ...] = ()) -> dict[str, Any]:
        facts = self.store.facts(record, self.regime) if name in ("missing_core", "unverified") else None
        named = {"missing_core": facts.missing, "unverified": facts.unchecked}[name] if facts else []
        return presenting.combed(record, named, confirmed_at, self.now, others)
