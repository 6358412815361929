"""Who may lend, hold, list, witness and execute: by the regime's rights, narrowly where they are silent. No I/O."""

from __future__ import annotations

from typing import Any

from chassis.actor import Actor
from chassis.errors import Forbidden
from regimes.rights import is_one

# A regime that gives nobody the right to an act of custody leaves it to those who keep the archives.
SILENT = {
    "lend": frozenset({"archivist"}),
    "hold": frozenset({"archivist", "head"}),
    "release": frozenset({"archivist", "head"}),
    "dispose": frozenset({"archivist", "head"}),
    "execute": frozenset({"archivist"}),
}


def must_have(regime: Any, actor: Actor, act: str, envelope: dict[str, Any] | None = None) -> None:
    """Refuse whoever no right of the regime allows this act, on this record where one is given."""
    rights = [right for right in regime.rights.values() if act in right.may]
    if any(is_one(right.who, actor, envelope or {}) for right in rights):
        return
    if rights or (act in SILENT and not actor.roles & SILENT[act]):
        raise Forbidden("right.missing", f"nothing gives you the right to {act}")
