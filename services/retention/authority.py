"""Who may lend, hold, list, witness, execute, look: by the regime's rights, narrowly where they are silent. No I/O."""

from __future__ import annotations

from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, NotFound
from regimes.rights import allowed, standing

GONE = ("destroying", "destroyed")
# A regime that gives nobody the right to an act of custody leaves it to those who keep the archives.
SILENT = {
    "lend": frozenset({"archivist"}),
    "hold": frozenset({"archivist", "head"}),
    "release": frozenset({"archivist", "head"}),
    "dispose": frozenset({"archivist", "head"}),
    "witness": frozenset({"archivist", "head"}),
    "execute": frozenset({"archivist"}),
    "supervise": frozenset({"archivist", "general_manager"}),
}


def must_have(regime: Any, actor: Actor, act: str, envelope: dict[str, Any] | None = None) -> None:
    """Refuse whoever no right of the regime allows this act, on this record where one is given."""
    if not allowed(regime, actor, act, envelope, SILENT[act]):
        raise Forbidden("right.missing", f"nothing gives you the right to {act}")


def oversees(regime: Any, actor: Actor, envelope: dict[str, Any] | None = None) -> bool:
    """Whether the actor's work is with the archives of others: who keeps, lists, holds or supervises them."""
    return any(allowed(regime, actor, act, envelope, silent) for act, silent in SILENT.items())


def must_oversee(regime: Any, actor: Actor) -> None:
    """Refuse whoever has only records of his own work to do with."""
    if not oversees(regime, actor):
        raise Forbidden("right.missing", "this is for those who keep or supervise the archives")


def own_unless_overseer(regime: Any, actor: Actor, sought: dict[str, Any]) -> dict[str, Any]:
    """Whoever does not work with the archives of others finds his own only."""
    return sought if oversees(regime, actor) else {**sought, "of": actor}


def _may_view(regime: Any, actor: Actor, envelope: dict[str, Any]) -> bool:
    """Whether records would show the actor something of it; not what holds in one place: nobody says where he is."""
    return any(right.place is None for right in standing(regime, actor, "view", envelope))


def must_look(regime: Any, actor: Actor, envelope: dict[str, Any], certificate: str | None, home: str) -> None:
    """Refuse whoever may not look at a record; of one that is gone or merged say where it went."""
    if not oversees(regime, actor, envelope) and not _may_view(regime, actor, envelope):
        if envelope["state"] in GONE:
            raise NotFound("record.unknown", f"no record {envelope['id']}")
        raise Forbidden("right.missing", "nothing gives you the right to look at this record")
    if envelope["state"] in GONE:
        if went_with := envelope.get("went_with"):
            raise Conflict("record.withdrawn", "this record was withdrawn with its import", {"import": went_with})
        raise Conflict("record.destroyed", "this record was destroyed", {"certificate": certificate})
    if envelope["state"] == "merged" and home != envelope["id"]:
        told = {"record": envelope["id"], "survivor": home}
        raise Conflict("record.merged", "this record was merged; another one stands for it", told)
