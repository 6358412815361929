"""The published language of people and sessions."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from chassis.pages import PageArgs


def name(**kwargs: Any) -> fields.String:
    """A short word: a kind, a class, a purpose, a person."""
    return fields.String(validate=validate.Length(1, 80), **kwargs)


class OpenSessionArgs(Schema):
    """Sign in with a local account."""

    account = name(required=True)
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 256))


class AccountArgs(Schema):
    """One account."""

    account = name(required=True)


class IdentifyArgs(Schema):
    """Who a token means."""

    issuer = fields.String(required=True)
    subject = fields.String(required=True)
    session = fields.String(load_default=None, allow_none=True)


class SessionArgs(Schema):
    """One session."""

    session = name(required=True)


class PersonAnswer(Schema):
    """A person at work."""

    person = fields.String()
    en = fields.String()
    zh = fields.String()
    department = fields.String(allow_none=True)
    superior = fields.String(allow_none=True)
    roles = fields.List(fields.String())


class PeopleArgs(PageArgs):
    """People at work."""

    department = name()


class PeopleAnswer(Schema):
    """People, by name."""

    items = fields.List(fields.Nested(PersonAnswer))
    next = fields.String(allow_none=True)


class DepartmentAnswer(Schema):
    """A department and who heads it."""

    department = fields.String()
    en = fields.String()
    zh = fields.String()


class DepartmentsArgs(Schema):
    """All departments."""


class DepartmentsAnswer(Schema):
    """Departments."""

    items = fields.List(fields.Nested(DepartmentAnswer))


class OrganisationArgs(Schema):
    """The organisation file, and passwords of accounts that have none."""

    text = fields.String(required=True, validate=validate.Length(1, 1_000_000))
    passwords = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict, load_only=True)


class MeAnswer(Schema):
    """Who I am, what I may do without asking, and what waits for me."""

    person = fields.String()
    account = fields.String(allow_none=True)
    department = fields.String(allow_none=True)
    roles = fields.List(fields.String())
    rights = fields.List(fields.Dict())
    awaiting_me = fields.List(fields.String(), metadata={"description": "requests that I could decide now"})
    mine_pending = fields.List(fields.String(), metadata={"description": "requests of mine that wait"})
    grants = fields.List(fields.String())
