"""Entries as people see them: one with its signatures, or a whole register to take away. All by governed reads."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from chassis.clock import rfc3339
from chassis.errors import Conflict, Forbidden
from regimes.model import RecordClass
from services.records.access import Access, ManyAccess
from services.records.model import HIDDEN, Record, unknown
from services.records.registers import events, presenting
from services.records.registers.belonging import visible
from services.records.registers.model import digest, register_named
from services.records.registers.schemas import MOST
from services.records.registers.sheets import Line, workbook
from services.records.workbook import Mark


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
    told = {"filled": service.store.filling_of(entry), "read_at": rfc3339(service.store.clock.now())}
    return presenting.entry(reading, values, given, stored, told, regime)


def seen(service: Any, record_id: str) -> Record:
    """A record that the caller may know of."""
    record: Record = service.store.record(record_id)
    record.refuse_gone(service.caller, service.regime())
    if not visible(service, service.regime(), record):
        raise unknown(record_id)
    return record


def taken_away(service: Any, args: dict[str, Any], mark: str) -> dict[str, Any]:
    """The register as a spreadsheet; refused to who may not export, and where it is too long for one file."""
    regime = service.regime()
    found = register_named(regime, args["class_"])
    where: dict[str, Any] = {"class_": found.name, **{n: args[n] for n in ("about", "state") if n in args}}
    entries: list[Record] = service.store.page(where, MOST + 1, None)
    if len(entries) > MOST:
        raise Conflict("register.too_long", f"more than {MOST} entries; narrow it by state or by what they are about")
    mine = [one for one in entries if one.state not in HIDDEN and visible(service, regime, one)]
    mine = _exportable(service, found, mine, args["purpose"])
    lines = [_line(service, one, args["purpose"]) for one in mine]
    told = events.RegisterExported(found.name, args["purpose"], [one.id for one in mine], mark)
    service.store.record_event(told)
    now = rfc3339(service.store.clock.now())
    stamp = Mark(str(service.caller.person), args["purpose"], now, mark)
    raw = workbook(found, lines, stamp, regime, service.store.call.language)
    return {"file": b64encode(raw).decode(), "name": f"{found.name}-{now[:10]}.xlsx", "mark": mark}


def _exportable(service: Any, found: RecordClass, entries: list[Record], purpose: str) -> list[Record]:
    """Those of the entries that the caller has a standing right to take out; refused where he has none at all."""
    regime, caller = service.regime(), service.caller
    own = {"department": caller.department, "creator": caller.person, "responsible": caller.person, "state": "active"}
    mine = [one for one in entries if regime.right(caller, "export", one.envelope(), purpose)]
    if not mine and (entries or not regime.right(caller, "export", {"class": found.name, **own}, purpose)):
        raise Forbidden("right.missing", f"no standing right to export {found.name}", {"request_kind": "export"})
    return mine


def _line(service: Any, one: Record, purpose: str) -> Line:
    access = ManyAccess(service, service.regime())
    entered = one.created_at.date().isoformat() if one.created_at else ""
    head = (one.number or one.id, one.about or "", one.state, entered, one.creator)
    try:
        reading = access.reading(one.id, purpose, None)
        levels = {verdict.field.path: verdict.field.level for verdict in reading.verdicts}
        return Line(head, access.show(reading), levels)
    except (Forbidden, Conflict):  # not his to see, or gone meanwhile
        return Line(head, {})
