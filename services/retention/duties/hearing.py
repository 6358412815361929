"""What happens to records opens and closes duties: retention hears of it and counts from it."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import on_event
from services.retention.duties import rules
from services.retention.duties.sweeping import take

Args = dict[str, Any]


class Hearing:
    """Entrypoints for what records tells of its records."""

    store: Any
    regime: Any

    @on_event("records", "records.created")
    def on_created(self, event: Args) -> None:
        """A record exists."""
        take(self.store, self.regime(), rules.of_record(event, "created"))

    @on_event("records", "records.activated")
    def on_activated(self, event: Args) -> None:
        """A record may be used."""
        take(self.store, self.regime(), rules.of_record(event, "activated"))

    @on_event("records", "records.changed")
    def on_changed(self, event: Args) -> None:
        """A record has another version."""
        take(self.store, self.regime(), rules.of_record(event, "changed"))

    @on_event("records", "records.labelled")
    def on_labelled(self, event: Args) -> None:
        """A file carries the label that its record says now."""
        take(self.store, self.regime(), rules.of_record(event, "labelled"))

    @on_event("records", "records.state_changed")
    def on_state_changed(self, event: Args) -> None:
        """A record was suspended, ended, archived or revived."""
        take(self.store, self.regime(), rules.of_record(event, event["data"]["state"]))

    @on_event("records", "records.event_recorded")
    def on_event_recorded(self, event: Args) -> None:
        """A business fact that the class declares."""
        take(self.store, self.regime(), rules.of_record(event))
