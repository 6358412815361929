"""Which records are likely the same customer's: by what the class matches exactly, and by the plain name. No I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.actor import Actor
from chassis.errors import Conflict
from regimes import Regime
from regimes.model import RecordClass
from regimes.oddities import simplified
from services.records.model import Record
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
    """A record that is likely the same customer's; `fields` match exactly, without any only the name does."""

    record: Record
    fields: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """What somebody who may know of it is shown."""
        known = {"record": self.record.id, "number": self.record.number, "state": self.record.state}
        return {**known, "exact": bool(self.fields), "fields": [*self.fields]}


@dataclass(frozen=True)
class Lookalikes:
    """Those that one caller may know of, and how many more there are."""

    seen: list[Alike] = field(default_factory=list)
    unseen: int = 0

    @classmethod
    def of(cls, found: Sequence[Alike], caller: Actor, regime: Regime) -> Lookalikes:
        """Split by what the caller may know."""
        seen = [one for one in found if _known(one.record, caller, regime)]
        return cls(seen, len(found) - len(seen))

    def refuse(self, accepted: Mapping[str, Any] | None) -> None:
        """Refuse to save beside them, unless somebody says why and names each that he was told of."""
        named = set((accepted or {}).get("of", ()))
        left = [one for one in self.seen if named.isdisjoint({one.record.id, one.record.number})]
        if left or (self.unseen and not accepted):
            told = {"candidates": [one.told() for one in self.seen], "unseen": self.unseen}
            raise Conflict("record.likely_duplicate", "likely the same customer; say why if it is another one", told)

    def __bool__(self) -> bool:
        return bool(self.seen or self.unseen)


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


def _known(record: Record, caller: Actor, regime: Regime) -> bool:
    envelope = record.envelope()
    return any(regime.right(caller, action, envelope) for action in ("view", "event", "change"))
