"""What happens to records opens and closes duties: retention hears of it and counts from it."""

from __future__ import annotations

from typing import Any

from chassis.clock import parse_instant
from chassis.entrypoints import on_event, on_events
from services.retention.duties import rules
from services.retention.duties.fulfilling import IS_GONE
from services.retention.duties.sweeping import take, take_created
from services.retention.telling.hearing import of_change

Args = dict[str, Any]


class Hearing:
    """Entrypoints for what records tells of its records."""

    store: Any
    regime: Any
    organisation: Any

    @on_events("records", "records.created")
    def on_created(self, events: list[Args]) -> None:
        """Records exist."""
        take_created(self.store, self.regime(), events)

    @on_event("records", "records.activated")
    def on_activated(self, event: Args) -> None:
        """A record may be used."""
        take(self.store, self.regime(), rules.of_record(event, "activated"))

    @on_event("records", "records.changed")
    def on_changed(self, event: Args) -> None:
        """A record has another version; those whom its rule names are told."""
        told = of_change(self.regime(), self.organisation(), event) if event["data"].get("tell") else []
        take(self.store, self.regime(), rules.of_record(event, "changed"), told)

    @on_event("records", "records.labelled")
    def on_labelled(self, event: Args) -> None:
        """A file carries the label that its record says now."""
        take(self.store, self.regime(), rules.of_record(event, "labelled"))

    @on_event("records", "records.check_failed")
    def on_check_failed(self, event: Args) -> None:
        """A form names what did not pass: whom its class names puts it right, once, however often it is signed anew."""
        if event["data"].get("finding"):
            duty = rules.of_failed_check(self.regime(), event)
            with self.store.begin() as work:
                work.open_duty(duty, f"check:{event['record']}")

    @on_event("records", "records.entry_valid")
    def on_entry_valid(self, event: Args) -> None:
        """Everybody has signed a form: what it documents is done, and what follows on it opens."""
        take(self.store, self.regime(), rules.of_record(event, rules.SIGNED))

    @on_event("records", "records.state_changed")
    def on_state_changed(self, event: Args) -> None:
        """A record was suspended, ended, archived or revived."""
        take(self.store, self.regime(), rules.of_record(event, event["data"]["state"]))

    @on_event("records", "records.withdrawn")
    def on_withdrawn(self, event: Args) -> None:
        """A record went with its import."""
        self._end(event)

    @on_event("records", "records.destroyed")
    def on_destroyed(self, event: Args) -> None:
        """A record was destroyed."""
        self._end(event)

    @on_event("records", "records.event_recorded")
    def on_event_recorded(self, event: Args) -> None:
        """A business fact that the class declares."""
        take(self.store, self.regime(), rules.of_record(event))

    def _end(self, event: Args) -> None:
        """Nothing is to be done about a record any more that is gone, nor opened by what is heard late."""
        with self.store.begin() as work:
            work.take_turns([IS_GONE], event["record"])
            work.remember([IS_GONE], event["record"], event["id"], parse_instant(event["at"]))
            work.end_duties(event["record"])
