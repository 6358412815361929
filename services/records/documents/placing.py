"""Where a document stands among what a class protects: read like a field, by the same rights, grants and purposes."""

from __future__ import annotations

from typing import Any

from chassis.errors import Forbidden, Invalid
from regimes import Regime
from regimes.model import Field, RecordClass
from services.records.model import Record

SENDERS = ("change", "create", "receive")
EXAMINERS = ("receive",)
KEEPERS = ("receive", "change")
LOOKERS = ("view", "change", "event", "receive")


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


def allow(service: Any, actions: tuple[str, ...], record: Record) -> None:
    """Refuse whoever holds none of these standing rights on the record."""
    regime = service.regime()
    record.refuse_gone(service.caller, regime)
    if not any(regime.right(service.caller, action, record.envelope()) for action in actions):
        raise Forbidden("right.missing", f"no standing right to {' or '.join(actions)}", {"request_kind": actions[0]})


def refuse_unfiled(store: Any, found: RecordClass, record: str, evidence: list[str]) -> None:
    """A proof that the class's file has to hold is on file when it is named; of others the name is enough."""
    due = {kind for kind in evidence if kind in found.documents and not found.documents[kind].optional}
    lacking = sorted(due - store.proofs_of(record)) if due else []
    if lacking:
        errors = [{"pointer": "/evidence", "code": "needs.missing", "detail": f"document {kind}"} for kind in lacking]
        raise Invalid("needs.missing", f"hand in the document first: {', '.join(lacking)}", {"errors": errors})


def allow_look(service: Any, record: Record) -> None:
    """Whoever may act on the record, or holds a live grant to see it, may know which documents it has."""
    try:
        allow(service, LOOKERS, record)
    except Forbidden:
        person, now = service.caller.person, service.store.clock.now()
        grants = service.store.see(record.id, person).grants
        if not any(grant.allows(person, record.id, "view", None, now) for grant in grants):
            raise
