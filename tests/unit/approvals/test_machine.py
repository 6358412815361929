"""Any history of decisions: nobody in two roles that are kept apart, nothing settled twice, nothing stuck."""

from __future__ import annotations

from collections import Counter
from datetime import date

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chassis.errors import Forbidden, Refused
from services.approvals.chain import Seat, Step
from services.approvals.model import Request
from services.approvals.people.model import StandIn
from tests.unit.approvals.given import NOON, a_request, person

PEOPLE = ("sun", "liu", "wu", "gao", "wang", "he")
names = st.sampled_from(PEOPLE)
seats = st.frozensets(names, min_size=1, max_size=4).map(Seat)
steps = st.lists(seats, min_size=1, max_size=3).map(lambda found: Step(tuple(found)))
DAY = date(2026, 10, 12)


class Decisions(RuleBasedStateMachine):
    """People try everything at any time; what the model lets through must hold."""

    request: Request | None = None

    @initialize(chain=st.lists(steps, max_size=3), raiser=names, creator=st.none() | names)
    def raise_it(self, chain: list[Step], raiser: str, creator: str | None) -> None:
        self.settled: tuple[str, int] | None = None
        request = a_request(*chain, raised_by=raiser, creator=creator)
        try:
            request.open(NOON)
        except Forbidden as refusal:
            assert refusal.code == "approvals.no_decider"
            return
        self.request = request
        self.remember()

    @rule(who=names, decision=st.sampled_from(["approve", "approve", "approve", "reject"]), principal=st.none() | names)
    def decide(self, who: str, decision: str, principal: str | None) -> None:
        if self.request is None:
            return
        stands_in = (StandIn(principal, who, DAY, DAY),) if principal else ()
        try:
            self.request.decide(person(who), decision, "a good reason", stands_in, NOON)
        except Refused:
            pass
        self.remember()

    @rule(who=names)
    def withdraw(self, who: str) -> None:
        if self.request is None:
            return
        try:
            self.request.withdraw(person(who), NOON)
        except Refused:
            pass
        else:
            assert who == self.request.raised_by
        self.remember()

    def remember(self) -> None:
        now = (self.request.state, len(self.request.decisions))
        assert self.settled in (None, now), "a settled request was moved"
        self.settled = now if self.request.state != "pending" else None

    @invariant()
    def nobody_is_in_two_roles(self) -> None:
        if self.request:
            voices = Counter(p for d in self.request.decisions for p in {d.by, d.acting_for})
            assert not set(voices) & self.request.kept_apart
            assert all(count == 1 for count in voices.values())

    @invariant()
    def a_pending_request_can_be_decided_by_somebody(self) -> None:
        if self.request and self.request.state == "pending" and not self.any_stand_in():
            assert self.request.awaited, "nobody could ever finish this request"

    @invariant()
    def approved_means_that_every_seat_is_filled(self) -> None:
        if self.request and self.request.state == "approved":
            for number, step in enumerate(self.request.ruled.steps):
                given = [d.acting_for for d in self.request.decisions if d.step == number and d.decision == "approve"]
                assert step.complete(given) and len(given) == len(step.seats)

    def any_stand_in(self) -> bool:
        return any(d.by != d.acting_for for d in self.request.decisions)


Decisions.TestCase.settings = settings(max_examples=300, stateful_step_count=15, deadline=None)
TestDecisions = Decisions.TestCase
