"""Searches people keep: what is looked for is sealed under a key of its own, and opened under an entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis import codec
from chassis.actor import Actor
from chassis.errors import NotFound
from chassis.ids import new_id
from services.records.access import refuse_behind
from services.records.searching.events import SearchesRead
from vault.envelope import PartContext, open_part, seal_part

BODY = "search"


@dataclass
class Saved:
    """One kept search; its body is sealed."""

    id: str
    owner: str
    department: str | None
    class_: str
    purpose: str
    key: str
    sealed: bytes = field(repr=False)
    at: datetime | None = None

    @classmethod
    def of(cls, args: dict[str, Any], caller: Actor, keys: Any) -> Saved:
        """Seal what somebody wants to keep."""
        [key], id = keys.create(1), new_id()
        body = {"name": args["name"], "where": args["where"], "fields": args.get("fields_")}
        sealed = seal_part(key.dek, _context(id), {BODY: codec.canonical(body)}).packed
        shared = caller.department if args["shared"] else None
        return cls(id, str(caller.person), shared, args["class_"], args["purpose"], key.id, sealed)

    def is_for(self, caller: Actor) -> bool:
        """Whose it is, or whom it is shared with."""
        return self.owner == caller.person or self.department is not None and self.department == caller.department

    def told(self, dek: bytes) -> dict[str, Any]:
        """What it looks for."""
        body = codec.loads(open_part(dek, _context(self.id), self.sealed).value(BODY))
        head = {"id": self.id, "class_": self.class_, "purpose": self.purpose, "owner": self.owner}
        told = {"name": body["name"], "where": body["where"], "fields_": body["fields"]}
        return {**head, **told, "shared": self.department is not None}


def shown(service: Any, found: Iterable[Saved]) -> list[dict[str, Any]]:
    """Kept searches with what they look for; the entry comes first."""
    found = list(found)
    if not found:
        return []
    refuse_behind(service.store, service.regime())
    ticket = service.store.record_event(SearchesRead([one.id for one in found]))
    deks = service.keys.unwrap({one.key for one in found}, ticket)
    return [one.told(deks[one.key]) for one in found]


def asked(service: Any, args: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a search; those of a kept one come from where it lies."""
    if "saved" not in args:
        return args
    [told] = shown(service, [mine(service, args["saved"])])
    kept = {"class_": told["class_"], "where": told["where"], "purpose": told["purpose"]}
    return {**args, **kept, **({"fields_": told["fields_"]} if told["fields_"] else {})}


def mine(service: Any, search: str) -> Saved:
    """A search that the caller may use."""
    found: Saved | None = service.store.saved_search(search)
    if found is None or not found.is_for(service.caller):
        raise unknown(search)
    return found


def unknown(search: str) -> NotFound:
    """What is not there, and what is somebody else's, answer alike."""
    return NotFound("search.unknown", f"no saved search {search}")


def _context(search: str) -> PartContext:
    return PartContext(search, BODY, 1)
