"""What a record or entry belongs to: another record, a person, a room. What it may be read for follows from that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chassis.errors import Conflict, Invalid
from regimes import Regime
from regimes.model import RecordClass
from regimes.words import NAME
from services.records.model import Record
from services.records.refusals import unknown

PERSON, ROOM = "person", "room"
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,79}")
LIVING = ("draft", "pending", "active", "suspended")
SEEN_BY = ("view", "event", "change")  # who may do one of these knows of the record anyway


def belongs_to_record(found: RecordClass) -> bool:
    """Whether records of the class are about another record, not about a person or a room."""
    return found.about not in (None, PERSON, ROOM)


def parent_of(service: Any, found: RecordClass, about: str | None) -> Record | None:
    """The living record that a new one is about, where its class wants one; to who may not see it, it is not there.

    Where its class wants a person or a room, refuse what is none.
    """
    _refuse_stranger(service, found, about)
    if not belongs_to_record(found) or about is None:
        return None
    parent: Record = service.store.record(about)
    regime = service.regime()
    if not visible(service, regime, parent):
        raise unknown(about)
    parent.refuse_gone(service.caller, regime)
    if not regime.classes[parent.class_].is_a((str(found.about),)):
        raise _wrong("about.wrong_class", f"{found.name} is about a {found.about}")
    if parent.state not in LIVING:
        raise Conflict("record.state", f"a record that is {parent.state} takes no {found.name}")
    return parent


def subject_of(service: Any, record: Record, found: RecordClass) -> Record:
    """The record that an entry is about, by whose documents it is proved; where it is about none, the entry itself."""
    about: Record = service.store.record(record.about) if belongs_to_record(found) and record.about else record
    return about


def _refuse_stranger(service: Any, found: RecordClass, about: str | None) -> None:
    """An entry about somebody whom the organisation does not know would prove nothing of anybody."""
    if found.about == PERSON and about and about not in service.organisation().people:
        raise _wrong("about.unknown", "the organisation knows no such person")
    if found.about == ROOM and about and not NAME.fullmatch(about):
        raise _wrong(
            "about.invalid", "a room is named as the regime names it: small letters, digits, underscores, dots"
        )


def visible(service: Any, regime: Regime, record: Record) -> bool:
    """Whether the caller may know of a record: by a right, or by a grant to view it."""
    envelope = record.envelope()
    if any(regime.right(service.caller, action, envelope) for action in SEEN_BY):
        return True
    now = service.store.clock.now()
    held = service.store.see(record.id, service.caller.person).grants
    return any(grant.allows(service.caller.person, record.id, "view", None, now) for grant in held)


def belong(record: Record, found: RecordClass, args: Mapping[str, Any], parent: Record | None) -> None:
    """Say what a new record belongs to: the same customer, and his department unless its class names another."""
    about = args.get("about")
    if found.about is None:
        if about is not None:
            raise _wrong("about.unwanted", f"{found.name} belongs to nothing; leave it out")
        return
    if not about:
        raise _wrong("about.missing", f"name the {found.about} that this {found.name} is about")
    if not REFERENCE.fullmatch(about):
        raise _wrong("about.invalid", f"must be the id of a {found.about}")
    record.about = about
    if parent:
        record.subject = parent.subject
        record.department = args.get("department") or found.department or parent.department


def purposes_of(found: RecordClass, regime: Regime, named: list[str], parent: Record | None) -> dict[str, str]:
    """What a record is collected for: as named; where its class says nothing of it, as what it belongs to.

    A consent that the customer took back from a record is taken back from what belongs to it.
    """
    if named or found.collect.purposes:
        return dict.fromkeys(named, "named")
    if parent:
        return dict(parent.purposes)
    return {name: "named" for name, purpose in regime.purposes.items() if purpose.basis != "consent"}


def _wrong(code: str, detail: str) -> Invalid:
    return Invalid(code, detail, {"errors": [{"pointer": "/about", "code": code, "detail": detail}]})
