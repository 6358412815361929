"""The organisation file: departments, bodies, people, stand-ins; read as strictly as a regime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields

from regimes import people, reading
from regimes.regime import first_message
from regimes.words import Entry, Many, Name, Named, Text, Within, Words


class DepartmentEntry(Entry):
    en = Text(required=True)
    zh = Text(required=True)


class BodyEntry(Entry):
    makes = people.Body
    members = Many(required=True)
    head = Name()


class PersonEntry(Entry):
    makes = people.Person
    en = Text(required=True)
    zh = Text(required=True)
    department = Name()
    superior = Name()
    roles = Words()


class DelegationEntry(Entry):
    makes = people.Delegation
    giver = Name(required=True, data_key="from")
    receiver = Name(required=True, data_key="to")
    roles = Many(required=True)
    first = Text(required=True)
    last = Text(required=True)


class OrganisationFile(Entry):
    organisation = Name(required=True)
    en = Text()
    zh = Text()
    regime = Name(required=True)
    departments = Named(DepartmentEntry, required=True)
    bodies = Named(BodyEntry)
    people = Named(PersonEntry, required=True)
    delegations = fields.List(Within(DelegationEntry))


def load(path: str | Path) -> people.Organisation:
    """Read an organisation file."""
    return build(reading.read(Path(path)), Path(path).name)


def build(document: dict[str, Any], name: str = "organisation") -> people.Organisation:
    """An organisation from a mapping of texts; every person and department named must exist."""
    try:
        loaded = OrganisationFile().load(document)
    except ValidationError as wrong:
        raise reading.refuse(name, *first_message(wrong.messages)) from None
    found = people.Organisation(
        loaded["people"],
        loaded["departments"],
        loaded.get("bodies", {}),
        tuple(loaded.get("delegations", ())),
        loaded["regime"],
    )
    for path, detail in _dangling(found):
        raise reading.refuse(name, path, detail)
    return found


def _dangling(found: people.Organisation) -> Any:
    for person in found.people.values():
        if person.superior and person.superior not in found.people:
            yield f"people.{person.name}.superior", f"there is nobody called {person.superior!r}"
        if person.department and person.department not in found.departments:
            yield f"people.{person.name}.department", f"there is no department {person.department!r}"
        if person.name in _above(found, person.name):
            yield f"people.{person.name}.superior", "is above himself"
    for body in found.bodies.values():
        for member in {*body.members, *filter(None, [body.head])} - set(found.people):
            yield f"bodies.{body.name}", f"there is nobody called {member!r}"
    for one in found.delegations:
        for name in {one.giver, one.receiver} - set(found.people):
            yield "delegations", f"there is nobody called {name!r}"


def _above(found: people.Organisation, name: str) -> set[str]:
    seen: set[str] = set()
    upper = found.superior(name)
    while upper and upper not in seen:
        seen.add(upper)
        upper = found.superior(upper)
    return seen
