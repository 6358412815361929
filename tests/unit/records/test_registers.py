"""The rules of entries, alone: who signs next, what a digest covers, in which order a contents list stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chassis.actor import Actor
from chassis.errors import Refused
from services.records.registers.model import Entry, Signature, digest
from services.records.registers.ordering import ordered
from tests.unit.records.given import COMPANY, REGIME, a_record

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
SLIP = replace(COMPANY, name="slip", kind="register", signed_by=({"person": "applicant"}, {"role": "archivist"}))
SUN = Actor("sun", department="sales", roles=frozenset({"employee"}))
HE = Actor("he", department="office", roles=frozenset({"employee", "archivist"}))


def an_entry(**given):
    return Entry(a_record(state="draft", creator="sun", version=1), replace(SLIP, **given))


def signed_by(entry, actor, version=1):
    signature = Signature("s", len(entry.signatures), str(actor.person), version, "d", NOON)
    return entry.sign(signature, actor, REGIME)


def code_of(call, *args):
    with pytest.raises(Refused) as refusal:
        call(*args)
    return refusal.value.code


def test_signatures_come_in_their_order_and_nobody_gives_two():
    entry = an_entry()

    assert code_of(signed_by, entry, HE) == "entry.not_yours"
    assert signed_by(entry, SUN).left == 1
    assert code_of(signed_by, entry, SUN) == "entry.signed_twice"
    assert signed_by(entry, HE).left == 0
    assert code_of(signed_by, entry, HE) == "entry.signed"


def test_an_archivist_who_brings_a_slip_does_not_sign_it_for_both():
    """
    Two signatures are two people's, whatever roles the first one holds.
    """
    entry = an_entry()
    entry.record.creator = "he"

    signed_by(entry, HE)
    assert code_of(signed_by, entry, HE) == "entry.signed_twice"


def test_an_entry_is_signed_as_it_was_read():
    assert code_of(signed_by, an_entry(), SUN, 7) == "record.stale"


def test_whom_training_is_about_signs_it_and_a_field_may_name_who_does():
    about = an_entry(about="person", signed_by=({"person": "subject"},))
    about.record.about = "sun"
    assert about.next_is(SUN, REGIME) and not about.next_is(HE, REGIME)

    named = an_entry(signed_by=({"person": "region"},))
    named.record.facets = {"basic.region": "he"}
    assert named.next_is(HE, REGIME) and not named.next_is(SUN, REGIME)


def test_an_edit_voids_what_was_signed_and_does_nothing_where_nobody_signed():
    entry = an_entry()
    assert entry.reopen() is None

    signed_by(entry, SUN)
    assert entry.reopen().voided == ["sun"] and entry.left == 2


def test_a_digest_covers_the_entry_every_part_its_version_and_its_ciphertext():
    parts = [("form", 1, b"sealed"), ("other", 2, b"more")]
    known = digest("e-1", parts)

    assert known == digest("e-1", reversed(parts))
    others = [
        digest("e-2", parts),
        digest("e-1", parts[:1]),
        digest("e-1", [("form", 2, b"sealed"), parts[1]]),
        digest("e-1", [("form", 1, b"Sealed"), parts[1]]),
    ]
    assert known not in others and len({*others}) == 4


@pytest.mark.covers("Q-079", "Q-082")
@pytest.mark.parametrize(
    ("order", "wanted"),
    [("newest_first", "cabd"), ("oldest_first", "bacd"), ("by_page", "badc")],
)
def test_a_contents_list_stands_by_day_or_by_page_and_what_has_neither_comes_last(order, wanted):
    items = {"a": ("2025-01-01", "10"), "b": ("2024-01-01", "9"), "c": ("2026-01-01", None), "d": (None, "11")}

    found = ordered(items, order, page=lambda one: items[one][1], day=lambda one: items[one][0])

    assert "".join(found) == wanted
