"""Entrypoints of records. Reads go: look, decide, journal, open. Writes go: check, seal, one transaction, emit."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from chassis.call import CallingActor
from chassis.entrypoints import every, on_event, rpc
from chassis.ids import new_id
from chassis.published import load
from chassis.rpc import Remote
from chassis.texts import InForce
from regimes import Regime, parse
from services.records import numbering, permits, presenting, schemas
from services.records.access import Access
from services.records.changing import Proposal
from services.records.creating import Draft, class_named, known_channel, new_consent
from services.records.destroying import Destruction
from services.records.importing.intake import Intake
from services.records.keys import KeysProvider
from services.records.model import Consent
from services.records.settling import Settling
from services.records.store import RecordStore

DONE = {"outcome": "done"}
WAITING = {"outcome": "waiting"}


class RecordsService:
    """What is known about customers. The only service that opens and destroys."""

    name = "records"

    caller = CallingActor()
    store = RecordStore()
    keys = KeysProvider()
    regime = InForce[Regime]("regime", "approvals", parse)
    approvals = Remote("approvals")

    # ------------------------------------------------------------------ reading

    @rpc
    def read(self, args: dict[str, Any]) -> dict[str, Any]:
        """Fields of one record for a purpose: each clear, masked or withheld, with the reason (promise 1)."""
        args = load(schemas.ReadArgs, args)
        access = Access(self, self.regime())
        reading = access.reading(args["record"], args["purpose"], args.get("fields_"), args.get("as_of"))
        return presenting.record(reading, access.show(reading))

    @rpc
    def versions(self, args: dict[str, Any]) -> dict[str, Any]:
        """Who set what, when and why, before and after, as far as the caller may read it."""
        args = load(schemas.VersionsArgs, args)
        return {"items": Access(self, self.regime()).history(args["record"], args["purpose"])}

    @rpc
    def explain(self, args: dict[str, Any]) -> dict[str, Any]:
        """Why can or cannot I; opens nothing."""
        args = load(schemas.ExplainArgs, args)
        reading = Access(self, self.regime()).reading(args["record"], args["purpose"], args.get("fields_"))
        return {"fields": {v.field.path: presenting.verdict(v) for v in reading.verdicts}}

    @rpc
    def timeline(self, args: dict[str, Any]) -> dict[str, Any]:
        """The record's life in sentences; no values."""
        args = load(schemas.TimelineArgs, args)
        permits.may(self, "view", self.store.record(args["record"]))
        return {"items": presenting.sentences(self.store.journal_of(args["record"]))}

    @rpc
    def list(self, args: dict[str, Any]) -> dict[str, Any]:
        """Records by class, state, number and facet, newest first; only what the caller may look at."""
        args = load(schemas.ListArgs, args)
        return presenting.page(self, self.regime(), args)

    @rpc
    def consents(self, args: dict[str, Any]) -> dict[str, Any]:
        """Every answer the customer gave."""
        args = load(schemas.ConsentsArgs, args)
        permits.may(self, "view", self.store.record(args["record"]))
        return schemas.ConsentsAnswer().dump({"items": self.store.consents(args["record"])})

    @rpc
    def classes(self, args: dict[str, Any]) -> dict[str, Any]:
        """The classes of the regime in force, with their fields."""
        regime = self.regime()
        return {"items": [presenting.record_class(found) for found in regime.classes.values()]}

    # ------------------------------------------------------------------ writing

    @rpc
    def create(self, args: dict[str, Any]) -> dict[str, Any]:
        """A new record; it becomes valid when somebody else approves it."""
        args, granted = load(schemas.CreateArgs, args), permits.granted(self)
        draft = Draft.of(args, self.caller, self.regime(), granted=granted)
        sealed = draft.seal(self.keys.create(len(draft.parts)))
        with self.store.begin() as work:
            work.add_draft(draft, sealed, self.keys.blind)
            work.emit(draft.record.created(), *(draft.record.consent(consent) for consent in draft.consents))
            return work.answer(presenting.written(draft.record, WAITING))

    @rpc
    def change(self, args: dict[str, Any]) -> dict[str, Any]:
        """Propose a change; approvals decides as the regime says, at once where nobody has to."""
        args, regime = load(schemas.ChangeArgs, args), self.regime()
        seen = self.store.record(args["record"])
        permits.may(self, "change", seen)
        proposal = Proposal.of(seen, args, regime)
        permits.proved(self.caller, proposal, args["evidence"])
        made, sealer = permits.change_keys(self, proposal)
        with self.store.begin() as work:
            record = work.record(args["record"])
            record.expect(args["version"])
            change = proposal.change(args, str(self.caller.person), sealer)
            work.propose(record, change, made, proposal.never)
            return work.answer(presenting.written(record, {**WAITING, "change": change.id}))

    @rpc
    def give_consent(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note the customer's consent to one more purpose."""
        args, regime = load(schemas.GiveConsentArgs, args), self.regime()
        with self.store.begin() as work:
            record = work.record(args.pop("record"))
            permits.may(self, "consent", record)
            consent = new_consent(regime.classes[record.class_], regime, args)
            given = record.consent(consent)
            work.add_consent(record, consent)
            work.save(record)
            work.emit(given)
            return work.answer(presenting.written(record, {**DONE, "consent": consent.id}))

    @rpc
    def withdraw_consent(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note that the customer took a consent back: from this commit on it opens nothing."""
        args, regime = load(schemas.WithdrawConsentArgs, args), self.regime()
        with self.store.begin() as work:
            record = work.record(args["record"])
            permits.may(self, "consent", record)
            known_channel(regime.classes[record.class_], regime, args["channel"])
            old = work.consent(args["consent"], record.id)
            withdrawal = Consent(new_id(), old.purpose, "withdrawn", old.kind, old.notice, args["channel"], old.id)
            work.emit(record.withdraw_consent(withdrawal))
            work.add_consent(record, withdrawal)
            work.save(record)
            return work.answer(presenting.written(record, {**DONE, "consent": withdrawal.id}))

    @rpc
    def record_event(self, args: dict[str, Any]) -> dict[str, Any]:
        """Note a business fact that the class declares: duties and schedules count from it."""
        args, regime = load(schemas.RecordEventArgs, args), self.regime()
        with self.store.begin() as work:
            record = work.record(args["record"])
            permits.may_record(self, record, args["event"], regime)
            happened = record.happen(args["event"], args["on"], self.store.clock.today(regime.timezone))
            work.add_happening(new_id(), record, args["event"], args["on"])
            work.save(record)
            work.emit(happened)
            return work.answer(presenting.written(record, DONE))

    @rpc
    def transition(self, args: dict[str, Any]) -> dict[str, Any]:
        """Suspend, end, archive or revive a record."""
        args = load(schemas.TransitionArgs, args)
        with self.store.begin() as work:
            record = work.record(args["record"])
            permits.may(self, "event", record)
            record.expect(args["version"])
            moved = permits.moved(record, args["to"], held=bool(work.holds(record.id)))
            work.release_filing(record, self.regime())
            work.save(record)
            work.emit(moved)
            return work.answer(presenting.written(record, DONE))

    # ------------------------------------------------------------------ imports

    @rpc
    def begin_import(self, args: dict[str, Any]) -> dict[str, Any]:
        """A file is about to come; its pieces are sealed as they arrive."""
        args, regime = load(schemas.BeginImportArgs, args), self.regime()
        taken = Intake.of(args, class_named(regime, args["class_"]), self.caller, regime, self.keys)
        with self.store.begin() as work:
            work.add_import(taken)
            return work.answer({"upload": taken.id})

    @rpc
    def put_chunk(self, args: dict[str, Any]) -> dict[str, Any]:
        """A piece of the file; the same piece again changes nothing."""
        args = load(schemas.PutChunkArgs, args)
        raw = b64decode(args["bytes"])
        sealed = Intake.seal(self, Intake.stored(self, args["upload"]), args["offset"], raw)
        with self.store.begin() as work:
            taken = work.import_(args["upload"])
            if work.put_chunk(taken.id, args["offset"], sealed):
                taken.receive(args["offset"], len(raw), Intake.LARGEST)
                work.save_import(taken)
            return work.answer({"upload": taken.id})

    @rpc
    def start_import(self, args: dict[str, Any]) -> dict[str, Any]:
        """All pieces are there: run it, 200 rows a transaction."""
        args = load(schemas.StartImportArgs, args)
        with self.store.begin() as work:
            taken = work.import_(args["upload"])
            taken.start(args["size"], self.caller.person)
            work.save_import(taken)
            return work.answer(presenting.import_(taken))

    @rpc
    def import_status(self, args: dict[str, Any]) -> dict[str, Any]:
        """Progress and counts."""
        args = load(schemas.ImportStatusArgs, args)
        return presenting.import_(Intake.stored(self, args["upload"]))

    @rpc
    def import_report(self, args: dict[str, Any]) -> dict[str, Any]:
        """The rows that were not taken, with reasons, as CSV."""
        args = load(schemas.ImportReportArgs, args)
        taken = Intake.stored(self, args["upload"])
        return {"csv": presenting.report(self.store.lines(taken.id), self.store.call.language)}

    @every(0.5)
    def run_imports(self) -> None:
        """Carry on with imports that run or are being released; whoever comes second stops at the first batch."""
        Intake.carry_on(self)

    # ------------------------------------------------------------------ what others decided

    @on_event("approvals", "approvals.request_settled")
    def settle(self, event: dict[str, Any]) -> None:
        """Execute once what was decided about a record, a change or an import, or let it go."""
        Settling(self).settle(event)

    @on_event("approvals", "approvals.grant_issued")
    def keep_grant(self, event: dict[str, Any]) -> None:
        """Keep a signed grant; its signature is checked when it is used."""
        with self.store.begin() as work:
            work.keep_grant(event["data"]["grant"])

    @on_event("approvals", "approvals.grant_revoked")
    def drop_grant(self, event: dict[str, Any]) -> None:
        """From this commit on the grant reads nothing."""
        with self.store.begin() as work:
            work.revoke_grant(event["data"]["grant"])

    @on_event("approvals", "approvals.regime_published")
    def take_regime(self, event: dict[str, Any]) -> None:
        """Another regime is in force."""
        self.regime(event["data"]["digest"])

    @rpc(internal=True)
    def envelope(self, args: dict[str, Any]) -> dict[str, Any]:
        """What conditions outside records may read of a record."""
        record = self.store.record(load(schemas.EnvelopeArgs, args)["record"])
        return record.envelope() | {"keeper": numbering.keeper(record, self.regime())}

    @rpc(internal=True)
    def due(self, args: dict[str, Any]) -> dict[str, Any]:
        """Envelopes of the records whose milestone was reached by a day, by id."""
        args = load(schemas.DueArgs, args)
        found = self.store.due([args["class_"]], args["milestone"], args["on_or_before"], args["after"], args["limit"])
        return {"records": [record.envelope() for record in found]}

    @rpc(internal=True)
    def freeze(self, args: dict[str, Any]) -> dict[str, Any]:
        """Enforce a hold; answered only when it is committed. Repeating it changes nothing."""
        args = load(schemas.FreezeArgs, args)
        with self.store.begin() as work:
            for record in [work.record(record_id) for record_id in sorted(set(args["records"]))]:
                frozen = record.freeze(args["hold"])
                if work.freeze(args["hold"], record.id, args["part"]):
                    work.emit(frozen)
            return work.answer({"hold": args["hold"], "records": args["records"]})

    @rpc(internal=True)
    def unfreeze(self, args: dict[str, Any]) -> dict[str, Any]:
        """Lift a hold. Repeating it changes nothing."""
        args = load(schemas.UnfreezeArgs, args)
        with self.store.begin() as work:
            for record in [work.record(record_id) for record_id in sorted(set(args["records"]))]:
                if work.unfreeze(args["hold"], record.id):
                    work.emit(record.unfreeze(args["hold"]))
            return work.answer({"hold": args["hold"], "records": args["records"]})

    @rpc(internal=True)
    def destroy(self, args: dict[str, Any]) -> dict[str, Any]:
        """Destroy one item of an approved list: state, keys, rows. Repeating it after a crash finishes it."""
        args = load(schemas.DestroyArgs, args)
        destruction = Destruction(self, args["record"], args["disposal"], args["certificate"])
        destruction.begin(args["version"], args["grant"])
        return destruction.finish()

    @every(5)
    def finish_destructions(self) -> None:
        """Finish what a crash interrupted: past the point of no return there is no way back."""
        for record in self.store.stuck_destructions():
            Destruction(self, record.id, str(record.disposal), str(record.certificate)).finish()
