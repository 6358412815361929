"""The words of the language as marshmallow fields: text in, checked and typed values out."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from regimes import dates

NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
ACTS = ("endorse", "verify", "approve")
PROOFS = ("entry", "document", "consent", "read", "verified", "filled", "basis", "without")
TESTS = ("not", "above", "below", "at_least", "at_most", "has", "lacks", "known", "older", "coming")


class Entry(Schema):
    """One entry of a regime file; what it does not know it refuses."""

    makes: type | None = None

    class Meta:
        unknown = RAISE


class Text(fields.Field[Any]):
    """A scalar; never empty."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            raise ValidationError("must be a word or text")
        return value


class Flag(Text):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if value not in ("true", "false"):
            raise ValidationError("must be true or false")
        return value == "true"


class Whole(Text):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not (isinstance(value, str) and re.fullmatch(r"\d{1,9}", value)):
            raise ValidationError("must be a whole number")
        return int(value)


class Money(Text):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not (isinstance(value, str) and re.fullmatch(r"\d{1,12}(\.\d{1,2})?", value)):
            raise ValidationError("must be an amount such as 50 or 50.00")
        return value


class Period(Text):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        try:
            return str(dates.period(value))
        except (ValueError, TypeError) as wrong:
            raise ValidationError(str(wrong)) from None


class Name(Text):
    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not (isinstance(value, str) and NAME.fullmatch(value)):
            raise ValidationError("must be a name: small letters, digits, underscores, dots")
        return value


class Many(fields.Field[Any]):
    """One word or a list of words; always a tuple afterwards."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        words = value if isinstance(value, list) else [value]
        if not words or not all(isinstance(word, str) and word for word in words):
            raise ValidationError("must be a word or a list of words")
        return tuple(words)


class Words(Many):
    """A list of words, possibly empty."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return () if value == [] else super()._deserialize(value, attr, data, **kwargs)


class Named(fields.Field[Any]):
    """A mapping from names to entries of one shape; each entry knows its name."""

    def __init__(self, entry: type[Entry], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entry = entry()

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError("must be a mapping of names")
        loaded: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, entry in value.items():
            try:
                loaded[name] = made(self.entry, entry, name)
            except ValidationError as wrong:
                errors[name] = wrong.messages
        if errors:
            raise ValidationError(errors)
        return loaded


def made(schema: Entry, entry: Any, name: str | None = None) -> Any:
    """Load one entry into the value it stands for."""
    loaded = schema.load(entry)
    if schema.makes is None:
        return loaded
    return schema.makes(**loaded) if name is None else schema.makes(name=name, **loaded)


class Within(fields.Field[Any]):
    """One nested entry, as the value it stands for."""

    def __init__(self, entry: type[Entry], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entry = entry()

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError("must be a mapping")
        return made(self.entry, value)


class DateWords(Entry):
    """The six words every date is counted with; `from` says what opens the count."""

    makes: type | None = dates.DateWords
    since = Name(data_key="from")
    end_of = fields.Str(validate=validate.OneOf(dates.UNITS))
    after = Period()
    before = Period()
    next = fields.Str(validate=validate.Regexp(r"^\d\d-(\d\d|last)$"))
    roll = fields.Str(validate=validate.OneOf(("forward", "back")))


class Who(fields.Field[Any]):
    """Who: always one of role, person, superior, any_of, all_of afterwards."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return who(value)


class People(fields.Field[Any]):
    """Who-expressions in order; a single one may stand alone."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return tuple(who(one) for one in (value if isinstance(value, list) else [value]))


def who(value: Any, nested: bool = False) -> dict[str, Any]:
    """Spell a who-expression out: a bare word is a role."""
    if isinstance(value, str) and value:
        return {"role": value}
    if not isinstance(value, dict):
        raise ValidationError("must say who: a role, or {role|person|superior|any_of|all_of: ..}")
    heads = [key for key in ("role", "person", "superior", "any_of", "all_of") if key in value]
    allowed = {"role": {"in"}, "any_of": {"quorum"}}
    if len(heads) != 1 or set(value) - {heads[0]} - allowed.get(heads[0], set()):
        raise ValidationError("must be one of role (in), person, superior, any_of (quorum), all_of")
    if heads[0] in ("any_of", "all_of"):
        return _several(heads[0], value, nested)
    if not all(isinstance(word, str) and word for word in value.values()):
        raise ValidationError("must name people by words")
    return dict(value)


def _several(head: str, value: dict[str, Any], nested: bool) -> dict[str, Any]:
    if nested or not isinstance(value[head], list) or not value[head]:
        raise ValidationError(f"{head} holds a list of single people or roles")
    quorum = {"quorum": Whole().deserialize(value["quorum"])} if "quorum" in value else {}
    return {head: [who(one, nested=True) for one in value[head]], **quorum}


class When(fields.Field[Any]):
    """Conditions: a list of mappings, any of which may hold; empty always holds."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        alternatives = value if isinstance(value, list) else [value]
        return [_conditions(one) for one in alternatives if one != {}]


def _conditions(mapping: Any) -> dict[str, Any]:
    if not isinstance(mapping, dict):
        raise ValidationError("must be a mapping of paths")
    for path, test in mapping.items():
        if "." not in path:
            raise ValidationError(f"{path}: must be a path such as record.state")
        if isinstance(test, dict) and (len(test) != 1 or next(iter(test)) not in (*TESTS, "field")):
            raise ValidationError(f"{path}: must be one of {', '.join(TESTS)}, field")
        if isinstance(test, dict) and next(iter(test)) in ("older", "coming"):
            _whole_days(path, next(iter(test.values())))
    return dict(mapping)


def _whole_days(path: str, length: Any) -> None:
    span = dates.period(length) if isinstance(length, str) and dates.NOTATION.fullmatch(length) else None
    if span is None or span.workdays or span.seconds:
        raise ValidationError(f"{path}: must be a period of days, months or years such as P7D")


class Needs(fields.Field[Any]):
    """Proofs, all of them: each a mapping that starts with its sort."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError("must be a list of proofs")
        return tuple(_proof(proof) for proof in value)


def _proof(proof: Any) -> dict[str, Any]:
    sorts = [key for key in proof if key in PROOFS] if isinstance(proof, dict) else []
    extra = {"entry": {"by"}, "read": {"within"}}
    if len(sorts) != 1 or set(proof) - {sorts[0]} - extra.get(sorts[0], set()):
        raise ValidationError(f"each proof is one of {', '.join(PROOFS)}")
    return dict(proof)
