"""The certificate: verifiable by a stranger, false in nothing."""

from __future__ import annotations

import copy

import pytest

from chassis.errors import Conflict
from gateway.certificates import Telling
from services.retention.disposal.certificate import draw_up, sign, verify_certificate
from services.retention.disposal.execution import REASONS
from tests.unit.retention.given import NOON, PROOF, SIGNER, an_executed_list, an_executing_list

KEY = SIGNER.public_key()


def a_certificate():
    return sign(draw_up(an_executed_list()), SIGNER)


def test_a_certificate_verifies_with_nothing_but_the_key():
    assert verify_certificate(a_certificate(), KEY.public_bytes_raw()) == []


def test_a_certificate_names_keys_copies_attempt_people_times_hash_and_regime():
    certificate = a_certificate()

    first = certificate["records"][0]
    assert first["key_fingerprints"] and first["copies"]["tokens"] == "destroyed" and first["attempt"]["failed"]
    assert [approval["person"] for approval in certificate["approvals"]] == ["wu", "gao"]
    assert (certificate["witness"]["person"], certificate["executor"]) == ("ma", "he")
    assert certificate["list_hash"] == an_executed_list().hash and certificate["regime"] == "0" * 64
    assert all(certificate["times"].values())


@pytest.mark.parametrize(
    ("copies", "stub"), [("kept", []), ("none", ["car.vin"]), ("deleted", ["car.vin"]), (None, ["car.vin"])]
)
def test_a_certificate_names_what_stays_and_never_hides_it(copies, stub):
    disposal = an_executed_list()
    proof = {**PROOF, "copies": {**PROOF["copies"], "stub": "kept"}, "stub": ["car.vin"]}
    disposal.items[0].evidence = proof

    certificate = sign(draw_up(disposal), SIGNER)
    assert certificate["records"][0]["stub"] == ["car.vin"] and verify_certificate(certificate, KEY) == []

    told = {name: state for name, state in {**proof["copies"], "stub": copies}.items() if state}
    disposal.items[0].evidence = {**proof, "copies": told, "stub": stub}
    with pytest.raises(Conflict) as refusal:
        draw_up(disposal)
    assert refusal.value.code == "certificate.unproven"


def test_a_skipped_record_stands_with_its_reason_and_without_proof():
    disposal = an_executing_list()
    disposal.items[0].destroyed(disposal.id, PROOF, NOON)
    disposal.items[1].skip(disposal.id, "held", NOON)
    disposal.finish(NOON)

    certificate = draw_up(disposal)

    assert certificate["counts"] == {"listed": 2, "destroyed": 1, "skipped": 1}
    assert certificate["records"][1]["reason"] == "held" and "key_fingerprints" not in certificate["records"][1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_page_has_a_name_for_all_that_stands_in_it(language):
    telling = Telling(language)

    assert names_of(a_certificate()) - set(telling.names) == set()
    assert {"executed", "partly_executed", "skipped", *REASONS.values()} - set(telling.words) == set()


def names_of(part):
    """Every member's name, but for the names that stand for parts of records."""
    if isinstance(part, list):
        return set().union(*map(names_of, part))
    if not isinstance(part, dict):
        return set()
    inner = (names_of(value) for name, value in part.items() if name != "key_fingerprints")
    return set(part).union(*inner)


def test_no_certificate_before_the_list_is_finished():
    with pytest.raises(Conflict) as refusal:
        draw_up(an_executing_list())

    assert refusal.value.code == "certificate.not_issued"


def test_no_certificate_for_a_destruction_that_is_not_proved():
    disposal = an_executed_list()
    disposal.items[0].evidence = {**PROOF, "copies": {"keys": "destroyed", "values": "present"}}

    with pytest.raises(Conflict) as refusal:
        draw_up(disposal)

    assert refusal.value.code == "certificate.unproven"


def paths(value, path=()):
    if isinstance(value, dict):
        for name in value:
            yield from paths(value[name], (*path, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from paths(one, (*path, number))
    else:
        yield path


def test_every_changed_value_is_found():
    genuine = a_certificate()

    for path in paths(genuine):
        changed = copy.deepcopy(genuine)
        inside = changed
        for step in path[:-1]:
            inside = inside[step]
        inside[path[-1]] = "another"
        assert verify_certificate(changed, KEY), path


def test_a_signed_lie_is_still_found():
    """
    Who holds the key can sign anything; the statement must also agree with itself.
    """
    statement = draw_up(an_executed_list())
    statement["records"][0]["version"] = 99
    statement["witness"] = {"person": "wu", "at": None}
    statement["counts"]["destroyed"] = 3

    wrong = verify_certificate(sign(statement, SIGNER), KEY)

    assert len(wrong) == 3


@pytest.mark.parametrize("broken", [{}, {"signature": None}, {"signature": {"value": "!"}}])
def test_what_is_no_certificate_is_refused_without_a_crash(broken):
    assert verify_certificate(broken, KEY) == ["the signature does not hold"]
