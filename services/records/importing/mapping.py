"""Which column is which field: from a mapping file, or guessed from the titles of the header row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, validate

from chassis.errors import Invalid
from regimes.oddities import simplified
from services.records.importing.cleansing import cleansed
from services.records.importing.guarding import NULLS
from services.records.importing.titles import SYNONYMS

Labels = Mapping[str, Sequence[str]]
Lists = Mapping[str, Mapping[str, str]]
LONGEST = 1 << 16
TRANSFORMS = ("strip", "upper", "lower")


@dataclass(frozen=True)
class Column:
    """One column's way into a field; several columns of one field are joined in the order of the mapping."""

    title: str
    to: str
    transforms: tuple[str, ...] = ()
    words: str | None = None
    strict: bool = True  # a word that is not in the list is a problem here, and not left for the rule to refuse


@dataclass(frozen=True)
class Plan:
    """How the rows of one kind of file become fields of one class."""

    record_class: str | None
    columns: tuple[Column, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    nulls: frozenset[str] = frozenset()
    words: Lists = field(default_factory=dict)
    overflow: str | None = None  # the column that unquoted extra delimiters belong to
    joined_by: str = ", "

    @property
    def titles(self) -> list[str]:
        """The titles the header row must have."""
        return list(dict.fromkeys([*(column.title for column in self.columns), *filter(None, [self.overflow])]))


class ColumnSchema(Schema):
    to = fields.String(required=True, validate=validate.Regexp(r"^\w+\.\w+$"))
    transforms = fields.List(fields.String(validate=validate.OneOf(TRANSFORMS)), load_default=list)
    words = fields.String()


class PlanSchema(Schema):
    record_class = fields.String(data_key="class")
    columns = fields.Dict(fields.String(), fields.Raw(), required=True, validate=validate.Length(min=1))
    constants = fields.Dict(fields.String(validate=validate.Regexp(r"^\w+\.\w+$")), fields.String(), load_default=dict)
    nulls = fields.List(fields.String(), load_default=list)
    words = fields.Dict(fields.String(), fields.Dict(fields.String(), fields.String()), load_default=dict)
    overflow = fields.String()
    joined_by = fields.String(load_default=", ")


def parse(text: str) -> Plan:
    """The plan of a mapping file; every mistake is refused with its place."""
    if len(text) > LONGEST:
        raise _refused([("", f"longer than {LONGEST} characters")])
    try:
        # All text: Norway's NO must not become False. Not the loader in C, which a deep nesting kills with the process.
        raw = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
        loaded = PlanSchema().load(raw)
        columns = tuple(_column(title, way) for title, way in loaded.pop("columns").items())
    except (yaml.YAMLError, RecursionError) as broken:
        raise _refused([("", str(getattr(broken, "problem", "")) or "no YAML")]) from None
    except ValidationError as wrong:
        raise _refused(list(_places(wrong.normalized_messages()))) from None
    plan = Plan(loaded.pop("record_class", None), columns, **{**loaded, "nulls": _nulls(loaded["nulls"])})
    return _coherent(plan)


def fitted(plan: Plan, class_: str, known: Container[str]) -> Plan:
    """The plan, once it is known to be for this class and every field it names to be one of the class's."""
    if plan.record_class not in (None, class_):
        raise Invalid("import.mapping", f"the mapping file is for {plan.record_class}, not for {class_}")
    named = [(f"columns.{c.title}", c.to) for c in plan.columns] + [(f"constants.{n}", n) for n in plan.constants]
    if wrong := [(path, f"{class_} has no field {to}") for path, to in named if to not in known]:
        raise _refused(wrong)
    return plan


def guess(titles: list[str], labels: Labels, lists: Lists) -> Plan:
    """A plan from the header's titles.

    `labels` are each field's titles as the regime has them, in any language; `lists` the words of its codes: field ->
    word -> code.
    """
    meant = meanings(labels)
    columns, taken = [], set()
    for title in titles:
        to = meant.get(comparable(title))
        if to and to not in taken:
            columns.append(Column(title, to, words=to if to in lists else None, strict=False))
            taken.add(to)
    if not columns:
        raise Invalid("import.no_header", "no title of the header row is known; name the columns in a mapping file")
    return Plan(None, tuple(columns), nulls=NULLS, words=lists)


def known_titles(labels: Labels) -> set[str]:
    """Every title that `guess` would know, in comparable form."""
    return set(meanings(labels))


def comparable(title: str) -> str:
    """A title without the differences that mean nothing: case, spaces, stars, remarks in brackets, 客戶 and 客户."""
    bare = simplified(cleansed(title)).casefold().split("(")[0]
    return "".join(sign for sign in bare if sign.isalnum() or sign == ".")


def meanings(labels: Labels) -> dict[str, str]:
    """Comparable title -> field; a title that would mean two fields means none."""
    meant: dict[str, set[str]] = {}
    for name, own in labels.items():
        bare = name.rpartition(".")[2]
        for title in [name, bare, *own, *SYNONYMS.get(bare, ())]:
            meant.setdefault(comparable(title), set()).add(name)
    return {title: names.pop() for title, names in meant.items() if title and len(names) == 1}


def _nulls(words: list[str]) -> frozenset[str]:
    return frozenset(cleansed(word).casefold() for word in words)


def _column(title: str, way: Any) -> Column:
    if isinstance(way, str):
        way = {"to": way}
    try:
        loaded = ColumnSchema().load(way)
    except ValidationError as wrong:
        raise ValidationError({"columns": {title: wrong.normalized_messages()}}) from None
    return Column(title, loaded["to"], tuple(loaded["transforms"]), loaded.get("words"))


def _coherent(plan: Plan) -> Plan:
    """Names that the mapping file uses must be ones that it has."""
    known = {column.title for column in plan.columns}
    wrong = [
        (f"columns.{c.title}.words", "no such list of words")
        for c in plan.columns
        if c.words and c.words not in plan.words
    ]
    both = sorted({column.to for column in plan.columns} & plan.constants.keys())
    wrong += [(f"constants.{name}", "a column gives this field already") for name in both]
    wrong += [("columns", f"{title} stands twice") for title, n in Counter(map(comparable, known)).items() if n > 1]
    if wrong:
        raise _refused(wrong)
    return plan


def _places(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _places(inner, f"{path}.{name}".lstrip("."))
    else:
        yield path, " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)


def _pointer(path: str) -> str:
    """Where it stands in the form that was sent."""
    named = [name for name in path.split(".") if name not in ("", "_schema")]
    return "/".join(["/mapping", *named])


def _refused(places: list[tuple[str, str]]) -> Invalid:
    errors = [{"pointer": _pointer(path), "code": "import.mapping", "detail": text} for path, text in places]
    path, text = places[0]
    return Invalid("import.mapping", f"the mapping file is wrong at {path or 'its start'}: {text}", {"errors": errors})
