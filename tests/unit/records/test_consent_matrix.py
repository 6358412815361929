"""Purpose by consent by field by caller: what the customer agreed to decides, whatever right somebody holds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

import regimes
from chassis.actor import Actor
from chassis.errors import Conflict, Forbidden
from services.records.consents import lawful
from services.records.consents.model import Consent
from services.records.reading import Seen
from tests.unit.records.given import NOON, PEOPLE, a_grant, a_record

HOUSE = regimes.load("house", Path(__file__).parent / "regimes")
GUEST = HOUSE.classes["house.guest"]
CALLERS = {**{name: PEOPLE[name] for name in ("zheng", "wu", "he", "sun")},
           "granted": Actor("li", "li", "finance", frozenset({"employee"}))}  # fmt: skip
PURPOSES = ("stay", "care", "bill", "rescue", "archive_use")
FIELDS = ("basic.name", "basic.id_number", "contact.mobile", "contact.city", "analysis.habits", "desk_notes.notes",
          "credit.grade")  # fmt: skip
# What the customer said, one after the other, of staying (s) and of care (c): + given, - withdrawn, x refused.
ANSWERS = (
    "",
    "s+",
    "c+",
    "cx",
    "s+ c+",
    "s+ cx",
    "s+ cx c+",
    "s+ s-",
    "s+ c+ s-",
    "s+ c+ c-",
    "s+ c+ c- c+",
    "sx c+",
    "c+ c- cx",
)
NAMED = ({}, {"bill": "named"})
WORDS = {"+": "given", "-": "withdrawn", "x": "refused"}

# ------------------------------------------------------------------------------------------- the oracle, 58 lines
COVERS = {
    "stay": {"basic", "contact", "desk_notes"},
    "bill": {"basic", "contact"},
    "care": {"basic", "contact", "analysis"},
}
LOW = {"basic.name", "contact.city"}  # everybody sees these of an active record
HIGHEST = {"basic.id_number"}  # beyond the archivist
ASK = {"stay", "care"}  # purposes that stand on the customer's word


@dataclass
class Said:
    """What a customer has said, read word by word."""

    words: str

    def last(self, purpose):
        """The last word about a purpose."""
        mine = [word[1] for word in self.words.split() if word[0] == purpose[0]]
        return mine[-1] if mine else None

    def stands(self, purpose, named):
        """(True, None), or why the purpose does not stand."""
        if purpose in ASK:
            word = self.last(purpose)
            code = {None: "consent.missing", "-": "consent.withdrawn", "x": "consent.refused", "+": None}[word]
            return code is None, code
        if purpose == "bill" and "bill" not in named:
            return False, "purpose.not_collected"
        return True, None


def reaches(caller, field):
    """Whether the caller's own right goes as far as the field."""
    if field in LOW:
        return True
    if caller == "granted":
        return True
    if caller == "sun":
        return field == "analysis.habits"
    return caller in ("zheng", "wu") or field not in HIGHEST


def oracle(purpose, said, named, field, caller):
    """(shown, code) by the regime's own words: kept for care, asked for, covered, then rights."""
    part = field.split(".")[0]
    if part == "analysis" and purpose != "care":
        stands, code = said.stands("care", named)
        if not stands:
            return "withheld", code
        return "withheld", "purpose.scope"  # kept for care only
    if purpose in COVERS and part not in COVERS[purpose]:
        return "withheld", "purpose.scope"
    stands, code = said.stands(purpose, named)
    if not stands:
        return "withheld", code
    return ("clear", None) if reaches(caller, field) else ("closed", "right.missing")


# ----------------------------------------------------------------------------------------------------------------


def a_guest(words, named):
    """A guest who said this, each answer taken by the rules themselves."""
    record = a_record(class_="house.guest", purposes=dict(named), regime=HOUSE.digest, origin="customer")
    for number, word in enumerate(words.split()):
        purpose = {"s": "stay", "c": "care"}[word[0]]
        told = ("express", "2026-1", "counter", f"n-{number - 1}" if word[1] == "-" else None)
        Consent(f"n-{number}", purpose, WORDS[word[1]], *told).take_effect(record)
    return record


def cell(verdict):
    """A verdict as the oracle speaks: masked or withheld for want of a right is closed."""
    if verdict.code in ("right.missing", "grant.scope"):
        return "closed", "right.missing"
    return verdict.state, verdict.code


@pytest.mark.covers("Q-011", "Q-012", "Q-013", "Q-015", "Q-016", "Q-017")
@pytest.mark.parametrize(("caller", "purpose"), list(product(CALLERS, PURPOSES)))
def test_every_cell_is_what_the_customer_agreed_to(caller, purpose):
    """
    Consent gates the use: no right and no grant opens what the customer did not agree to.
    """
    wrong = []
    for words, named in product(ANSWERS, NAMED):
        record = a_guest(words, named)
        grants = [a_grant(person="li", purpose=purpose)] if caller == "granted" else []
        reading = Seen(record, {}, grants).decide(CALLERS[caller], list(FIELDS), purpose, HOUSE, NOON)
        for field, verdict in zip(FIELDS, reading.verdicts, strict=True):
            expected = oracle(purpose, Said(words), named, field, caller)
            if cell(verdict) != expected:
                wrong.append((words, named, field, cell(verdict), expected))

    assert wrong == []


@pytest.mark.covers("Q-012", "Q-015")
def test_a_field_of_a_shut_part_names_the_consent_and_the_right_that_are_missing():
    """
    Both are named: with the consent alone this caller would still see nothing.
    """
    guest = a_guest("s+", {})

    def told(caller):
        [verdict] = Seen(guest, {}).decide(CALLERS[caller], ["analysis.habits"], "care", HOUSE, NOON).verdicts
        return verdict.code, verdict.also

    assert told("sun") == ("consent.missing", None)
    assert (
        Seen(guest, {}).decide(CALLERS["he"], ["basic.id_number"], "care", HOUSE, NOON).verdicts[0].also
        == "right.missing"
    )


@pytest.mark.covers("Q-023", "Q-024")
@pytest.mark.parametrize(
    ("words", "purpose", "origin", "code"),
    [
        ("s+", "stay", "customer", None),
        ("s+", "stay", None, "source.missing"),
        ("", "stay", "customer", "consent.missing"),
        ("s+ s-", "stay", "customer", "consent.withdrawn"),
        ("cx", "care", "customer", "consent.refused"),
        ("", "bill", "customer", "purpose.not_collected"),
        ("", "rescue", "customer", None),
        ("", "rescue", None, "source.missing"),
    ],
)
def test_an_attempt_at_an_unlawful_use_is_a_fact_that_somebody_answers_for(words, purpose, origin, code):
    record = a_guest(words, {})
    record.origin = origin

    refused = Seen(record, {}).decide(CALLERS["zheng"], None, purpose, HOUSE, NOON).refused

    assert (refused and (refused.code, refused.used_for, refused.record)) == (code and (code, purpose, "r-1"))


@pytest.mark.covers("Q-012")
def test_a_refusal_ends_nothing_and_a_withdrawal_ends_no_refusal():
    record = a_guest("s+ cx", {})

    for state, purpose, code in (("refused", "stay", "consent.given"), ("withdrawn", "care", "consent.not_given")):
        with pytest.raises(Conflict) as refusal:
            Consent("n-9", purpose, state, "express", "2026-1", "counter").take_effect(record)
        assert refusal.value.code == code
    assert record.purposes == {"stay": "given", "care": "refused"}


@pytest.mark.covers("Q-009")
def test_a_record_that_stands_for_nothing_goes_no_further():
    for words, named, stands in (
        ("", {}, False),
        ("sx", {}, False),
        ("s+ s-", {}, False),
        ("s+ s-", {"bill": "named"}, True),
    ):
        record = a_guest(words, named)
        assert lawful.stands(record, GUEST) is stands
    with pytest.raises(Forbidden) as refusal:
        lawful.refuse_baseless(a_guest("cx", {}), GUEST)
    assert refusal.value.code == "purpose.missing"
