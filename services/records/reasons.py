"""Why somebody did something: sealed under a key of the record, so that it dies with it and is in no event or log."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from chassis.actor import Actor
from chassis.ids import new_id
from regimes import Regime
from services.records import events
from services.records.access import LEDGER_PATIENCE, refuse_behind
from services.records.model import Record
from services.records.sealing import REASON
from vault.envelope import PartContext, open_part, seal_part
from vault.keystore import Key


@dataclass(frozen=True)
class Reason:
    """A sealed reason; `id` is also that of what it explains."""

    id: str
    record: str
    key: str
    sealed: bytes


def seal(service: Any, record: Record, text: str | None, times: int = 1, without: Collection[str] = ()) -> list[Reason]:
    """A reason, sealed for each thing it explains. Needs no transaction, and refuses a record that is gone.

    `without`: parts whose keys may not be used, because they are about to go.
    """
    record.refuse_gone(service.caller, service.regime())
    keys = {part: key for part, key in service.store.keys_of(record.id).items() if part not in without}
    if not text or not keys:
        return []
    key = keys[min(keys)]
    sealer = service.keys.sealer([key])
    made = [new_id() for _ in range(times)]
    blobs = {id: sealer.seal(key, _context(record.id, id), {REASON: text.encode()}).packed for id in made}
    return [Reason(id, record.id, key, blob) for id, blob in blobs.items()]


def sealed_with(key: Key, record: str, text: str) -> Reason:
    """A reason for something about a record that is not kept yet, under one of its new keys."""
    id = new_id()
    return Reason(id, record, key.id, seal_part(key.dek, _context(record, id), {REASON: text.encode()}).packed)


def may_read(regime: Regime, caller: Actor, record: Record) -> bool:
    """Whether the caller's standing right to view reaches the whole record and its level: a reason may tell its data.

    Its purposes do not matter here: what is read is why colleagues acted, not what the customer gave.
    """
    rank = regime.levels[record.level].rank
    held = regime.right(caller, "view", record.envelope())
    whole = [right for right in held if not right.parts and right.place is None]
    return any(right.up_to is None or regime.levels[right.up_to].rank >= rank for right in whole)


def opened(service: Any, record: Record, of: str, ids: Iterable[str]) -> dict[str, str]:
    """The reasons by what they explain, journalled before they are opened; none for whom they are not meant."""
    if not may_read(service.regime(), service.caller, record):
        return {}
    found = service.store.reasons(record.id, list(ids))
    if not found:
        return {}
    regime = service.regime()
    refuse_behind(service.store, regime)
    ticket = service.store.record_event(events.ReasonsRead(record.id, of, len(found)))
    if regime.levels[record.level].ledger == "waits":
        service.store.lag.wait_for(ticket, LEDGER_PATIENCE)
    return texts(found, service.keys.unwrap({one.key for one in found}, ticket))


def texts(found: list[Reason], deks: dict[str, bytes]) -> dict[str, str]:
    """What the reasons say."""
    opened = {one.id: open_part(deks[one.key], _context(one.record, one.id), one.sealed) for one in found}
    return {id: part.value(REASON).decode() for id, part in opened.items()}


def _context(record: str, id: str) -> PartContext:
    return PartContext(record, f"reason:{id}", 0)
