"""Requests as they begin: from what a person asks, and from what waits at its owner. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.actor import Actor
from chassis.errors import NotFound, Refused
from chassis.ids import new_id
from regimes.rights import OPENED_BY_EVENTS
from services.approvals.events import RequestRaised
from services.approvals.model import Request, Ruled, Subject, a_reason
from services.approvals.proving.model import Bearer, Need
from services.approvals.rulebook import Rulebook, wrong

Event = dict[str, Any]
Prove = Callable[[Iterable[Need], Bearer], None]
Opened = tuple[Request, RequestRaised]


@dataclass(frozen=True)
class Pending:
    """Something that waits at its owner for a decision."""

    kind: str
    subject: Subject
    raised_by: str
    envelope: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    evidence: tuple[dict[str, Any], ...] = ()
    fields: tuple[str, ...] | None = None
    others: tuple[dict[str, Any], ...] = ()  # envelopes of further records: who decides about those decides too

    def needs(self, rulebook: Rulebook) -> tuple[Need, ...]:
        """What it has to be proved by; nothing where the regime refuses it."""
        try:
            return self._ruled(rulebook).needs
        except Refused:
            return ()

    def bearer(self, rulebook: Rulebook, at: datetime) -> Bearer:
        """Whom and what its proofs are asked of."""
        return Bearer(self.raised_by, self.subject.records, self.evidence, rulebook.today(at))

    def open(self, rulebook: Rulebook, prove: Prove, at: datetime) -> Opened:
        """The request about it; where the regime refuses, a request that is rejected at once, so that nothing hangs."""
        try:
            ruled = self._ruled(rulebook)
            prove(ruled.needs, self.bearer(rulebook, at))
            request = self._request(ruled, at)
            return request, request.open(at)
        except Refused as refusal:
            request = self._request(Ruled(rulebook.regime.digest, (), ()), at)
            return request, request.refuse(refusal.code, at)

    def _ruled(self, rulebook: Rulebook) -> Ruled:
        applicant = rulebook.applicant(self.raised_by)
        if self.subject.about == "import":
            return rulebook.release(self.envelope, applicant)
        if self.subject.about == "withdrawal":
            return rulebook.withdrawal(self.envelope, applicant)
        return rulebook.rule(self.kind, [self.envelope, *self.others], applicant, self.facts)

    def _request(self, ruled: Ruled, at: datetime) -> Request:
        creator = self.envelope.get("creator") if self.kind in ("create", "withdraw") else None
        return Request(
            new_id(),
            self.kind,
            self.subject,
            self.raised_by,
            ruled,
            at,
            creator=creator,
            fields=self.fields,
            evidence=self.evidence,
        )


def asked(
    args: dict[str, Any],
    actor: Actor,
    envelopes: list[dict[str, Any]],
    rulebook: Rulebook,
    prove: Prove,
    at: datetime,
) -> Opened:
    """The request that a person raises; refused with what is wrong in it."""
    _may_be_asked(args["kind"], args, envelopes, rulebook)
    envelopes = [_still_there(envelope) for envelope in envelopes] or [_nothing_yet(args, actor, rulebook)]
    classes = {rulebook.cls(envelope["class"]) for envelope in envelopes}
    told = _told(args)
    rulebook.purpose(args["purpose"], classes, told["fields"] or ())
    ruled = rulebook.rule(args["kind"], envelopes, actor, _facts(args))
    prove(ruled.needs, bearer(args, actor, rulebook, at))
    rulebook.end(args["kind"], ruled.grant, args.get("period"), at)
    subject = _subject(envelopes, classes)
    request = Request(new_id(), args["kind"], subject, str(actor.person), ruled, at, **told)
    return request, request.open(at)


def _told(args: dict[str, Any]) -> dict[str, Any]:
    """What a person says of his request; refused without a reason."""
    told = {"purpose": args["purpose"], "reason": a_reason(args["reason"]), "period": args.get("period")}
    told |= {"fields": tuple(args.get("fields_") or ()) or None, "act": args.get("act")}
    return {**told, "evidence": tuple(args["evidence"])}


def needs_of(
    args: dict[str, Any], actor: Actor, envelopes: list[dict[str, Any]], rulebook: Rulebook
) -> tuple[Need, ...]:
    """What would have to be proved; nothing where the request is refused for another reason."""
    try:
        about = envelopes or [_nothing_yet(args, actor, rulebook)]
        return rulebook.rule(args["kind"], about, actor, _facts(args)).needs
    except Refused:
        return ()


def bearer(args: dict[str, Any], actor: Actor, rulebook: Rulebook, at: datetime) -> Bearer:
    """Whom and what the proofs of a person's request are asked of."""
    records = tuple(dict.fromkeys(str(record) for record in args["records"]))
    return Bearer(str(actor.person), records, tuple(args["evidence"]), rulebook.today(at), args["purpose"])


def bearer_of(request: Request, rulebook: Rulebook, at: datetime) -> Bearer:
    """Whom and what the proofs of a request are asked of when it is decided."""
    return Bearer(request.raised_by, request.subject.records, request.evidence, rulebook.today(at), request.purpose)


def _may_be_asked(kind: str, args: dict[str, Any], envelopes: list[dict[str, Any]], rulebook: Rulebook) -> None:
    rulebook.kind(kind)
    if kind in OPENED_BY_EVENTS or (kind == "create" and envelopes):
        raise wrong("/kind", "kind.opened_by_event", "this request opens by itself when the thing itself is asked for")
    if (kind == "permit") != bool(args.get("act")):
        raise wrong("/act", "act.unknown", "a right names what it lets its holder do; other requests name nothing")


def _facts(args: dict[str, Any]) -> dict[str, Any]:
    """What conditions may read of a request."""
    return {name: args[name] for name in ("period", "purpose", "to", "act") if args.get(name)}


def simulated(args: dict[str, Any], actor: Actor, envelope: dict[str, Any] | None, rulebook: Rulebook) -> Ruled:
    """What would be asked of a request, of this applicant, about this record or any of a class."""
    facts = args["case"]
    applicant = rulebook.applicant(args["applicant"]) if args.get("applicant") else actor
    rulebook.kind(args["kind"])
    about = envelope or _nothing_yet(args, applicant, rulebook)
    if envelope is None and args["kind"] != "create":
        about = {"class": about["class"], "state": "active", "department": applicant.department}
    about = {**about, **{path[len("record.") :]: value for path, value in facts.items() if path.startswith("record.")}}
    asked_for = {path[len("request.") :]: value for path, value in facts.items() if path.startswith("request.")}
    rulebook.cls(about["class"])
    if args.get("period"):
        asked_for["period"] = args["period"]
    return rulebook.rule(args["kind"], [about], applicant, asked_for)


def creation(event: Event) -> Pending | None:
    """A new record that waits for its review; those of an import are released together."""
    data = event["data"]
    if data["state"] != "pending" or data.get("import_id") or data.get("grant"):
        return None  # of an import, it is released with the others; under a grant, it is approved already
    envelope, record = _envelope(event), event["record"]
    subject = Subject("record", record, (record,), envelope["class"])
    facts = {"channel": data.get("channel") or "form"}
    return Pending("create", subject, envelope["creator"], envelope, facts, _documents(data))


def change(event: Event) -> Pending:
    """A change whose values wait sealed in records."""
    data, envelope, record = event["data"], _envelope(event), event["record"]
    subject = Subject("change", data["change"], (record,), envelope["class"])
    # A form is proposed by whoever filled it in, not by whoever signed it last.
    raised_by = data.get("by") or event.get("actor") or envelope["creator"]
    facts = {"change": data["mode"], **({"from": data["form"]} if data.get("form") else {})}
    kind = data.get("kind") or "change"
    return Pending(kind, subject, raised_by, envelope, facts, _documents(data), tuple(data["fields"]))


def move(event: Event) -> Pending:
    """The end of a relation, or its revival."""
    data, envelope, record = event["data"], _envelope(event), event["record"]
    subject = Subject("move", data["move"], (record,), envelope["class"])
    return Pending(data["kind"], subject, data["by"], envelope, {"to": data["to"]}, _documents(data))


def merge(event: Event) -> Pending:
    """Two records that are to become one: both sides decide."""
    data, envelope, record = event["data"], _envelope(event), event["record"]
    subject = Subject("merge", data["merge"], (record, data["merged"]), envelope["class"])
    return Pending("merge", subject, data["by"], envelope, others=(data["other"],))


def erasure(event: Event) -> Pending:
    """Parts of a record that are to be erased."""
    data, envelope, record = event["data"], _envelope(event), event["record"]
    subject = Subject("erasure", data["erasure"], (record,), envelope["class"])
    return Pending("erase", subject, data["by"], envelope, {}, _documents(data), tuple(data["parts"]))


def downgrade(event: Event) -> Pending:
    """A lower value of a scheme, or a lower level, that waits in records."""
    data, envelope, record = event["data"], _envelope(event), event["record"]
    subject = Subject("downgrade", data["downgrade"], (record,), envelope["class"])
    facts = {"scheme": data["scheme"], "before": data["before"], "value": data["value"]}
    return Pending("downgrade", subject, event.get("actor") or data["by"], envelope, facts)


def release(event: Event) -> Pending | None:
    """An imported batch that waits for its release."""
    data = event["data"]
    if data.get("dry_run") or not data["accepted"]:
        return None
    batch = data.get("import_id") or data["import"]
    envelope = _envelope({**event, "record": None})
    envelope |= {"creator": data["by"], "responsible": data["by"], "state": "pending"}
    subject = Subject("import", batch, (), envelope["class"])
    return Pending("create", subject, data["by"], envelope, {"channel": "import"})


def withdrawal(event: Event) -> Pending:
    """A released import that somebody wants back: those who release decide, though never who brought the file."""
    data = event["data"]
    envelope = _envelope({**event, "record": None}) | {"responsible": data["creator"], "state": "pending"}
    subject = Subject("withdrawal", data["import_id"], (), envelope["class"])
    return Pending("withdraw", subject, data["by"], envelope, {"channel": "import"})


def destruction(event: Event) -> Pending:
    """A destruction list, bound to its hash."""
    data = event["data"]
    envelope = {**data["envelope"], "class": data["class"]}
    subject = Subject("disposal", data["disposal"], tuple(data["records"]), data["class"], data["hash"])
    return Pending("destroy", subject, data.get("author") or event["actor"], envelope)


def _envelope(event: Event) -> dict[str, Any]:
    """What conditions may read of a record, from the event's own fields."""
    data = event["data"]
    names = ("state", "level", "department", "responsible", "creator", "keeper", "complete")
    envelope = {name: data[name] for name in names if name in data}
    return {
        **data.get("schemes", {}),
        **envelope,
        **data.get("envelope", {}),
        "id": event["record"],
        "class": data.get("class") or data.get("class_"),
    }


def _documents(data: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return tuple({"document": name} if isinstance(name, str) else name for name in data.get("evidence") or ())


def _still_there(envelope: dict[str, Any]) -> dict[str, Any]:
    """The envelope; of a destroyed or merged record nobody asks for anything any more."""
    if envelope.get("state") in ("destroying", "destroyed", "merged"):
        raise NotFound("record.unknown", f"no record {envelope['id']}")
    return envelope


def _nothing_yet(args: dict[str, Any], actor: Actor, rulebook: Rulebook) -> dict[str, Any]:
    """The envelope of a record that does not exist yet: its class, in the applicant's own department."""
    if not args.get("class_"):
        raise wrong("/records", "subject.missing", "name records, or the class of a new one")
    own = {"department": actor.department, "creator": actor.person, "responsible": actor.person}
    return {"class": rulebook.cls(args["class_"]), "state": "draft", **own}


def _subject(envelopes: list[dict[str, Any]], classes: set[str]) -> Subject:
    records = tuple(dict.fromkeys(envelope["id"] for envelope in envelopes if envelope.get("id")))
    cls = next(iter(classes)) if len(classes) == 1 else None
    return Subject("record" if records else "class", records[0] if len(records) == 1 else None, records, cls)
