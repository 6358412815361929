"""Where a document stands among what a class protects: read like a field, by the same rights, grants and purposes."""

from __future__ import annotations

import re
from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid
from regimes import Regime
from regimes.model import Field, RecordClass
from regimes.rights import lifted
from services.records.model import Record
from services.records.words import ID

Proof = dict[str, str | None]

SENDERS = ("change", "create", "receive")
EXAMINERS = ("receive",)
KEEPERS = ("receive", "change")
LOOKERS = ("view", "change", "event", "receive")
SEEN_BY = ("view", "event", "change")  # who may do one of these knows of the record


def placed(found: RecordClass, kind: str, regime: Regime) -> Field:
    """The document as governed reads decide it; what the class does not place is as high as the class gets."""
    listed = found.documents.get(kind)
    highest = {name: _highest(found, name, regime) for name in found.parts}
    part = (listed.part if listed else None) or max(highest, key=lambda name: regime.levels[highest[name]].rank)
    level = (listed.level if listed else None) or highest[part]
    return Field(name=kind, type="document", part=part, level=level, mask="all")


def _highest(found: RecordClass, part: str, regime: Regime) -> str:
    levels = [found.parts[part].level, *(one.level for one in found.parts[part].fields.values())]
    return max(levels, key=lambda name: regime.levels[name].rank)


def holds_one(caller: Actor, regime: Regime, record: Record, actions: tuple[str, ...]) -> bool:
    """Whether a standing right to one of these holds; who may only enter such records acts on those he knows of."""
    held = {action for action in {*actions, *SEEN_BY} if regime.right(caller, action, record.envelope())}
    return bool(held & ({*actions} if held & {*SEEN_BY} else {*actions} - {"create"}))


def lacking(service: Any, actions: tuple[str, ...], record: Record, said: str | None = None) -> Forbidden:
    """The refusal of whoever holds none of these rights on a record; names the request to raise, if there is one."""
    asked = [action for action in actions if action != "create"]  # the record is there already
    told = lifted(service.regime(), service.caller, asked, record.envelope())
    return Forbidden("right.missing", f"no standing right to {said or ' or '.join(actions)}", told)


def allow(service: Any, actions: tuple[str, ...], record: Record) -> None:
    """Refuse whoever holds none of these standing rights on the record."""
    record.refuse_gone(service.caller, service.regime())
    if not holds_one(service.caller, service.regime(), record, actions):
        raise lacking(service, actions, record)


def filed(store: Any, found: RecordClass, record: str, named: list[str]) -> list[Proof]:
    """The proofs that were named, by id or kind, each with the document on file; refused where it is not.

    Of a kind that the class's file has no place for, the name is enough: whoever decides has it before him.
    """
    held: dict[str, str] = store.proofs_of(record) if named else {}
    newest = {kind: document for document, kind in held.items()}
    proofs: list[Proof] = [
        {"document": held.get(name, name), "id": name if name in held else newest.get(name)} for name in named
    ]
    lacking = [
        (place, str(proof["document"]))
        for place, proof in enumerate(proofs)
        if proof["id"] is None and (proof["document"] in found.documents or an_id(str(proof["document"])))
    ]
    if lacking:
        raise Invalid("needs.missing", "hand in the document first", {"errors": [_unfiled(*one) for one in lacking]})
    return proofs


def an_id(name: str) -> bool:
    """Whether a proof is named by a document's id."""
    return re.fullmatch(ID, name) is not None


def _unfiled(place: int, name: str) -> dict[str, str]:
    detail = "a document of this record" if an_id(name) else f"document {name}"
    return {"pointer": f"/evidence/{place}", "code": "needs.missing", "detail": detail}


def allow_look(service: Any, record: Record) -> None:
    """Whoever may act on the record, or holds a live grant to see it, may know which documents it has."""
    try:
        allow(service, LOOKERS, record)
    except Forbidden:
        person, now = service.caller.person, service.store.clock.now()
        grants = service.store.see(record.id, person).grants
        if not any(grant.allows(person, record.id, "view", None, now) for grant in grants):
            raise
