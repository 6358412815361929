"""Whether data may be used or taken in for a purpose: what the record stands for, and what a part is kept for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from chassis.errors import Forbidden
from regimes import Regime
from regimes.model import RecordClass

if TYPE_CHECKING:
    from services.records.model import Record

STANDING = ("named", "given")
FALLEN = {"withdrawn": "consent.withdrawn", "refused": "consent.refused"}
SOURCE = "lawful_source"  # the proof by which a regime asks where data came from
EXPLICIT = ("simple", "express", "own")  # how explicit a consent is, in rising order
FILE = "import"  # the channel of what comes in with a file


def unlawful(record: Record, regime: Regime, purpose: str, part: str) -> str | None:
    """Why this part of the record may not be used for this purpose; None where it may."""
    own = regime.classes[record.class_].parts[part].purpose
    if own and own != purpose and (code := fallen(record, regime, own)):
        return code
    if part not in regime.parts_for(purpose, record.class_):
        return "purpose.scope"
    return fallen(record, regime, purpose)


def fallen(record: Record, regime: Regime, purpose: str) -> str | None:
    """Why the record may not be used for this purpose at all; None where it may."""
    if record.origin is None and asks_for_source(regime.classes[record.class_]):
        return "source.missing"
    return unmet(record, regime, purpose)


def unmet(record: Record, regime: Regime, purpose: str) -> str | None:
    """What the purpose lacks with this customer: his consent, or that he was ever dealt with for it."""
    basis, known = regime.purposes[purpose].basis, record.purposes.get(purpose)
    if basis == "contract" and known is None:
        return "purpose.not_collected"
    if basis != "consent" or known == "given":
        return None
    return FALLEN.get(str(known), "consent.missing")


def explicit_enough(kind: str, wanted: str) -> bool:
    """Whether a consent is at least as explicit as one that is wanted."""
    return EXPLICIT.index(kind) >= EXPLICIT.index(wanted)


def needed_for(found: RecordClass, regime: Regime, purpose: str | None = None) -> Collection[str]:
    """The purposes that a consent may be to where one is needed: the one at hand; else those the class lives by.

    An optional purpose proves nothing beside others: whoever agreed to be advertised to has not agreed to the rest.
    """
    if purpose:
        return (purpose,)
    asked = [name for name in found.collect.purposes or regime.purposes if regime.purposes[name].basis == "consent"]
    return [name for name in asked if not regime.purposes[name].optional] or asked or found.collect.purposes


def stands(record: Record, found: RecordClass) -> bool:
    """Whether there is a purpose at all that the record may still be kept and used for (Q-009)."""
    return not found.collect.purposes or any(state in STANDING for state in record.purposes.values())


def refuse_baseless(record: Record, found: RecordClass) -> None:
    """Refuse to let a draft go on that stands for no purpose: the customer took back, or refused, the last one."""
    if not stands(record, found):
        raise Forbidden("purpose.missing", "the record stands for no purpose any more; obtain a consent first")


def may_take_in(record: Record, regime: Regime, paths: Iterable[str]) -> None:
    """Refuse values of parts that are kept for a purpose of their own which the customer has not agreed to (Q-015)."""
    found = regime.classes[record.class_]
    for path in sorted(paths):
        own = found.parts[path.split(".")[0]].purpose if path in found.fields else None
        if own and (code := unmet(record, regime, own)):
            errors = [{"pointer": f"/fields/{path}", "code": code}]
            raise Forbidden(code, f"{path} is kept for {own} only", {"purpose": own, "errors": errors})


def asks_for_source(found: RecordClass) -> bool:
    """Whether the class wants a lawful source even of what a file brings: then no use without a source (Q-024)."""
    channel = found.collect.channels.get(FILE)
    return channel is not None and any(SOURCE in need.values() for need in channel.needs)
