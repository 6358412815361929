"""Chains: steps in order, seats in a step, and whether different people can fill them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Seat:
    """One decision that a step needs: the people of whom one must give it, and the roles they were found by."""

    people: frozenset[str]
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Step:
    """Seats that different people fill, in any order: one (alternatives), several of the same people (quorum), or of
    different ones (jointly)."""

    seats: tuple[Seat, ...]
    act: str = "approve"

    @property
    def people(self) -> frozenset[str]:
        """Everyone who may decide here."""
        return frozenset().union(*(seat.people for seat in self.seats))

    def complete(self, deciders: Iterable[str]) -> bool:
        """Whether these people fill every seat."""
        return filled(self.seats, deciders) == len(self.seats)

    def accepts(self, person: str, deciders: Iterable[str]) -> bool:
        """Whether this person fills a seat that these people leave open."""
        already = frozenset(deciders)
        return filled(self.seats, already | {person}) > filled(self.seats, already)

    def shown(self) -> dict[str, Any]:
        """The step as events and answers show it."""
        return {"act": self.act, "needed": len(self.seats), "deciders": sorted(self.people)}

    def kept(self) -> dict[str, Any]:
        """The step as it is copied into the request."""
        seats = [{"people": sorted(seat.people), "roles": sorted(seat.roles)} for seat in self.seats]
        return {"act": self.act, "seats": seats}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Step:
        """The step that `kept` wrote."""
        seats = (Seat(frozenset(seat["people"]), frozenset(seat["roles"])) for seat in kept["seats"])
        return cls(tuple(seats), kept["act"])


def filled(seats: Iterable[Seat], people: Iterable[str]) -> int:
    """How many of these seats these people can fill at most, each person one (bipartite matching)."""
    seats, holder = tuple(seats), dict[int, str]()

    def seat_for(person: str, tried: set[int]) -> bool:
        for number, seat in enumerate(seats):
            if person not in seat.people or number in tried:
                continue
            tried.add(number)
            if number not in holder or seat_for(holder[number], tried):
                holder[number] = person
                return True
        return False

    return sum(seat_for(person, set()) for person in sorted(set(people)))


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The chain: a seat that only one person can fill is filled once, at the first step that has it."""
    kept: list[Step] = []
    alone: set[frozenset[str]] = set()
    for step in steps:
        seats = tuple(seat for seat in step.seats if seat.people not in alone)
        alone |= {seat.people for seat in seats if len(seat.people) == 1}
        if seats:
            kept.append(Step(seats, step.act))
    return tuple(kept)


def joined(chains: Iterable[Iterable[Step]]) -> tuple[Step, ...]:
    """The chains of several rules as one, without the steps that a step of another rule says no less than.

    Rules add up, and the word of the head alone says no less than that of the head or somebody else.
    """
    chains = [tuple(chain) for chain in chains]
    kept = []
    for number, chain in enumerate(chains):
        others = [step for other, steps in enumerate(chains) if other != number for step in steps]
        kept += [step for step in chain if not any(_says_no_less(other, step) for other in others)]
    return in_order(kept)


def _says_no_less(other: Step, step: Step) -> bool:
    alone = len(step.seats) == 1 and len(other.seats) == 1
    return alone and other.people < step.people


def can_be_filled(
    steps: Iterable[Step], without: Iterable[str] = (), given: Mapping[int, frozenset[str]] | None = None
) -> bool:
    """Whether different people, none of them among `without`, can fill every seat of all these steps.

    `given` holds, by number of the step, the people who have filled a seat there already.
    """
    barred, done = frozenset(without), given or {}
    seats = [
        Seat((seat.people - barred) | (seat.people & done.get(number, frozenset())))
        for number, step in enumerate(steps)
        for seat in step.seats
    ]
    return filled(seats, frozenset().union(*(seat.people for seat in seats))) == len(seats)
