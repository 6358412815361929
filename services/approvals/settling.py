"""What follows from a request in one piece of work: it is kept, its grant issued, and everything said once."""

from __future__ import annotations

from chassis.ids import new_id
from services.approvals.events import RequestRaised
from services.approvals.grants import issue
from services.approvals.model import Request
from services.approvals.rulebook import Rulebook
from services.approvals.store import ApprovalWork


def begin(work: ApprovalWork, request: Request, raised: RequestRaised, rulebook: Rulebook) -> None:
    """Keep a new request, settled or not."""
    work.emit(raised)
    _conclude(work, request, rulebook)
    work.add(request)


def go_on(work: ApprovalWork, request: Request, rulebook: Rulebook) -> None:
    """Keep what has changed in a request, and what that leads to."""
    _conclude(work, request, rulebook)
    work.save(request)


def _conclude(work: ApprovalWork, request: Request, rulebook: Rulebook) -> None:
    if request.state == "pending":
        return
    if request.ends_in_grant:
        _grant(work, request, rulebook)
    work.emit(request.settled())


def _grant(work: ApprovalWork, request: Request, rulebook: Rulebook) -> None:
    terms = request.ruled.grant or {}
    holders = terms.get("to") or [request.raised_by]
    end = rulebook.end(request.kind, terms, request.period, work.now)
    # A grant for one use is one grant, also where several could use it.
    for person in holders[:1] if terms.get("once") else holders:
        grant = issue(request, new_id(), person, end, work.signing_key)
        work.add_grant(grant)
        work.emit(grant.issued())
        request.grants += (grant.id,)
