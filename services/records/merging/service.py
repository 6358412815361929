"""Entrypoints of duplicates and merges."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import rpc
from chassis.published import load
from services.records import events, permits
from services.records.entrypoints import Entrypoints
from services.records.merging import schemas, showing
from services.records.merging.asking import Asking


class Merging(Entrypoints):
    """Who is likely in here twice, and making one of two. A merge cannot be undone."""

    @rpc
    def lookalikes(self, args: dict[str, Any]) -> dict[str, Any]:
        """A page of records that are likely the same customer's; the entry names each that is shown."""
        args = load(schemas.LookalikesArgs, args)
        record = self.store.record(args["record"])
        permits.may(self, "view", record)
        told = showing.lookalikes(self, record, args)
        self.store.record_event(events.Listed([one["record"] for one in told["items"]], record.class_))
        return told

    @rpc
    def merge(self, args: dict[str, Any]) -> dict[str, Any]:
        """Ask that one record become part of another; done once somebody has decided so."""
        asking = Asking.of(self, load(schemas.MergeArgs, args))
        with self.store.begin() as work:
            return work.answer(asking.propose(work))

    @rpc
    def merges(self, args: dict[str, Any]) -> dict[str, Any]:
        """The merges that a record had part in: what became part of what, by whom, and why."""
        args = load(schemas.MergesArgs, args)
        record = self.store.record(args["record"])
        permits.may(self, "view", record)
        return showing.merges(self, record, args)
