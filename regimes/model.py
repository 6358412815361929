"""What a regime says of data, as plain values: levels, purposes, rights, classes with their parts and fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

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
    """One field of a class; `level` is a name, `mask` a style, both already resolved."""

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
    region: str | None = None

    @property
    def path(self) -> str:
        return f"{self.part}.{self.name}"


@dataclass(frozen=True)
class Document(Titled):
    form: str = "either"
    sides: int = 1
    signed_by: tuple[str, ...] = ()
    change: str = "never"
    schedule: str | None = None
    needed: When | None = None
    ask: When | None = None


@dataclass(frozen=True)
class Part(Titled):
    """A piece of a record with its own key, level and schedule; `change` says how an edit starts."""

    level: str = ""
    department: str | None = None
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
class Collect:
    """How data may come in: who, through which channel, for what, and who releases an import."""

    by: tuple[str, ...] = ()
    channels: dict[str, Any] = field(default_factory=dict)
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
class RecordClass(Titled):
    """A class of dossiers; `lineage` names the classes it extends, nearest first."""

    kind: str = "dossier"
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
    def facets(self) -> tuple[str, ...]:
        return tuple(path for path, entry in self.fields.items() if entry.facet)

    def is_a(self, names: tuple[str, ...]) -> bool:
        """Whether one of the names is this class or one it extends."""
        return not {self.name, *self.lineage}.isdisjoint(names)
