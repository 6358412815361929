"""The organisation in force: its people, and who stands in for whom on which day. No I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from hashlib import sha256

from chassis import codec
from chassis.errors import Invalid
from regimes import organisation
from regimes.people import Delegation, Organisation
from regimes.reading import read_text
from services.approvals.events import OrganisationLoaded
from services.approvals.people.model import StandIn


def canonical_text(text: str) -> str:
    """The file in the one form that is kept and hashed; refused when it contradicts itself."""
    kept = codec.canonical(read_text(text.encode(), "organisation")).decode()
    staff_of(kept)
    return kept


def digest_of(text: str) -> str:
    """The digest of a canonical text."""
    return sha256(text.encode()).hexdigest()


class Staff:
    """The people of one organisation file."""

    def __init__(self, name: str, built: Organisation) -> None:
        self.name = name
        # Chains are resolved without stand-ins: who stands in for a decider is looked up on the day he decides.
        self.organisation = replace(built, delegations=())
        self.stand_ins = tuple(_stand_in(one) for one in built.delegations)

    def acting(self, person: str | None, on: date) -> tuple[StandIn, ...]:
        """Whom this person stands in for on this day."""
        return tuple(one for one in self.stand_ins if one.person == person and one.holds(on))

    def roles_of(self, person: str, on: date) -> frozenset[str]:
        """What this person holds on this day, in his own right and for others."""
        return self.organisation.roles_of(person) | {role for one in self.acting(person, on) for role in one.roles}

    def loaded(self, digest: str) -> OrganisationLoaded:
        """The fact that this is in force."""
        return OrganisationLoaded(digest, self.name)


@lru_cache(maxsize=8)
def staff_of(text: str) -> Staff:
    """The staff of a canonical text."""
    document = codec.loads(text)
    return Staff(document.get("organisation", ""), organisation.build(document))


def _stand_in(one: Delegation) -> StandIn:
    try:
        first, last = date.fromisoformat(one.first), date.fromisoformat(one.last)
    except ValueError:
        raise Invalid("organisation.invalid", "delegations: first and last are days, YYYY-MM-DD") from None
    return StandIn(one.giver, one.receiver, first, last, frozenset(one.roles))
