"""The envelope: what was sealed opens only where it belongs, and only if not one bit was changed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.envelope import PartContext, SealedPart, named, open_field, open_mask, open_part, seal_part
from vault.framing import framed
from vault.refusals import SealBroken

DEK = bytes(range(32))
HERE = PartContext("0192f0c1-0000-7000-8000-000000000001", "contact", 3)
VALUES = {"mobile": b"13800138000", "phone": b"13800138000", "note": b""}
MASKS = {"mobile": b"138****8000"}
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def test_values_and_masks_come_back():
    opened = open_part(DEK, HERE, seal_part(DEK, HERE, VALUES, MASKS).packed)

    assert {name: opened.value(name) for name in opened.fields} == VALUES
    assert {name: opened.mask(name) for name in opened.masked} == MASKS


def test_a_header_names_the_fields_that_have_a_value_without_a_key():
    assert named(seal_part(DEK, HERE, VALUES, MASKS).packed) == [*VALUES]


def test_every_bit_flip_is_refused():
    blob = seal_part(DEK, HERE, VALUES, MASKS).packed

    accepted = [bit for bit in range(len(blob) * 8) if _opens(_flipped(blob, bit), HERE)]

    assert accepted == []


def test_every_cut_and_every_extra_byte_is_refused():
    blob = seal_part(DEK, HERE, VALUES, MASKS).packed

    assert not any(_opens(blob[:size], HERE) for size in range(len(blob)))
    assert not _opens(blob + b"\0", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        PartContext("0192f0c1-0000-7000-8000-000000000002", "contact", 3),
        PartContext(HERE.record, "basic", 3),
        PartContext(HERE.record, "contact", 4),
        PartContext(HERE.record + "c", "ontact", 3),
    ],
)
def test_a_part_does_not_open_for_another_record_part_or_version(elsewhere):
    sealed = seal_part(DEK, HERE, VALUES)

    with pytest.raises(SealBroken):
        open_part(DEK, elsewhere, sealed)


def test_values_of_two_fields_cannot_change_places():
    """
    Both values are equal in length and content: only the field in the context tells them apart.
    """
    sealed = seal_part(DEK, HERE, {"mobile": b"13800138000", "phone": b"13800138000"})
    half = len(sealed.body) // 2
    swapped = SealedPart(sealed.header, sealed.body[half:] + sealed.body[:half])

    for field in ("mobile", "phone"):
        with pytest.raises(SealBroken):
            open_field(DEK, HERE, swapped, field)


def test_a_value_cannot_be_passed_off_as_a_mask():
    """
    A value in a mask's place would be shown to people who may see masks only.
    """
    sealed = seal_part(DEK, HERE, {"mobile": b"13800138000"}, {"mobile": b"138****8000"})
    half = len(sealed.body) // 2
    swapped = SealedPart(sealed.header, sealed.body[half:] + sealed.body[:half])
    renamed = SealedPart(sealed.header.replace(b"mobilev", b"mobilem", 1), sealed.body)

    for forged in (swapped, renamed):
        with pytest.raises(SealBroken):
            open_mask(DEK, HERE, forged, "mobile")


def test_a_value_of_another_sealing_of_the_same_place_is_refused():
    old, new = (seal_part(DEK, HERE, {"mobile": raw}) for raw in (b"13800138000", b"13900139000"))

    with pytest.raises(SealBroken):
        open_field(DEK, HERE, SealedPart(new.header, old.body), "mobile")


def test_opening_one_field_does_not_touch_the_others():
    sealed = seal_part(DEK, HERE, {"mobile": b"13800138000", "phone": b"01012345678"})
    broken = SealedPart(sealed.header, sealed.body[:-1] + bytes([sealed.body[-1] ^ 1]))

    assert open_field(DEK, HERE, broken, "mobile") == b"13800138000"
    with pytest.raises(SealBroken):
        open_field(DEK, HERE, broken, "phone")


def test_another_key_and_an_unknown_field_get_the_same_answer():
    sealed = seal_part(DEK, HERE, VALUES)
    with pytest.raises(SealBroken) as wrong_key:
        open_part(bytes(32), HERE, sealed)
    with pytest.raises(SealBroken) as wrong_field:
        open_field(DEK, HERE, sealed, "email")

    assert wrong_key.value.args == wrong_field.value.args


def test_the_same_values_never_look_the_same():
    first, second = (seal_part(DEK, HERE, VALUES) for _ in range(2))

    assert first.body != second.body
    assert first.header[1:65] != second.header[1:65]


@given(
    st.dictionaries(NAMES, st.binary(max_size=40), max_size=6),
    st.dictionaries(NAMES, st.binary(max_size=9), max_size=3),
)
@settings(deadline=None, max_examples=60)
def test_whatever_is_sealed_opens_again(values, masks):
    opened = open_part(DEK, HERE, seal_part(DEK, HERE, values, masks).packed)

    assert {name: opened.value(name) for name in opened.fields} == values
    assert {name: opened.mask(name) for name in opened.masked} == masks


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_rubbish_is_refused_and_never_crashes(blob):
    assert not _opens(blob, HERE)


@given(st.lists(st.binary(max_size=6), max_size=5), st.lists(st.binary(max_size=6), max_size=5))
def test_two_different_lists_never_frame_to_the_same_bytes(first, second):
    assert (framed(*first) == framed(*second)) == (first == second)


def _opens(blob, context):
    """True when every value and mask of the blob opens, and they are all there."""
    try:
        opened = open_part(DEK, context, blob)
        values = [opened.value(name) for name in opened.fields]
        return bool(values + [opened.mask(name) for name in opened.masked])
    except SealBroken:
        return False


def _flipped(blob, bit):
    changed = bytearray(blob)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)
