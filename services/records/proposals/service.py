"""Entrypoints of changes that wait."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import rpc
from chassis.errors import NotFound
from chassis.pages import cut
from chassis.published import load, made
from services.records.entrypoints import Entrypoints
from services.records.proposals import schemas, showing


class Proposals(Entrypoints):
    """What a change would make of a record, for those who may read it there and those who have to decide it."""

    @rpc
    def changes(self, args: dict[str, Any]) -> dict[str, Any]:
        """The changes of a record that wait for their decision, as far as the caller may see them; newest first."""
        args = load(schemas.ChangesArgs, args)
        found = self.store.waiting_changes(args["record"], args.get("after"), args["limit"] + 1)
        shown, last = cut(found, args["limit"])
        told = {"items": showing.page(self, args, shown), "next": last.id if last else None}
        return dict(made(schemas.ChangesAnswer).dump(told))

    @rpc
    def proposed_change(self, args: dict[str, Any]) -> dict[str, Any]:
        """One change: old and new values, reason and proofs, as far as the caller may see them."""
        args = load(schemas.ProposedChangeArgs, args)
        change = self.store.change(args["change"])
        if change.record != args["record"]:
            raise NotFound("change.unknown", f"no change {change.id}")
        request = showing.deciding(self, [change]).get(change.id)
        told = showing.Proposed(self, self.regime(), change, request).told(args["purpose"])
        return dict(made(schemas.ProposedChangeAnswer).dump(told))
