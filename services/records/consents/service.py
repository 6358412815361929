"""Entrypoints of lawful collection."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import rpc
from chassis.errors import Conflict
from chassis.ids import new_id
from chassis.published import load
from services.records import permits, presenting
from services.records.consents import presenting as showing
from services.records.consents import schemas
from services.records.consents.asking import known_channel, new_consent
from services.records.consents.collecting import Collection
from services.records.documents import coming
from services.records.entrypoints import DONE, Entrypoints
from services.records.verifying import validity


class Consents(Entrypoints):
    """The customer's answers, taking one back, and where data came from."""

    @rpc
    def consents(self, args: dict[str, Any]) -> dict[str, Any]:
        """The answers the customer gave, and how each purpose stands."""
        args = load(schemas.ConsentsArgs, args)
        record, limit = self.store.record(args["record"]), args["limit"]
        permits.may(self, "view", record)
        rows = self.store.consents(record.id, args.get("after"), limit + 1)
        return showing.answers(record, rows, limit, self.regime())

    @rpc
    def give_consent(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note the customer's answer to one more purpose: given, or refused."""
        args, regime = load(schemas.GiveConsentArgs, args), self.regime()
        with self.store.begin() as work:
            record = work.record(args.pop("record"))
            permits.may(self, "consent", record)
            coming.refuse_strange(work, [record.id], args.get("document"))
            answer = new_consent(regime.classes[record.class_], regime, args, self.store.notices(regime))
            work.take_answers(record, [answer])
            work.save(record)
            work.spread(record, regime)
            if record.state == "pending":  # it may have been what the record waited for
                validity.reconsider(work, record, regime)
            return work.answer(presenting.written(record, {**DONE, "consent": answer.id}))

    @rpc
    def withdraw_consent(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note that the customer took a consent back: from this commit on it opens nothing."""
        args, regime = load(schemas.WithdrawConsentArgs, args), self.regime()
        with self.store.begin() as work:
            record = work.record(args.pop("record"))
            permits.may(self, "consent", record)
            known_channel(regime.classes[record.class_], regime, args["channel"])
            coming.refuse_strange(work, [record.id], args.get("document"))
            old = in_force(work, record.id, args.pop("consent"))
            withdrawal = old.ended(new_id(), **args)
            work.take_answers(record, [withdrawal])
            work.save(record)
            work.spread(record, regime)
            return work.answer(presenting.written(record, {**DONE, "consent": withdrawal.id}))

    @rpc
    def collections(self, args: dict[str, Any]) -> dict[str, Any]:
        """Where the data of a record came from, each time."""
        args = load(schemas.CollectionsArgs, args)
        record, limit = self.store.record(args["record"]), args["limit"]
        permits.may(self, "view", record)
        return showing.collections(self.store.collections(record.id, args.get("after"), limit + 1), limit)

    @rpc
    def note_collection(self, args: dict[str, Any]) -> dict[str, Any]:
        """Say where a record's data comes from; without a source some may not be used at all."""
        args, regime = load(schemas.NoteCollectionArgs, args), self.regime()
        with self.store.begin() as work:
            record = work.record(args.pop("record"))
            permits.may(self, "consent", record)
            taken = Collection.of(record, regime, self.caller, args, (), at="")
            record.origin = record.origin or taken.origin
            work.take_in([(record, taken, [])], at="")
            work.save(record)
            return work.answer(presenting.written(record, DONE))

    @rpc
    def notices(self, args: dict[str, Any]) -> dict[str, Any]:
        """Every version of every notice that customers were given, since when."""
        args = load(schemas.NoticesArgs, args)
        return showing.notices(self.store.notices(self.regime()).versions, int(args.get("after", 0)), args["limit"])


def in_force(work: Any, record_id: str, consent_id: str) -> Any:
    """The consent of that id, if it is the newest answer to its purpose; an older one ends nothing any more."""
    named = work.consent(consent_id, record_id)
    newest = work.in_force(record_id, named.purpose)
    if newest.id != named.id or named.state != "given":
        raise Conflict("consent.not_given", f"this consent for {named.purpose} is not in force")
    return named
