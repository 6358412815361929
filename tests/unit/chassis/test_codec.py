"""Strict JSON: what goes in comes out, what is not JSON does not pass, and a sealed body is this installation's."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy.sql.elements import quoted_name

from chassis import codec

TEXT = some.text(some.characters(exclude_categories=["Cs"]))
LEAVES = some.none() | some.booleans() | some.integers(-(2**63), 2**64 - 1) | TEXT
VALUES = some.recursive(
    LEAVES | some.floats(allow_nan=False, allow_infinity=False),
    lambda inner: some.lists(inner) | some.dictionaries(TEXT, inner),
    max_leaves=30,
)
KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """A message key, and whatever was registered before afterwards."""
    before = codec._seal
    codec.register(KEY)
    yield
    codec._seal = before


@given(VALUES)
def test_any_json_value_comes_back_as_it_was(value: Any) -> None:
    assert codec.loads(codec.dumps(value)) == value
    assert codec.loads(codec.canonical(value)) == value
    assert codec.unseal(codec.seal(value)) == value


@given(some.dictionaries(TEXT, LEAVES))
def test_equal_values_have_equal_canonical_text(value: dict[str, Any]) -> None:
    turned = dict(reversed(list(value.items())))

    assert codec.canonical(turned) == codec.canonical(value)


@given(some.dictionaries(TEXT, VALUES, min_size=1))
def test_keys_of_a_kind_of_str_are_keys(value: dict[str, Any]) -> None:
    """
    SQLAlchemy names its columns with one.
    """
    named = {quoted_name(key, None): inner for key, inner in value.items()}

    assert codec.loads(codec.dumps({"rows": [named]})) == {"rows": [value]}


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, [{"a": -math.inf}], {"null": None, "b": (math.nan,)}, {1: "a"}, {None: 1}, "\ud800", b"a",
     {"a": {1, 2}}, 2**64, object(), {"\ud800": 1}],
    ids=repr,
)  # fmt: skip
def test_what_is_not_json_is_refused(value: Any) -> None:
    for write in (codec.dumps, codec.canonical, codec.seal):
        with pytest.raises(codec.NotJson):
            write(value)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "1e999", '"\\ud800"', "{'a': 1}", "{", "", "[1,]", "\xff"])
def test_text_that_is_not_json_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(codec.NotJson) as wrong:
        codec.loads(text.encode("latin-1"))

    assert wrong.value.__context__ is None and not hasattr(wrong.value, "doc")


def test_no_object_has_a_meaning_of_its_own() -> None:
    tricky = {"__type__": "decimal", "__value__": "NaN"}

    assert codec.loads(codec.dumps(tricky)) == tricky


def test_a_changed_or_foreign_body_is_unreadable() -> None:
    body = codec.seal({"a": 1})
    for changed in (body[:-1], b"", body[:20], bytes([body[0] ^ 1]) + body[1:], body[:-1] + bytes([body[-1] ^ 1])):
        with pytest.raises(codec.Unreadable):
            codec.unseal(changed)

    codec.register(os.urandom(32))
    with pytest.raises(codec.Unreadable):
        codec.unseal(body)


def test_a_sealed_body_shows_nothing_and_never_repeats() -> None:
    bodies = {codec.seal({"name": "canary"}) for _ in range(1000)}

    assert len(bodies) == 1000 and not any(b"canary" in body for body in bodies)
    assert len({body[1:29] for body in bodies}) == 1000


def test_a_forked_child_does_not_repeat_the_nonces_of_its_parent() -> None:
    """
    The counter starts anew in both; the salt, and with it the key, must not be the same.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(theirs, codec.seal("a"))
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(ours, 100)[1:29] != codec.seal("a")[1:29]
