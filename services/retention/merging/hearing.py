"""A merge as retention hears of it: in whatever order, and once."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import on_event

Args = dict[str, Any]


class MergeHearing:
    """The entrypoint for merged records."""

    store: Any

    @on_event("records", "records.merged")
    def on_merged(self, event: Args) -> None:
        """What is to be done about a record that was merged is to be done about the one that stands for it."""
        merged, survivor = event["data"]["merged"], event["record"]
        with self.store.begin() as work:
            work.move_duties(merged, work.settle_in(merged, survivor))
