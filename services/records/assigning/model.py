"""Who may give a record to somebody else, and to whom. No I/O."""

from __future__ import annotations

from functools import lru_cache

from chassis import codec
from chassis.actor import Actor
from chassis.errors import Forbidden, Invalid
from regimes import Regime, organisation
from regimes.envelopes import completed
from regimes.model import RecordClass
from regimes.people import Organisation
from regimes.rights import is_one
from services.records.model import Record

HEAD = {"role": "head", "in": "record"}


@lru_cache(maxsize=8)
def parse(text: str) -> Organisation:
    """The organisation of a canonical text."""
    return organisation.build(codec.loads(text.encode()))


def refuse_others(record: Record, caller: Actor, regime: Regime) -> None:
    """Refuse whoever neither heads the record's department nor keeps it: nobody gives his own customers away."""
    record.refuse_gone(caller, regime)
    heads = is_one(HEAD, caller, completed(regime, record.envelope()))
    if not heads and not regime.right(caller, "receive", record.envelope()):
        told = "the head of its department or its keeper assigns a record"
        raise Forbidden("assignment.not_yours", told, {"request_kind": None})


def refuse_wrong(department: str, person: str, found: RecordClass, people: Organisation) -> None:
    """Refuse a department or person that is not there, does not belong together, or does not keep such records."""
    known = people.people.get(person)
    if department not in people.departments:
        raise _wrong("department", "assignment.department", "the organisation has no such department")
    if found.collect.by and department not in found.collect.by:
        raise _wrong("department", "assignment.department", f"one of {', '.join(found.collect.by)}")
    if known is None or known.department not in (None, department):
        raise _wrong("responsible", "assignment.person", "name somebody at work in that department")


def _wrong(pointer: str, code: str, said: str) -> Invalid:
    return Invalid(code, said, {"errors": [{"pointer": f"/{pointer}", "code": code, "detail": said}]})
