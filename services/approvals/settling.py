"""What follows from a request in one piece of work: it is kept, its grant issued, and everything said once."""

from __future__ import annotations

from chassis.ids import new_id
from services.approvals.events import RequestRaised, RightGiven, UseGranted
from services.approvals.grants import Grant, issue
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


def opened(work: ApprovalWork, request: Request, rulebook: Rulebook) -> None:
    """Keep the keeper's word, and issue what it opens."""
    if (request.opening or {}).get("verdict") == "open":
        _grant(work, request, rulebook)
    work.save(request)


def put_into_effect(work: ApprovalWork, under: Grant, request: Request, rulebook: Rulebook) -> Grant:
    """The right that was asked for, as a grant of whoever asked: it exists from now on."""
    end = rulebook.right_ends(request.period, work.now)
    right = issue(request, new_id(), request.raised_by, work.now, end, work.signing_key, str(request.act))
    work.add_grant(right)
    told = RightGiven(request.id, under.id, right.id, right.person, under.person, request.subject.record)
    work.emit(right.issued(), told)
    request.grants += (right.id,)
    work.save(request)
    return right


def _conclude(work: ApprovalWork, request: Request, rulebook: Rulebook) -> None:
    if request.state == "pending":
        return
    if request.ends_in_grant and not request.openers:
        _grant(work, request, rulebook)
    work.emit(request.settled())


def _grant(work: ApprovalWork, request: Request, rulebook: Rulebook) -> None:
    terms = request.ruled.grant or {}
    holders = terms.get("to") or [request.raised_by]
    end = rulebook.end(request.kind, terms, request.period, work.now)
    # A grant for one use is one grant, also where several could use it.
    department = rulebook.applicant(request.raised_by).department
    for person in holders[:1] if terms.get("once") else holders:
        grant = issue(request, new_id(), person, work.now, end, work.signing_key, department=department)
        work.add_grant(grant)
        work.emit(grant.issued(), *_uses(request, grant))
        request.grants += (grant.id,)


def _uses(request: Request, grant: Grant) -> list[UseGranted]:
    """A use is told of every record by itself (Q-117 to Q-122)."""
    records = grant.records if request.kind == "use" else ()
    return [UseGranted(record, request.id, grant.id, grant.person, grant.purpose) for record in records]
