"""Who is the same person or company: exact identity joins, a likely match is a candidate and no more. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from regimes.model import RecordClass
from services.records.sealing import Values, normalised
from vault.tokens import Blind

CREDIT_CODE, RESIDENT_ID, PHONE_AND_NAME = "credit_code", "resident_id", "phone_and_name"
PROOF = (CREDIT_CODE, RESIDENT_ID)  # of whose kind a party has one only; in the order they are believed
FIELD = "party."  # before the kind, where a record's own tokens are kept
Marks = dict[bytes, str]  # token -> kind


def paths(found: RecordClass) -> list[str]:
    """The fields of a class by which its customer is told: in the part that names him, or where duplicates are."""
    if found.subject is None or found.about is not None:
        return []  # what belongs to a record is about whom that is about
    home = found.subject.split(".")[0]
    near = {path for path, entry in found.fields.items() if entry.part == home or path in found.match}
    wanted = [path for path in found.fields if path in near and found.fields[path].type in (*PROOF, "phone")]
    return [found.subject, *wanted]


def marks(found: RecordClass, values: Values, blind: Blind) -> Marks:
    """The blind marks of whom these values are about: his codes, and his name together with each phone."""
    named, *others = paths(found) or [""]
    made: Marks = {}
    for path in (one for one in others if one in values):
        kind, text = found.fields[path].type, normalised(values[path])
        if kind in PROOF:
            made[blind.token(FIELD + kind, text)] = kind
        elif named in values:
            made[blind.token(FIELD + PHONE_AND_NAME, f"{normalised(values[named])}\x1f{text}")] = PHONE_AND_NAME
    return made


@dataclass
class Registry:
    """What is known of the parties that some marks lead to; filled as new ones are entered."""

    owners: dict[bytes, str] = field(default_factory=dict)  # token -> party
    proofs: dict[str, dict[str, set[bytes]]] = field(default_factory=dict)  # party -> kind -> tokens
    fresh: dict[bytes, tuple[str, str]] = field(default_factory=dict)  # token -> kind and party, not written down yet

    def learn(self, token: bytes, kind: str, party: str) -> None:
        """A mark that leads to a party."""
        self.owners[token] = party
        if kind in PROOF:
            self.proofs.setdefault(party, {}).setdefault(kind, set()).add(token)

    def party_of(self, own: Marks) -> str | None:
        """The party that is exactly this one; None where there is none yet."""
        for kind in PROOF:
            proved = next((self.owners[token] for token in own if own[token] == kind and token in self.owners), None)
            if proved:
                return proved
        likely = {self.owners[token] for token in own if token in self.owners}
        return next((party for party in sorted(likely) if not self._contradicts(party, own)), None)

    def enter(self, new: str, own: Marks) -> str:
        """The party of these marks, or `new`; marks that led nowhere lead to it from now on."""
        party = self.party_of(own) or new
        for token, kind in own.items():
            if token not in self.owners:
                self.learn(token, kind, party)
                self.fresh[token] = (kind, party)
        return party

    def _contradicts(self, party: str, own: Marks) -> bool:
        """Whether a proof of the party's is another one than these marks have."""
        known = self.proofs.get(party, {})
        return any(token not in known[kind] for token, kind in own.items() if kind in known)


def moved(party: str, own: Marks, registry: Registry, others: Mapping[str, Iterable[bytes]]) -> str | None:
    """Whose record it is after its marks changed: the same party's, another's; None = a party of its own.

    `others` are the proofs of the party's other records: a record that proves something else is not theirs.
    """
    proofs = {token: kind for token, kind in own.items() if kind in PROOF}
    proved = registry.party_of(proofs) if proofs else None
    if proved:
        return proved
    strange = any(token not in set(others[kind]) for token, kind in proofs.items() if kind in others)
    return None if strange else party
