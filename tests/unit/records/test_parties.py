"""Who is the same customer: exact identity joins, a likely match is a candidate and no more."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

import regimes
from services.records.parties.model import Registry, marks, moved, paths
from tests.unit.records.given import COMPANY, TRADING
from vault.tokens import Blind

GUEST = regimes.load("house", Path(__file__).parent / "regimes").classes["house.guest"]
BLIND = Blind(b"k" * 32)
LI = {"basic.name": "李雪梅", "contact.mobile": "+8619900001234"}
LI_PROVED = {**LI, "basic.id_number": "110199199003070011"}
SISTER = {**LI, "basic.id_number": "110199199503070013"}  # the same name and phone, another person
MOVED = {"basic.name": "李雪梅", "contact.mobile": "+8619900005678", "basic.id_number": "110199199003070011"}
NAMESAKE = {"basic.name": "李雪梅", "contact.mobile": "+8619900009999"}


def own(values, found=GUEST):
    return marks(found, values, BLIND)


def entered(*people):
    """The parties of people entered one after the other."""
    registry = Registry()
    return [registry.enter(f"s-{number}", own(values)) for number, values in enumerate(people)]


def test_a_customer_is_told_by_codes_and_by_name_with_phone_near_the_name_only():
    assert paths(COMPANY) == ["basic.name", "basic.credit_code", "basic.id_number", "contact.mobile"]
    assert paths(TRADING) == ["basic.name", "basic.credit_code", "basic.id_number"]
    assert sorted(own(LI_PROVED).values()) == ["phone_and_name", "resident_id"]
    assert own({"basic.name": "李雪梅"}) == own({"contact.mobile": "+8619900001234"}) == {}


def test_two_classes_and_two_spellings_lead_to_one_party():
    company = {"basic.name": "星澜贸易有限公司", "basic.credit_code": "91999999700000011T"}
    spelt = {"basic.name": "星澜 贸易有限公司 ", "basic.credit_code": "９1999999700000011t"}

    assert own(company, COMPANY) == own(spelt, TRADING) != {}


@pytest.mark.parametrize(
    ("people", "parties"),
    [
        ((LI, LI), ["s-0", "s-0"]),
        ((LI, LI_PROVED), ["s-0", "s-0"]),
        ((LI_PROVED, MOVED), ["s-0", "s-0"]),
        ((LI_PROVED, SISTER), ["s-0", "s-1"]),
        ((LI_PROVED, SISTER, SISTER, LI_PROVED), ["s-0", "s-1", "s-1", "s-0"]),
        ((LI, NAMESAKE), ["s-0", "s-1"]),
        ((LI, LI_PROVED, SISTER), ["s-0", "s-0", "s-2"]),
        (({"basic.name": "李雪梅"}, {"basic.name": "李雪梅"}), ["s-0", "s-1"]),
    ],
)
def test_exact_identity_joins_and_another_proof_parts(people, parties):
    assert entered(*people) == parties


@pytest.mark.parametrize("order", list(permutations((LI_PROVED, MOVED, NAMESAKE))))
def test_proved_people_are_told_apart_and_together_in_any_order(order):
    party = dict(zip(map(str, order), entered(*order), strict=True))

    assert party[str(LI_PROVED)] == party[str(MOVED)] != party[str(NAMESAKE)]


def registry_of(**parties):
    """What is known of the parties of these values."""
    registry = Registry()
    for name, values in parties.items():
        for token, kind in own(values).items():
            registry.learn(token, kind, name)
    return registry


def proofs(values):
    return {"resident_id": [token for token, kind in own(values).items() if kind == "resident_id"]}


@pytest.mark.parametrize(
    ("after", "known", "beside", "party"),
    [
        (MOVED, {"s-1": LI_PROVED}, {}, "s-1"),  # a new phone: the same customer
        (NAMESAKE, {"s-1": LI}, {}, "s-1"),
        (SISTER, {"s-1": LI_PROVED, "s-2": SISTER}, {}, "s-2"),  # a corrected number is another's: it is his record
        (SISTER, {"s-1": LI_PROVED}, {}, "s-1"),  # nobody else's: a slip of the pen is put right
        (SISTER, {"s-1": LI_PROVED}, proofs(LI_PROVED), None),  # others prove who the party is: this one is not
        (LI, {"s-1": LI_PROVED}, proofs(LI_PROVED), "s-1"),
    ],
)
def test_a_change_moves_a_record_only_where_it_proves_another(after, known, beside, party):
    assert moved("s-1", own(after), registry_of(**known), beside) == party
