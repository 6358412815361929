"""Drawing up a destruction list: each record is looked at, and none gets on it before its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from chassis.errors import Conflict, Invalid, NotFound
from services.retention.disposal.verdicts import judge

PAGE = 200
MOST = 500
MERGED = "merged"


@dataclass
class Lister:
    """Looks at records for a list; `records` is the service that has them, `kept` what retention itself knows."""

    regime: Any
    records: Any
    kept: Any
    on: date
    may: Callable[[dict[str, Any]], None]

    def of(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """The envelopes of what was asked for: records by name, or whatever of a class is due.

        What a record stands for goes with it, on the same list: a customer's file goes whole.
        """
        if "records" in asked:
            found = self.named(asked["records"])
        else:
            found = self.due(asked["class_"], asked.get("department"))
        return [one for envelope in found for one in (envelope, *self._merged_into(envelope))]

    def named(self, ids: list[str]) -> list[dict[str, Any]]:
        """The envelopes of records named one by one; the first that may not go refuses the list."""
        envelopes = [self.records.envelope({"record": id}) for id in dict.fromkeys(ids)]
        for envelope in envelopes:
            self.may(envelope)  # before anything is told about the record
            self._must_go(envelope)
        return _alike(envelopes)

    def due(self, class_: str, department: str | None) -> list[dict[str, Any]]:
        """The envelopes of a class's records that may go; held, lent and listed ones are left out."""
        ready = (envelope for envelope in self._candidates(class_) if self._may_go(envelope, department))
        found = list(islice(ready, MOST))
        if not found:
            raise NotFound("disposal.nothing_due", f"nothing of {class_} is due on {self.on.isoformat()}")
        for envelope in found:
            self.may(envelope)
        return _alike(found)

    def _merged_into(self, envelope: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for record in self.kept.merged_into(envelope["id"]):
            gone = self.records.envelope({"record": record})
            if gone["state"] == MERGED:
                yield gone

    def _candidates(self, class_: str) -> Iterator[dict[str, Any]]:
        known = self.regime.classes.get(class_)
        named = {part.schedule for part in known.parts.values() if part.schedule} if known else set()
        since = {(self.regime.schedules[name].words.since or "").rpartition(".")[2] for name in named}
        # All parts must be due, so any one milestone finds all candidates.
        return self._reached(class_, min(since)) if since else iter(())

    def _reached(self, class_: str, milestone: str) -> Iterator[dict[str, Any]]:
        asked = {"class": class_, "milestone": milestone, "on_or_before": self.on.isoformat(), "limit": PAGE}
        after = None
        while True:
            page = self.records.due({**asked, "after": after})["records"]
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1]["id"]

    def _may_go(self, envelope: dict[str, Any], department: str | None) -> bool:
        if department and envelope["department"] != department:
            return False
        try:
            self._must_go(envelope)
        except Conflict:
            return False
        return True

    def _must_go(self, envelope: dict[str, Any]) -> None:
        record = envelope["id"]
        if envelope["state"] == MERGED:
            told = {"record": record, "survivor": self.kept.home_of(record)}
            raise Conflict("record.merged", "a merged record goes with the one that stands for it", told)
        if envelope["state"] in ("destroying", "destroyed"):
            raise Conflict("record.destroyed", f"record {record} is gone", {"record": record})
        if self.kept.holds_on(record):
            raise Conflict("hold.active", f"record {record} is held", {"record": record})
        if self.kept.lent([record]):
            raise Conflict("loan.open", f"record {record} is lent", {"record": record})
        if self.kept.listed([record]):
            raise Conflict("disposal.listed", f"record {record} stands on another list", {"record": record})
        verdict = judge(self.regime, envelope, [], self.on)
        if verdict["outcome"] != "eligible":
            facts = {"record": record, "reasons": verdict["reasons"], "earliest": verdict["earliest"]}
            raise Conflict("disposal.not_due", f"record {record}: {', '.join(verdict['reasons'])}", facts)


def _alike(envelopes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Who decides follows from these; a list whose records differed in them would need two chains.
    for name in ("class", "department", "state"):
        if len({envelope[name] for envelope in envelopes}) > 1:
            errors = [{"pointer": "/records", "code": "disposal.mixed", "detail": f"one list, one {name}"}]
            raise Invalid("disposal.mixed", f"the records differ in {name}", {"errors": errors})
    return envelopes
