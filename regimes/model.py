"""What a regime says of data, as plain values: levels, purposes, rights, classes with their parts and fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from regimes import conditions

Who = dict[str, Any]
When = list[dict[str, Any]]
Needs = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Titled:
    name: str = ""
    en: str = ""
    zh: str = ""


@dataclass(frozen=True)
class Level(Titled):
    """How much protection a field needs; `ledger: waits` = no read before the ledger has it."""

    rank: int = 1
    mask: str = "all"
    ledger: str = "behind"
    factors: int = 1
    export: str = "marked"
    store: str = ""
    needs: Needs = ()


@dataclass(frozen=True)
class Setting(Titled):
    """A question the organisation answers; `value` is its answer or the default."""

    type: str = "choice"
    choose: tuple[str, ...] = ()
    default: Any = None
    answer: Any = None
    conflict: str = ""

    @property
    def value(self) -> Any:
        return self.default if self.answer is None else self.answer


@dataclass(frozen=True)
class CodeValue(Titled):
    figures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Role(Titled):
    per: str = "company"
    reads: str = "all"
    needs: Needs = ()


@dataclass(frozen=True)
class Purpose(Titled):
    """Why data may be collected and read; `parts` is all that may be read for it."""

    basis: str = "contract"
    consent: str | None = None
    optional: bool = False
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Right(Titled):
    """What somebody may do without asking; no `purposes` = each the class collects for."""

    who: Who = field(default_factory=dict)
    may: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    up_to: str | None = None
    parts: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    place: str | None = None
    when: When = field(default_factory=list)
    needs: Needs = ()


@dataclass(frozen=True)
class Field(Titled):
    """One field of a class; `level` is a name, `mask` a style, both already resolved.

    A table has `columns`, and a column the `codes` of its list; `when` says, by facets of the record, which records
    have the field at all.
    """

    type: str = "text"
    part: str = ""
    level: str = ""
    core: bool = False
    facet: bool = False
    list: str | None = None
    mask: str = ""
    verify: str | None = None
    stub: bool = False
    measure: bool = False
    currency: str | None = None
    least: str | None = None  # of a number or an amount
    region: str | None = None
    help: Titled | None = None
    columns: dict[str, Field] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    when: When = field(default_factory=lambda: [])  # `list` is a field here

    @property
    def path(self) -> str:
        return f"{self.part}.{self.name}"

    def applies(self, facets: Mapping[str, str]) -> bool:
        """Whether a record with these facets has the field; a facet that is not known decides nothing."""
        if not self.when:
            return True
        asked = {path for one in self.when for path in one}
        return not asked <= facets.keys() or conditions.holds(self.when, dict(facets))


@dataclass(frozen=True)
class Document(Titled):
    """A document of a class. It is read like its `part`, as high as `level` (neither said: the highest of the class).

    `optional` ones are kept when they come and never asked for; `needed` and `ask` say when the others are.
    """

    part: str | None = None
    level: str | None = None
    optional: bool = False
    form: str = "either"
    sides: int = 1
    signed_by: tuple[str, ...] = ()
    change: str | None = None  # never: no newer one takes its place
    schedule: str | None = None
    needed: When | None = None
    ask: When | None = None


@dataclass(frozen=True)
class Part(Titled):
    """A piece of a record with its own key, level and schedule; `change` says how an edit starts.

    `read` and `write` narrow who may, beside the rights; empty = as the rights say.
    """

    level: str = ""
    department: str | None = None
    read: tuple[Who, ...] = ()
    write: tuple[Who, ...] = ()
    purpose: str | None = None
    schedule: str | None = None
    change: str = "evidence"
    fields: dict[str, Field] = field(default_factory=dict)


@dataclass(frozen=True)
class Number:
    pattern: str
    per: tuple[str, ...] = ()
    gapless: bool = False


@dataclass(frozen=True)
class OnePer:
    """Only one record with these values may be in one of these states (`while`)."""

    fields: tuple[str, ...]
    states: tuple[str, ...]


@dataclass(frozen=True)
class Channel(Titled):
    """A way by which data comes in, and what has to be proved by it."""

    needs: Needs = ()


@dataclass(frozen=True)
class Collect:
    """How data may come in: who, through which channel, for what, and who releases an import."""

    by: tuple[str, ...] = ()
    channels: dict[str, Channel] = field(default_factory=dict)
    consent: str | None = None
    notice: str | None = None
    purposes: tuple[str, ...] = ()
    signed_by: tuple[Who, ...] = ()


@dataclass(frozen=True)
class State:
    needs: Needs = ()
    apart: bool = False
    name: str = ""


@dataclass(frozen=True)
class SchemeValue(Titled):
    """One value of a scheme: who keeps what has it, how it is protected, when it is proposed, how long it lasts."""

    keeper: Who | None = None
    level: str | None = None
    criteria: When | None = None
    lasts: str | None = None


@dataclass(frozen=True)
class Scheme(Titled):
    """A classification with history beside others; a record without a value counts as `unset`."""

    of: tuple[str, ...] = ()
    unset: str = ""
    set_by: tuple[Who, ...] = ()
    values: dict[str, SchemeValue] = field(default_factory=dict)


# Groups of fewer customers are told to nobody who could not open each of them; a regime may name another figure.
SMALLEST = 5


@dataclass(frozen=True)
class View(Titled):
    """A list, screen or analysis derived from records, for whom and for what."""

    of: tuple[str, ...] = ()
    when: When = field(default_factory=list)
    fields: tuple[str, ...] = ()
    split_by: str | None = None
    read: Who = field(default_factory=dict)
    purpose: str = ""
    sum: str | None = None
    count: str | None = None
    share_by: str | None = None
    smallest: int = SMALLEST
    every: str | None = None


@dataclass(frozen=True)
class RecordClass(Titled):
    """A class of dossiers or a register; `lineage` names the classes it extends, nearest first."""

    kind: str = "dossier"
    about: str | None = None
    contains: str | None = None
    order: str = "oldest_first"
    label: str | None = None
    carriers: tuple[str, ...] = ("electronic",)
    signed_by: tuple[Who, ...] = ()
    fills: str | None = None
    written_by: str | None = None  # customer: what he wrote himself makes a draft, which a clerk completes
    valid_for: str | None = None
    failed: dict[str, Any] | None = None
    extends: str | None = None
    abstract: bool = False
    lineage: tuple[str, ...] = ()
    department: str | None = None
    keeper: Who | None = None
    number: Number | None = None
    one_per: OnePer | None = None
    match: tuple[str, ...] = ()
    subject: str | None = None
    collect: Collect = field(default_factory=Collect)
    events: dict[str, tuple[Who, ...]] = field(default_factory=dict)
    event_needs: dict[str, Needs] = field(default_factory=dict)  # what must be there before it is noted
    states: dict[str, State] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Every field under its path, "part.field"."""
        return {entry.path: entry for part in self.parts.values() for entry in part.fields.values()}

    @cached_property
    def core(self) -> tuple[str, ...]:
        return tuple(path for path, entry in self.fields.items() if entry.core)

    @cached_property
    def summed(self) -> tuple[Field, ...]:
        """The fields that may be added up, and the tables that may hold such columns."""
        return tuple(entry for entry in self.fields.values() if entry.measure or entry.columns)

    @cached_property
    def facets(self) -> tuple[str, ...]:
        return tuple(path for path, entry in self.fields.items() if entry.facet)

    def core_for(self, facets: Mapping[str, str]) -> tuple[str, ...]:
        """The core fields of a record with these facets: what does not apply to it cannot be missing."""
        return tuple(path for path in self.core if self.fields[path].applies(facets))

    def is_a(self, names: tuple[str, ...]) -> bool:
        """Whether one of the names is this class or one it extends."""
        return not {self.name, *self.lineage}.isdisjoint(names)
