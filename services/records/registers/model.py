"""An entry of a register and its rules: who signs next, when it is valid, what an edit voids. No I/O, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden, Invalid
from regimes import Regime, dates
from regimes.envelopes import completed
from regimes.model import RecordClass, Who
from regimes.rights import is_one
from services.records.model import Record
from services.records.registers import events
from services.records.registers.belonging import PERSON

FAILED, CHECK, SIGNATURE = "failed", "check", "signature"
# Those who bring a form are its applicants, and the hosts of whom they bring along.
BRINGERS = ("creator", "applicant", "escort", "host")


@dataclass(frozen=True)
class Signature:
    """One person's word for an entry as it stood: bound to its version and to a digest of what is stored."""

    id: str
    place: int
    person: str
    version: int
    digest: str
    at: datetime
    voided_at: datetime | None = None


@dataclass
class Entry:
    """One entry: a record of a register, and the signatures that hold."""

    record: Record
    found: RecordClass
    signatures: list[Signature] = field(default_factory=list)

    @property
    def wanted(self) -> tuple[Who, ...]:
        """Who signs, in this order."""
        return self.found.signed_by

    @property
    def left(self) -> int:
        """How many signatures are still missing."""
        return len(self.wanted) - len(self.signatures)

    @property
    def signed(self) -> bool:
        """Whether everybody who has to sign has signed."""
        return self.left == 0

    @property
    def written_by_customer(self) -> bool:
        """Whether its values are what the customer wrote himself."""
        return self.found.written_by == "customer"

    def next_is(self, actor: Actor, regime: Regime) -> bool:
        """Whether this person signs next."""
        return not self.signed and is_one(self.wanted[len(self.signatures)], actor, self._people(regime))

    def sign(self, signature: Signature, actor: Actor, regime: Regime) -> events.EntrySigned:
        """Take the next signature; out of turn, twice by one person, or on an older version is refused."""
        self.record.refuse_gone()
        if self.signed or self.record.state != "draft":
            raise Conflict("entry.signed", "everybody who has to sign this entry has signed it")
        if signature.version != self.record.version:
            said = f"the entry is at version {self.record.version}; read it again before you sign"
            raise Conflict("record.stale", said, {"version": self.record.version})
        if signature.person in {one.person for one in self.signatures}:
            raise Forbidden("entry.signed_twice", "one person signs an entry once")
        if not self.next_is(actor, regime):
            raise Forbidden("entry.not_yours", "another person signs next", {"place": len(self.signatures)})
        self.signatures.append(signature)
        told: dict[str, Any] = {"signer": signature.person, "place": signature.place, "digest": signature.digest}
        return events.EntrySigned(**self.told(), **told, left=self.left)

    def accept(self, regime: Regime, today: date) -> events.EntryValid:
        """Make a signed entry valid, for as long as its class says."""
        if not self.signed:
            raise Conflict("entry.unsigned", f"{self.left} signatures are missing")
        length = self.found.valid_for
        self.record.valid_until = dates.add(today, length, regime.calendar) if length else None
        until = self.record.valid_until.isoformat() if self.record.valid_until else None
        return events.EntryValid(**self.told(), signers=[one.person for one in self.signatures], valid_until=until)

    def reopen(self) -> events.EntryReopened | None:
        """An edit took effect: what was signed was another text, so its signatures are void; it waits for new ones."""
        if not self.signatures:
            return None
        voided, self.signatures = [one.person for one in self.signatures], []
        self.record.state, self.record.valid_until = "draft", None
        return events.EntryReopened(**self.told(), voided=voided)

    def failures(self, values: dict[str, str], today: date, regime: Regime) -> events.CheckFailed | None:
        """What of the entry did not pass, as names of fields."""
        items = [path for path, one in self.found.fields.items() if one.type == CHECK and values.get(path) == FAILED]
        if not items:
            return None
        opens = self.found.failed or {}
        due = dates.due(opens["due"], today, regime.calendar).isoformat() if opens.get("due") else None
        told: dict[str, Any] = {"finding": opens.get("finding"), "owner": opens.get("owner"), "due": due}
        return events.CheckFailed(**self.told(), items=items, **told)

    def usable(self, today: date) -> None:
        """Refuse to take values from a form that is not valid, or no longer."""
        self.record.refuse_gone()
        if self.record.state != "active":
            raise Conflict("entry.unsigned", f"a form that is {self.record.state} fills nothing")
        if self.record.valid_until and today > self.record.valid_until:
            raise Conflict("entry.expired", "the form is no longer valid; fill in a new one")

    @property
    def source(self) -> dict[str, str | None]:
        """How a value that came from this entry names where it came from."""
        return {"entry": self.record.id, "class": self.found.name, "number": self.record.number}

    def told(self) -> dict[str, Any]:
        """What every event of an entry says of it."""
        return {**self.record.told(), "about": self.record.about, "number": self.record.number}

    def _people(self, regime: Regime) -> dict[str, Any]:
        """The entry's envelope, and whom a signature may name beside: bringers, whom it is about, fields of people."""
        named = {one.name: self.record.facets.get(path) for path, one in self.found.fields.items() if one.facet}
        people = dict.fromkeys(BRINGERS, self.record.creator) | {k: v for k, v in named.items() if v}
        if self.found.about == PERSON:
            people["subject"] = str(self.record.about)
        return {**people, **completed(regime, self.record.envelope())}


def register_named(regime: Regime, name: str) -> RecordClass:
    """The register of that name; a class of dossiers is none."""
    known = [one.name for one in regime.classes.values() if one.kind == "register"]
    if name not in known:
        raise Invalid(
            "register.unknown",
            "the regime has no such register",
            {"errors": [{"pointer": "/class", "code": "register.unknown", "detail": f"one of {', '.join(known)}"}]},
        )
    return regime.classes[name]


def by_hand(found: RecordClass, paths: Collection[str]) -> list[dict[str, str]]:
    """What is wrong with signatures that somebody typed into a form: they are given by signing."""
    if found.kind != "register":
        return []
    typed = [path for path in paths if path in found.fields and found.fields[path].type == SIGNATURE]
    said = "a signature is given by signing the entry; leave the field out"
    return [{"pointer": f"/fields/{path}", "code": "signature.by_hand", "detail": said} for path in typed]


def digest(entry: str, parts: Iterable[tuple[str, int, bytes]]) -> str:
    """What a signature is bound to: every part of the entry as it lies sealed. It tells nothing of the values."""
    whole = hashlib.sha256(entry.encode())
    for name, version, sealed in sorted(parts):
        whole.update(f"\x1f{name}\x1f{version}\x1f".encode() + hashlib.sha256(sealed).digest())
    return whole.hexdigest()
