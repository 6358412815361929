"""Arguments at a service's own door: typed, or refused line by line and without the value."""

from __future__ import annotations

import pytest
from marshmallow import Schema, fields, validate

from chassis.errors import Invalid
from chassis.published import load


class Inner(Schema):
    when = fields.Date(required=True)


class Args(Schema):
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    items = fields.List(fields.Nested(Inner))


def test_arguments_come_typed_and_with_their_defaults():
    assert load(Args, {"items": [{"when": "2026-11-20"}]})["items"][0]["when"].isoformat() == "2026-11-20"
    assert load(Args, {}) == {"limit": 50}


def test_every_mistake_is_a_line_with_its_place_and_no_value():
    with pytest.raises(Invalid) as refusal:
        load(Args, {"limit": 9999, "items": [{}, {"when": "canary"}], "colour": "canary"})

    assert refusal.value.code == "input.invalid"
    lines = refusal.value.facts["errors"]
    assert {line["pointer"] for line in lines} == {"/limit", "/items/0/when", "/items/1/when", "/colour"}
    assert {line["code"] for line in lines} == {"input.invalid"} and "canary" not in str(lines) + str(refusal.value)
    assert "9999" not in str(lines)


@pytest.mark.parametrize("args", [None, [], "text", 5])
def test_what_is_no_object_at_all_is_refused_too(args):
    with pytest.raises(Invalid):
        load(Args, args)
