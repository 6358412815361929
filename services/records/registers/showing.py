"""Entries as people see them: one with its signatures, by a governed read."""

from __future__ import annotations

from typing import Any

from chassis.clock import rfc3339
from services.records.access import Access
from services.records.model import Record
from services.records.refusals import unknown
from services.records.registers import presenting
from services.records.registers.belonging import visible
from services.records.registers.model import digest, register_named
from services.records.registers.naming import Naming


def shown(service: Any, args: dict[str, Any]) -> dict[str, Any]:
    """One entry of the register that its address names."""
    regime = service.regime()
    found = register_named(regime, args["class_"])
    access = Access(service, regime)
    reading = access.reading(args["entry"], args["purpose"], args.get("fields_"))
    if reading.seen.record.class_ != found.name:
        raise unknown(args["entry"])
    values, entry = access.show(reading), reading.seen.record.id
    given, stored = service.store.signatures_of(entry), digest(entry, service.store.sealed_of(entry))
    now, naming = service.store.clock.now(), Naming(service, regime)
    told = {"filled": service.store.filling_of(entry), "read_at": rfc3339(now), "read": naming.moment(now)}
    told["reader"] = naming.person(str(service.caller.person))
    return presenting.entry(reading, values, given, stored, told, naming)


def seen(service: Any, record_id: str) -> Record:
    """A record that the caller may know of."""
    record: Record = service.store.record(record_id)
    record.refuse_gone(service.caller, service.regime())
    if not visible(service, service.regime(), record):
        raise unknown(record_id)
    return record
