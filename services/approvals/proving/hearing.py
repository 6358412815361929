"""What others tell that proves something, or no longer does."""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis.entrypoints import on_event
from services.approvals.proving.model import ABOUT, BY, Fact

Args = dict[str, Any]


class ProofHearing:
    """Entrypoints for the events that make and unmake proofs."""

    store: Any

    @on_event("records", "records.entry_valid")
    def keep_entry(self, event: Args) -> None:
        """A signed entry proves something of whom it is about, and of those who made and signed it."""
        self._keep(entry_facts(event["record"], event["data"]))

    @on_event("records", "records.entry_reopened")
    def drop_entry(self, event: Args) -> None:
        """An edited entry proves nothing until it is signed again."""
        self._drop(event["record"])

    @on_event("records", "records.document_added")
    def keep_document(self, event: Args) -> None:
        """A document is on file of its record."""
        data = event["data"]
        self._keep([Fact(data["document"], event["record"], ABOUT, "document", data["kind"])])

    @on_event("records", "records.document_returned")
    def drop_returned(self, event: Args) -> None:
        """It went back to whoever handed it in."""
        self._drop(event["data"]["document"])

    @on_event("records", "records.document_withdrawn")
    def drop_document(self, event: Args) -> None:
        """It counts no longer."""
        self._drop(event["data"]["document"])

    @on_event("records", "records.state_changed")
    def drop_closed(self, event: Args) -> None:
        """An entry that is closed proves nothing any more; what is known of a customer's record stays."""
        if event["data"]["state"] != "active":
            with self.store.begin() as work:
                work.drop_source(event["record"])

    @on_event("records", "records.merged")
    def move_merged(self, event: Args) -> None:
        """What proves something of a record proves it of the one that stands for it."""
        with self.store.begin() as work:
            work.move_facts(event["data"]["merged"], event["record"])

    @on_event("records", "records.destroyed")
    def drop_destroyed(self, event: Args) -> None:
        """Nothing is known of what is gone."""
        self._drop(event["record"])

    @on_event("retention", "retention.loan_made")
    def keep_loan(self, event: Args) -> None:
        """A record is out."""
        self._keep([Fact(event["data"]["loan"], event["record"], ABOUT, "open", "loan.open")])

    @on_event("retention", "retention.loan_returned")
    def drop_loan(self, event: Args) -> None:
        """It is back."""
        self._drop(event["data"]["loan"])

    def _keep(self, facts: list[Fact]) -> None:
        with self.store.begin() as work:
            work.keep_facts(facts)

    def _drop(self, source: str) -> None:
        with self.store.begin() as work:
            work.drop_facts(source)


def entry_facts(entry: str, data: Args) -> list[Fact]:
    """What a signed entry proves, and of whom."""
    until = date.fromisoformat(data["valid_until"]) if data.get("valid_until") else None
    told = ("entry", data["class"], until)
    by = [Fact(entry, person, BY, *told) for person in dict.fromkeys([data["creator"], *data["signers"]])]
    return by + ([Fact(entry, data["about"], ABOUT, *told)] if data.get("about") else [])
