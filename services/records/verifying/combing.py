"""Combing lists: records that lack core fields, were not verified, are stale, or look like another (Q-200)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden
from regimes import Regime
from regimes.rights import allowed
from services.records import events, permits
from services.records.merging.likeness import readable
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
        rows, following = self._rows(args["name"], where, args.get("after"), args["limit"])
        seen = [row for row in rows if permits.visible(self.service.caller, self.regime, row[0])]
        told = [(record, at, self._twins(record, *more) if more else ()) for record, at, *more in seen]
        seen = [(record, at, others) for record, at, others in told if others is not None]
        named = dict.fromkeys(id for record, _, others in seen for id in (record.id, *others))
        self.store.record_event(events.Listed([*named], where.get("class_")))
        items = [self._line(args["name"], *row) for row in seen]
        return dict(schemas.QualityListAnswer().dump({"name": args["name"], "items": items, "next": following}))

    def _twins(self, record: Record, others: tuple[str, ...]) -> tuple[str, ...] | None:
        """Those of these records that are like it by a value which the caller could read in both.

        None where he could not even read in this one what it has in common with any.
        """
        caller, match = self.service.caller, self.regime.classes[record.class_].match
        alike = [one for one in self.store.alike_to(record, match) if one.fields]
        common = {path for one in alike for path in one.fields}
        mine = {path for path in common or match if readable(record, path, caller, self.regime)}
        if not mine or (not common and len(mine) < len(match)):  # by name and another phone: nothing says by which
            return None
        told = [one.shown(caller, self.regime) for one in alike]
        known = {one.record.id for one in told if one and not mine.isdisjoint(one.fields)}
        return tuple(one for one in others if one in known)

    def _rows(self, name: str, where: dict[str, Any], after: str | None, limit: int) -> tuple[list[Any], str | None]:
        if name == "duplicates":
            return self.store.lookalikes(where, after, limit)
        stale = self.now - timedelta(days=stale_after(self.regime) + 1)
        rows = self.store.lacking(name, stale, where, after, limit + 1)
        return rows[:limit], rows[limit - 1][0].id if len(rows) > limit else None

    def _line(self, name: str, record: Record, confirmed_at: Any, others: tuple[str, ...] = ()) -> dict[str, Any]:
        facts = self.store.facts(record, self.regime) if name in ("missing_core", "unverified") else None
        named = {"missing_core": facts.missing, "unverified": facts.unchecked}[name] if facts else []
        return presenting.combed(record, named, confirmed_at, self.now, others)
