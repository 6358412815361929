"""Which records are likely the same customer's: by what the class matches exactly, and by the plain name. No I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict
from regimes import Regime
from regimes.model import RecordClass
from regimes.oddities import simplified
from services.records.consents import lawful
from services.records.merging.events import LikenessMet
from services.records.model import Record
from services.records.reading import reaching
from services.records.sealing import Values
from vault.tokens import Blind

NAME = "alike.name"
# What a company is in law, not what it is called.
FORMS = re.compile(
    r"(?:股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|总公司|公司|集团|厂|店"
    r"|co(?:mpany)?ltd|limited|ltd|inc(?:orporated)?|llc|gmbh|corp(?:oration)?|co|plc)$"
)
SHORTEST = 2  # signs that a name keeps, whatever form it has


@dataclass(frozen=True)
class Alike:
    """A record that is likely the same customer's; `fields` match exactly, without any only the name does.

    `named`: the name is alike beside fields that match.
    """

    record: Record
    fields: tuple[str, ...] = ()
    named: bool = False

    def told(self) -> dict[str, Any]:
        """What somebody who may know of it is shown."""
        known = {"record": self.record.id, "number": self.record.number, "state": self.record.state}
        return {**known, "exact": bool(self.fields), "fields": [*self.fields]}

    def met(self) -> LikenessMet:
        """The entry on it that somebody was told, or might have guessed, by what it is found."""
        return LikenessMet(self.record.id, [*self.fields])

    def shown(self, caller: Actor, regime: Regime) -> Alike | None:
        """As much of it as the caller could read anyway; None where not one value that matches is among that."""
        if not known(self.record, caller, regime):
            return None
        fields = tuple(path for path in self.fields if readable(self.record, path, caller, regime))
        subject = regime.classes[self.record.class_].subject
        named = (self.named or not self.fields) and readable(self.record, subject, caller, regime)
        return replace(self, fields=fields, named=named) if fields or named else None


@dataclass(frozen=True)
class Lookalikes:
    """Those that one caller may know of, as far as he may, and all there are."""

    seen: list[Alike] = field(default_factory=list)
    found: Sequence[Alike] = ()

    @classmethod
    def of(cls, found: Sequence[Alike], caller: Actor, regime: Regime) -> Lookalikes:
        """Split by what the caller may know."""
        return cls([shown for one in found if (shown := one.shown(caller, regime))], found)

    @property
    def hidden(self) -> list[Alike]:
        """Those that he is told of by their number alone."""
        shown = {one.record.id for one in self.seen}
        return [one for one in self.found if one.record.id not in shown]

    @property
    def unseen(self) -> int:
        """How many those are."""
        return len(self.hidden)

    def refuse(self, accepted: Mapping[str, Any] | None) -> None:
        """Refuse to save beside them, unless somebody says why and names each that he was told of."""
        named = set((accepted or {}).get("of", ()))
        left = [one for one in self.seen if named.isdisjoint({one.record.id, one.record.number})]
        if left or (self.unseen and not accepted):
            told = {"candidates": [one.told() for one in self.seen], "unseen": self.unseen}
            raise Conflict("record.likely_duplicate", "likely the same customer; say why if it is another one", told)

    def __bool__(self) -> bool:
        return bool(self.found)


def known(record: Record, caller: Actor, regime: Regime) -> bool:
    """Whether the caller may know that there is this record; of its fields that tells nothing."""
    envelope = record.envelope()
    return any(regime.right(caller, action, envelope) for action in ("view", "event", "change"))


def readable(record: Record, path: str | None, caller: Actor, regime: Regime) -> bool:
    """Whether a standing right shows the caller this field of this record in clear, for some lawful purpose.

    Whoever is told that a value of his matches is told the record's: only who could read it there is told so. A right
    that holds in one place does not count: nobody says here where he is.
    """
    found = regime.classes[record.class_]
    entry = found.fields.get(path or "")
    rights = reaching(record, entry, caller, regime) if entry else []
    usual = found.collect.purposes or regime.purposes
    purposes = {purpose for right in rights for purpose in right.purposes or usual}
    return entry is not None and any(not lawful.unlawful(record, regime, one, entry.part) for one in sorted(purposes))


def plain(name: str) -> str:
    """A name without spelling: one script, no case, no signs, no legal form."""
    text = simplified(unicodedata.normalize("NFKC", name)).casefold()
    bare = "".join(sign for sign in text if sign.isalnum())
    short = FORMS.sub("", bare)
    return short if len(short) >= SHORTEST else bare


def token_of(found: RecordClass, values: Values, blind: Blind) -> bytes | None:
    """The blind token of the customer's plain name; None where the record names none."""
    if found.subject is None or found.kind != "dossier" or found.subject not in values:
        return None
    return blind.token(NAME, plain(values[found.subject]))
