"""Blind tokens: equal means equal, and nothing else can be told from them."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.framing import framed
from vault.tokens import REMEMBERED, Blind

KEY = bytes(range(32))


def test_equal_values_of_one_field_class_give_equal_tokens():
    assert Blind(KEY).token("phone", "+8613800138000") == Blind(KEY).token("phone", "+8613800138000")
    assert len(Blind(KEY).token("phone", "+8613800138000")) == 16


@pytest.mark.parametrize(
    ("key", "field_class", "value"), [(KEY, "phone", "2"), (KEY, "fax", "1"), (bytes(32), "phone", "1")]
)
def test_another_value_field_class_or_key_gives_another_token(key, field_class, value):
    assert Blind(key).token(field_class, value) != Blind(KEY).token("phone", "1")


def test_field_class_and_value_cannot_slide_into_each_other():
    assert Blind(KEY).token("phone", "1") != Blind(KEY).token("phon", "e1")


def test_a_token_is_a_keyed_hash_as_documented():
    expected = hmac.new(KEY, framed("muniment.token", "phone", "张伟"), hashlib.sha256).digest()[:16]

    assert Blind(KEY).token("phone", "张伟") == expected


def test_a_short_index_key_is_refused():
    with pytest.raises(ValueError):
        Blind(b"short")


def test_the_primitives_give_the_published_vectors():
    """
    RFC 4231 case 2 and RFC 5869 case 1: the library under us is what it says it is.
    """
    mac = hmac.new(b"Jefe", b"what do ya want for nothing?", hashlib.sha256).hexdigest()
    okm = HKDF(SHA256(), 42, bytes(range(13)), bytes(range(0xF0, 0xFA))).derive(b"\x0b" * 22).hex()

    assert mac == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert okm == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"


def test_pieces_that_many_share_are_remembered_for_a_while_and_give_the_same_tokens():
    """
    One person's own pieces are remembered nowhere, and the others never grow beyond a bound.
    """
    index, pieces = Blind(KEY).search, [f"{number:x}" for number in range(3 * REMEMBERED)]

    once = [index.tokens("name", "pair", [piece], shared=True) for piece in pieces]
    again = [index.tokens("name", "pair", [piece], shared=True) for piece in pieces]

    assert once == again == [index.tokens("name", "pair", [piece]) for piece in pieces]
    assert len(index._known["name", "pair"]) <= REMEMBERED + 1
    assert index.tokens("name", "is", pieces) and not index._known["name", "is"]
