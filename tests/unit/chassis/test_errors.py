"""The five refusals survive the wire with their code, and each stands for one HTTP status."""

from __future__ import annotations

import pickle

import pytest
from nameko.exceptions import deserialize, serialize

from chassis.errors import (
    KINDS,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    Unavailable,
    refusal_of,
    status_of,
    told,
)

FIVE = [(Invalid, 422), (Forbidden, 403), (NotFound, 404), (Conflict, 409), (Unavailable, 503)]


@pytest.mark.parametrize(("kind", "status"), FIVE)
def test_each_refusal_has_its_status_and_survives_every_wire(kind: type[Refused], status: int) -> None:
    refusal = kind("thing.wrong", "why", {"errors": [{"pointer": "/a"}]})

    for again in (refusal_of(told(refusal)), deserialize(serialize(refusal)), pickle.loads(pickle.dumps(refusal))):
        assert type(again) is kind
        assert (again.code, again.detail, again.facts) == ("thing.wrong", "why", {"errors": [{"pointer": "/a"}]})
        assert status_of(again) == status


def test_there_are_five_refusals_and_no_sixth() -> None:
    assert set(KINDS) == {kind.__name__ for kind, _ in FIVE}


@pytest.mark.parametrize(
    ("code", "status"), [("record.stale", 412), ("record.destroyed", 410), ("precondition.missing", 428)]
)
def test_some_codes_have_a_status_of_their_own(code: str, status: int) -> None:
    assert status_of(Conflict(code)) == status


def test_of_any_other_failure_the_caller_learns_only_that_it_happened() -> None:
    said = told(ValueError("the customer's name is canary"))

    assert "canary" not in str(said)
    assert refusal_of(said).code == "service.failed"


def test_a_refusal_of_a_kind_unknown_here_is_taken_for_unavailable() -> None:
    assert type(refusal_of({"kind": "Teapot", "args": ["a.b", "", {}]})) is Unavailable
