"""A register to take away: governed reads, a sheet; encrypted like an export where something leaves in no other way."""

from __future__ import annotations

import secrets
from base64 import b64encode
from typing import Any

from chassis.errors import Conflict, Forbidden
from regimes.model import RecordClass
from regimes.rights import lifted
from services.records.exporting import allowing, making
from services.records.exporting.allowing import Allowed, ExportAccess
from services.records.exporting.model import KEPT, Export
from services.records.grants import grant_of
from services.records.model import HIDDEN, Record
from services.records.registers import events
from services.records.registers.belonging import visible
from services.records.registers.model import register_named
from services.records.registers.naming import Naming
from services.records.registers.schemas import MOST
from services.records.registers.sheets import Line, is_closed, workbook
from services.records.states import word


def taken_away(service: Any, args: dict[str, Any], mark: str) -> dict[str, Any]:
    """The register as a spreadsheet; refused to who may not export, and where it is too long for one file."""
    regime = service.regime()
    found = register_named(regime, args["class_"])
    where: dict[str, Any] = {"class_": found.name, **{n: args[n] for n in ("about", "state") if n in args}}
    allowed, mine = _allowed(service, found, _entries(service, where), args["purpose"])
    said = "zh" if service.store.call.language.startswith("zh") else "en"
    naming = Naming(service, regime)
    lines = [_line(ExportAccess(service, allowed), naming, one, args["purpose"], said) for one in mine]
    service.store.record_event(events.RegisterExported(found.name, args["purpose"], [one.id for one in mine], mark))
    stamp = naming.mark(service.caller.person, args["purpose"], mark, said)
    raw = workbook(found, lines, stamp, naming, said)
    locked = any(is_closed(line, regime) for line in lines)
    if locked:
        raw = _locked(service, found, where, args["purpose"], mark, allowed, len(mine), raw)
    name = f"{found.name}-{stamp.at[:10]}.xlsx"
    return {"file": b64encode(raw).decode(), "name": name, "mark": mark, "locked": locked}


def _entries(service: Any, where: dict[str, Any]) -> list[Record]:
    entries: list[Record] = service.store.page(where, MOST + 1, None)
    if len(entries) > MOST:
        raise Conflict("register.too_long", f"more than {MOST} entries; narrow it by state or by what they are about")
    return [one for one in entries if one.state not in HIDDEN and visible(service, service.regime(), one)]


def _allowed(service: Any, found: RecordClass, entries: list[Record], purpose: str) -> tuple[Allowed, list[Record]]:
    """What the file stands on, and the entries that it may hold: a standing right, or else one grant, which is used."""
    standing = Allowed(service.caller, service.regime(), purpose, None)
    if mine := [one for one in entries if standing.takes(one)]:
        return standing, mine
    body = allowing.granted(service, found, None, purpose)
    if body is None and entries:
        told = lifted(service.regime(), service.caller, ("export",), entries[0].envelope())
        raise Forbidden("right.missing", f"no standing right to export {found.name}", told)
    if body is None:
        return standing, []
    with service.store.begin(beside=True) as work:
        work.use_grant(body)
    key = service.store.settings.key("grant.public")
    granted = Allowed(service.caller, service.regime(), purpose, grant_of(body, key))
    return granted, [one for one in entries if granted.takes(one)]


def _line(access: ExportAccess, naming: Naming, one: Record, purpose: str, said: str) -> Line:
    about = naming.about(access.regime.classes[one.class_].about, one.about)[said]
    creator, entered = naming.person(one.creator)[said], naming.moment(one.created_at)[:10]
    head = (one.number or one.id, about, word(one.state, said), entered, creator)
    try:
        reading = access.reading(one.id, purpose, None)
        levels = {verdict.field.path: verdict.field.level for verdict in reading.verdicts}
        return Line(head, access.show(reading), levels)
    except (Forbidden, Conflict):  # not his to see, or gone meanwhile
        return Line(head, {})


def _locked(
    service: Any, found: RecordClass, where: dict[str, Any], purpose: str, mark: str, allowed: Allowed, count: int,
    raw: bytes,
) -> bytes:  # fmt: skip
    """The workbook under a password, which stands at the export of this mark for an hour, for whoever took it."""
    password, [key] = secrets.token_urlsafe(16), service.keys.create(1)
    told = {"where": where, "fields": [*found.fields], "purpose": purpose, "format": "xlsx", "roles": []}
    now, caller = service.store.clock.now(), allowed.caller
    grant = allowed.grant.id if allowed.grant else None
    export = Export(
        mark, found.name, told, str(caller.person), caller.department, grant, key.id, key.id, now, now + KEPT, "fetched"
    )
    sealed = service.keys.sealer([key.id]).seal(key.id, making.place(mark, -1), {making.PASSWORD: password.encode()})
    raw = making.encrypted(raw, password)
    export.password, export.count, export.size = bytes(sealed.packed), count, len(raw)
    with service.store.begin(beside=True) as work:
        work.add_export(export)
    return raw
