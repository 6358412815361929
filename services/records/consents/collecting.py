"""Where data comes from: who takes in what, through which channel, on what proof, for what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid
from chassis.ids import new_id
from regimes import Regime
from regimes.envelopes import completed
from regimes.model import Channel, Part, RecordClass
from regimes.rights import is_one
from services.records import proofs
from services.records.consents import events
from services.records.consents.lawful import FILE, explicit_enough, needed_for
from services.records.consents.model import Consent
from services.records.model import Record
from services.records.refusals import wrong

ORIGINS = ("customer", "staff", "provider", "public")
BESIDE = ("consents", "purposes")  # what proves a collection and is sent beside it
PROVIDER = "provider"  # a survey agency, a cooperating company: whoever else the data is from
MEANS = "forbidden_means"  # the code list of means that nobody may collect by; whoever collects declares so


@dataclass(frozen=True)
class Collection:
    """One taking in of data about a customer (Q-009)."""

    id: str
    record: str
    origin: str | None
    channel: str
    method: str
    by: str
    department: str
    items: list[str]
    grounds: dict[str, Any]
    provider: str | None = None
    documents: dict[str, str] = field(default_factory=dict)
    declared: bool = False
    collected_at: datetime | None = None

    @classmethod
    def of(cls, record: Record, regime: Regime, caller: Actor, given: Mapping[str, Any], items: Iterable[str],
           answers: Iterable[Consent] = (), at: str = "/collection") -> Collection:  # fmt: skip
        """Check channel, proofs, provider, declaration and departments, in this order; `at` = where it was sent."""
        found, answers, items = regime.classes[record.class_], list(answers), sorted(items)
        channel = _channel(found, given.get("channel") or (FILE if record.import_id else None), answers, at)
        stood_on = grounds(record, regime)
        fitting = [one for one in answers if one.purpose in needed_for(found, regime)]
        unproved = _unproved(found, channel, given, items, fitting, stood_on)
        if unproved and (given or not record.import_id):
            errors = [{"pointer": _place(one, at), "code": "needs.missing"} for one in unproved]
            raise Invalid("needs.missing", f"{channel} is proved by more: {', '.join(unproved)}", {"errors": errors})
        _declared(regime, given, at)
        proofs.refuse_unknown(regime, given.get("documents", ()), f"{at}/documents")
        may_fill(record, regime, caller, items)
        origin = given.get("origin") or _origin(found, channel, bool(unproved), answers)
        kept = {name: given[name] for name in ("provider", "documents", "declared", "collected_at") if name in given}
        told = (channel, given.get("method") or "entry", str(caller.person), caller.department or record.department)
        return cls(new_id(), record.id, origin, *told, items, stood_on, **kept)

    def dated(self, now: datetime, answers: Iterable[Consent], at: str = "/collection") -> Collection:
        """With its time; refuses what was collected before the customer had been told (acceptance 56)."""
        when, pointer = self.collected_at or now, f"{at}/collected_at"
        if when > now:
            raise wrong(pointer, "collection.in_future", "the day of collection lies in the future")
        if any(one.told_at and when < one.told_at for one in answers):
            raise wrong(pointer, "consent.before_notice", "the data was collected before the notice was given")
        return replace(self, collected_at=when)

    def told(self, record: Record) -> events.Collected:
        """The fact of it."""
        came: dict[str, Any] = {"collection": self.id, "origin": self.origin, "channel": self.channel}
        return events.Collected(**record.told(), **came, items=self.items, purposes=sorted(self.grounds))


def grounds(record: Record, regime: Regime) -> dict[str, Any]:
    """What the record stands for: each purpose with its legal basis and the parts it covers."""
    known = [purpose for purpose, state in record.purposes.items() if state in ("named", "given")]
    return {purpose: _ground(regime, purpose, record.class_) for purpose in known}


@lru_cache(maxsize=512)
def _ground(regime: Regime, purpose: str, record_class: str) -> dict[str, Any]:
    return {"basis": regime.purposes[purpose].basis, "parts": sorted(regime.parts_for(purpose, record_class))}


def _place(missing: str, at: str) -> str:
    return f"/{missing}" if missing in BESIDE else f"{at}/{missing}"


def _channel(found: RecordClass, wanted: str | None, answers: list[Consent], at: str) -> str:
    channels = found.collect.channels
    if wanted is None:
        usual = [*(one.channel for one in answers), *(name for name, one in channels.items() if not one.needs)]
        return next((name for name in usual if name in channels), "")
    if wanted not in (channels or (FILE,)):  # no free text where the class names none
        told = {"pointer": f"{at}/channel", "code": "channel.unknown", "detail": f"one of {', '.join(channels)}"}
        raise Invalid("channel.unknown", f"{found.name} is not collected through this channel", {"errors": [told]})
    return wanted


def _unproved(found: RecordClass, channel: str, given: Mapping[str, Any], items: list[str], answers: list[Consent],
              kept: dict[str, Any]) -> list[str]:  # fmt: skip
    """What is still to be named for the channel; data of somebody else's names whose it is (Q-022)."""
    needs = found.collect.channels.get(channel, Channel()).needs
    missing = [place for need in needs if (place := _lacks(need, given, answers, kept))]
    whose = given.get("provider") or any(path.endswith(f".{PROVIDER}") for path in items)
    if (needs or given.get("origin") == PROVIDER) and not whose:
        missing.append(PROVIDER)
    return missing


def _lacks(
    need: Mapping[str, Any], given: Mapping[str, Any], answers: list[Consent], kept: dict[str, Any]
) -> str | None:
    """Where a proof is still to be named; what nobody here can tell counts as missing."""
    if "document" in need:
        return None if need["document"] in given.get("documents", {}) else f"documents/{need['document']}"
    if "consent" in need:
        kinds = [one.kind for one in answers if one.state == "given"]
        return None if any(explicit_enough(kind, need["consent"]) for kind in kinds) else "consents"
    if "basis" in need:
        return None if {ground["basis"] for ground in kept.values()} & set(need["basis"]) else "purposes"
    return str(next(iter(need)))


def _declared(regime: Regime, given: Mapping[str, Any], at: str) -> None:
    means = regime.lists.get(MEANS, {})
    if means and not given.get("declared"):
        told = {"pointer": f"{at}/declared", "code": "collection.undeclared", "detail": ", ".join(means)}
        raise Invalid("collection.undeclared", "declare that none of the forbidden means was used", {"errors": [told]})


def may_fill(record: Record, regime: Regime, caller: Actor, paths: Iterable[str]) -> None:
    """Refuse whoever fills a part that is another department's, or others' to write (Q-019)."""
    found = regime.classes[record.class_]
    for part in sorted({path.split(".")[0] for path in paths if path in found.fields}):
        _may_fill(found.parts[part], record, regime, caller)


def _may_fill(part: Part, record: Record, regime: Regime, caller: Actor) -> None:
    found = regime.classes[record.class_]
    known = {record.department, found.department, *found.collect.by}
    if part.department in known or part.department in (None, caller.department):
        if not part.write or any(is_one(who, caller, completed(regime, record.envelope())) for who in part.write):
            return
    told = {"part": part.name, "departments": sorted(_named(part))}
    raise Forbidden("part.not_yours", f"{part.name} is filled by others: {', '.join(told['departments'])}", told)


def _named(part: Part) -> Iterator[str]:
    yield part.department or ""
    yield from (str(who.get("role", who.get("person", ""))) for who in part.write)


def _origin(found: RecordClass, channel: str, unproved: bool, answers: list[Consent]) -> str | None:
    if unproved:
        return None  # a file that nobody vouched for: taken in, but not used before somebody does
    if found.collect.channels.get(channel, Channel()).needs:
        return PROVIDER
    return "customer" if answers else "staff"
