"""A lower classification that waits in records opens a request, decided by whom the regime names."""

from __future__ import annotations

from pathlib import Path

import pytest

import regimes
from services.approvals import opening
from services.approvals.people.organisation import canonical_text
from services.approvals.rulebook import rulebook_of
from tests.unit.approvals.given import NOON, proving

ROOT = Path(__file__).resolve().parents[3]

DATA = {
    **{"class": "company.customer", "state": "active", "level": "highly_sensitive", "department": "service"},
    **{"responsible": "zheng", "creator": "zheng", "record_version": 3, "schemes": {"importance": "important"}},
    **{"downgrade": "d-1", "scheme": "level", "before": "highly_sensitive", "value": "sensitive", "by": "zheng"},
}
EVENT = {"id": "e-1", "record": "r-1", "actor": "zheng", "data": DATA}


@pytest.mark.covers("Q-100")
def test_a_downgrade_asks_the_head_of_the_records_department():
    regime = regimes.load("hengtong", ROOT / "demo" / "regimes")
    book = rulebook_of(regime.text, canonical_text((ROOT / "demo" / "organisation.yaml").read_text()))

    request, raised = opening.downgrade(EVENT).open(book, proving(book), NOON)

    assert (request.kind, request.subject.about, request.subject.id, request.state) == (
        "downgrade", "downgrade", "d-1", "pending")  # fmt: skip
    assert request.awaited and "zheng" not in request.awaited
    assert not request.ends_in_grant and raised.record == "r-1"


def test_conditions_of_a_request_may_read_the_schemes_of_its_record():
    assert opening.downgrade(EVENT).envelope["importance"] == "important"
