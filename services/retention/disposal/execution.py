"""Executing a list: one line of journal before each record is touched and one after; safe to repeat at any point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.errors import Refused, Unavailable
from chassis.failpoints import failpoint
from services.retention.disposal.certificate import draw_up, sign
from services.retention.disposal.model import Disposal

BATCH = 50  # as many as one call has time for; the next call goes on
# The caller's Idempotency-Key names the whole call, not the items of it.
NO_KEY = {"idempotency_key": None}
# What records says when a record stays, in the words of the list.
REASONS = {
    "hold.active": "held",
    "record.changed_since_plan": "changed_since_plan",
    "record.stale": "changed_since_plan",
    "record.destroyed": "destroyed_elsewhere",
    "record.withdrawn": "destroyed_elsewhere",
    "record.unknown": "unknown",
    "right.missing": "not_granted",
}


@dataclass
class Execution:
    """Works through an executing list; records alone destroys, this only asks and writes down what came of it."""

    store: Any
    records: Any
    grant: dict[str, Any] | None

    def run(self, disposal: Disposal) -> dict[str, Any]:
        """Go on with the list, and close it when every item has come to its end."""
        open_items = [item.record for item in disposal.items if not item.is_settled]
        for record in open_items[:BATCH]:
            self._item(disposal, record)
        if len(open_items) > BATCH:
            return {"disposal": disposal.id, "state": "executing", "open": len(open_items) - BATCH}
        failpoint("disposal.all_settled")
        return self._close(disposal.id)

    def _item(self, disposal: Disposal, record: str) -> None:
        if self._is_next(disposal.id, record):
            failpoint("disposal.item_begun")
            evidence, reason = self._destroy(disposal, record)
            failpoint("disposal.item_destroyed")
            self._settle(disposal.id, record, evidence, reason)

    def _is_next(self, disposal: str, record: str) -> bool:
        with self.store.begin() as work:
            item = work.item(disposal, record)
            if item.is_settled:
                return False
            skipped = item.proceed(disposal, bool(work.held([record])), bool(work.lent_of([record])), work.now)
            work.save_item(disposal, item)
            if skipped:
                work.emit(skipped)
        return skipped is None

    def _destroy(self, disposal: Disposal, record: str) -> tuple[dict[str, Any] | None, str | None]:
        names = {"disposal": disposal.id, "certificate": disposal.certificate, "grant": self.grant}
        asked = {"record": record, "version": disposal.item(record).version, **names}
        try:
            return proof(self.records.destroy(asked, context=NO_KEY)), None
        except Unavailable:
            raise  # nobody knows how far it went: the item stays destroying until it is asked again
        except Refused as refusal:
            return None, REASONS.get(refusal.code, refusal.code)

    def _settle(self, disposal: str, record: str, evidence: dict[str, Any] | None, reason: str | None) -> None:
        with self.store.begin() as work:
            item = work.item(disposal, record)
            if item.is_settled:
                return  # another replica was faster; records answers both the same
            if evidence is None:
                settled = item.skip(disposal, str(reason), work.now)
            else:
                settled = item.destroyed(disposal, evidence, work.now)
            work.save_item(disposal, item)
            work.emit(settled)

    def _close(self, id: str) -> dict[str, Any]:
        with self.store.begin() as work:
            disposal = work.disposal(id)
            if disposal.state == "executing":
                work.emit(disposal.finish(work.now))
                work.save_disposal(disposal)
                work.issue(sign(draw_up(disposal), self._key()))
            return work.answer({"disposal": id, "state": disposal.state, "certificate": disposal.certificate})

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.store.settings.key("certificate.private"))


def proof(answer: dict[str, Any]) -> dict[str, Any]:
    """What records tells of a destruction, as the certificate shows it; `opened` is what came of trying to read."""
    attempt = {"failed": answer["state"] == "destroyed" and bool(answer["opened"]), "result": answer["opened"]}
    left = {"copies": answer["copies"], "stub": answer.get("stub", [])}
    return {"key_fingerprints": answer["fingerprints"], **left, "attempt": attempt}
