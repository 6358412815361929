"""Decisions as they are heard of: those whom their rules name are told."""

from __future__ import annotations

from typing import Any

from chassis.clock import parse_instant
from chassis.entrypoints import on_event
from services.retention.authority import GONE
from services.retention.duties.model import Duty
from services.retention.telling.rules import ANSWERED, Decided, duties_of, noted_by

Args = dict[str, Any]
# A change is told of when it has taken effect, and records says so itself.
TOLD_BY_OWNER = ("change", "correct_original")
# These ends of a change are decisions: whoever asked for it finds them with his request.
SAID_BY_REQUEST = ("rejected", "withdrawn")


class Telling:
    """Entrypoints for what others have decided or done."""

    store: Any
    regime: Any
    organisation: Any
    records: Any

    @on_event("approvals", "approvals.request_settled")
    def tell_of_request(self, event: Args) -> None:
        """Those whom the rules of a request name have to be told how it ended."""
        data = event["data"]
        if data.get("tells") and _worth_telling(data):
            found = duties_of(self.regime(), self.organisation(), data["tells"], self._decided(event))
            with self.store.begin() as work:
                for key, duty in found:
                    work.open_duty(duty, key)

    @on_event("records", "records.change_lapsed")
    def on_change_lapsed(self, event: Args) -> None:
        """Whoever asked for a change that was approved and lapsed all the same takes note of it."""
        if event["data"].get("by") and event["data"]["why"] not in SAID_BY_REQUEST:
            with self.store.begin() as work:
                work.open_duty(of_lapse(self.regime(), event), event["id"])

    @on_event("records", "records.erasure_answered")
    def on_erasure_answered(self, event: Args) -> None:
        """The customer was told what became of his erasure."""
        with self.store.begin() as work:
            work.close_about(ANSWERED, event["data"]["erasure"], event.get("actor"), parse_instant(event["at"]))

    def _decided(self, event: Args) -> Decided:
        data = event["data"]
        # Asked before the transaction: no call leaves while one is open.
        envelope = self.records.envelope({"record": event["record"]}) if event["record"] else {}
        gone = envelope.get("state") in GONE
        asked = applicant(self.organisation(), data.get("raised_by"))
        at = parse_instant(event["at"])
        return Decided(event["id"], data["kind"], data["subject"], at, {} if gone else envelope, asked)


def of_change(regime: Any, staff: Any, event: Args) -> list[tuple[str, Duty]]:
    """The duties of telling that a change opens, which names itself whom its rule wants told."""
    data = event["data"]
    names = ("department", "responsible", "creator", "state", "level")
    envelope = {"id": event["record"], "class": data["class"], **{name: data.get(name) for name in names}}
    at, asked = parse_instant(event["at"]), applicant(staff, data.get("by"))
    return duties_of(regime, staff, data["tell"], Decided(event["id"], "change", data["change"], at, envelope, asked))


def of_lapse(regime: Any, event: Args) -> Duty:
    """The duty of whoever asked for a change to note that it did not take effect."""
    data, at = event["data"], parse_instant(event["at"])
    return noted_by(regime, data["by"], Decided(event["id"], "change", data["change"], at, {"id": event["record"]}))


def applicant(staff: Any, person: str | None) -> dict[str, Any]:
    """Who asked, with his department."""
    known = staff.people.get(person or "")
    return {"person": person, "department": known.department} if known else {}


def _worth_telling(data: Args) -> bool:
    """Whoever asked for an erasure hears of any outcome; of the rest people hear what was approved."""
    if data["kind"] in TOLD_BY_OWNER or data["outcome"] == "withdrawn":
        return False
    return bool(data["kind"] == "erase" or data["outcome"] == "approved")
