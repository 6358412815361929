"""A consent as a proof, on both databases: only one that is in force, to the purpose, and explicit enough."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from regimes import Regime
from tests.service.given_records import Suite, code_of
from tests.service.test_records_consents import CARE, HOUSE, STAY, guest, receipt_of, says, takes_back

OWN = {**STAY, "kind": "own"}
EXPRESS = {**STAY, "kind": "express"}
AGENCY = {"origin": "provider", "channel": "agency", "provider": "01a201fd-2e6c-7b97-8346-7f7e3d00d09b"}


@pytest.fixture
def house(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """A guest house where no record is valid, and nothing is taken from agencies, without an express consent."""
    merged = copy.deepcopy(HOUSE.merged)
    merged["classes"]["house.guest"]["states"] = {"active": {"needs": [{"consent": "express"}]}}
    merged["classes"]["house.guest"]["collect"]["channels"]["agency"] = {"needs": [{"consent": "express"}]}
    monkeypatch.setattr("tests.service.given_records.REGIME", Regime(merged))
    return suite


def unmet(house: Suite, record: str, kind: str, purpose: str | None = None) -> list[str]:
    """Which consents approvals is told are lacking."""
    asked: dict[str, Any] = {"record": record, "person": "zheng", "needs": [{"consent": kind}], "purpose": purpose}
    return list(house.calls(None, "unmet", asked)["unmet"])


@pytest.mark.covers("Q-011", "Q-304")
def test_a_record_becomes_valid_only_by_a_consent_as_explicit_as_the_state_needs(house: Suite) -> None:
    record = guest(house, STAY)
    assert house.store.record(record).state == "pending"

    says(house, record, EXPRESS)

    assert house.store.record(record).state == "active" and house.told("records.activated")
    assert house.store.record(guest(house, OWN)).state == "active"


@pytest.mark.covers("Q-011", "Q-016")
def test_agreeing_to_an_optional_purpose_is_no_consent_to_what_the_record_lives_by(house: Suite) -> None:
    assert house.store.record(guest(house, STAY, CARE)).state == "pending"


@pytest.mark.covers("Q-016", "Q-304")
def test_a_request_is_proved_by_a_consent_to_its_own_purpose(house: Suite) -> None:
    record = guest(house, STAY, CARE)

    assert unmet(house, record, "express", "care") == []
    assert unmet(house, record, "own", "care") == ["consent own"]
    assert unmet(house, record, "express", "stay") == ["consent express"]
    assert unmet(house, record, "simple", "stay") == unmet(house, record, "simple") == []
    assert unmet(house, record, "simple", "bill") == ["consent simple"]


@pytest.mark.covers("Q-013", "Q-304")
def test_a_consent_that_was_taken_back_or_given_anew_counts_as_it_was_said_last(house: Suite) -> None:
    record = guest(house, STAY, CARE)

    takes_back(house, record, receipt_of(house, record, "care"))
    assert unmet(house, record, "simple", "care") == ["consent simple"]

    says(house, record, EXPRESS)
    assert unmet(house, record, "express", "stay") == []
    says(house, record, STAY)
    assert unmet(house, record, "express", "stay") == ["consent express"]


@pytest.mark.covers("Q-013", "Q-016")
def test_what_belongs_to_a_record_is_proved_by_the_consents_to_that_record(house: Suite) -> None:
    record = guest(house, EXPRESS, CARE)
    visit = {"class": "house.visit", "about": record, "fields": {"visit.wish": "a quiet room"}}

    below = house.calls("zheng", "create", visit)["id"]

    assert unmet(house, below, "express", "stay") == []
    assert unmet(house, below, "own", "stay") == ["consent own"]
    takes_back(house, record, receipt_of(house, record, "care"))
    assert unmet(house, below, "express", "care") == ["consent express"]


@pytest.mark.covers("Q-011", "Q-022")
def test_a_channel_is_proved_by_a_consent_that_is_as_explicit_or_more_and_not_to_an_optional_purpose(
    house: Suite,
) -> None:
    assert house.store.record(guest(house, OWN, collection=AGENCY)).state == "active"
    assert code_of(guest, house, STAY, collection=AGENCY) == "needs.missing"
    assert code_of(guest, house, STAY, CARE, collection=AGENCY) == "needs.missing"
