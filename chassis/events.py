"""Events: past-tense facts with ids, never contents; one registry by type and version."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

E = TypeVar("E", bound=type)
REGISTRY: dict[str, type[Event]] = {}


class Event:
    """Base of all events. Fields are JSON values: ids, names, states, numbers, dates as text.

    A field named `record` is the record the journal entry is about, `purpose` what it was read for.
    """

    type: ClassVar[str]
    version: ClassVar[int]
    published: ClassVar[bool]

    def data(self) -> dict[str, Any]:
        """The event's own fields, as journal and subscribers see them; `class_` is called `class` there."""
        return {f.name.rstrip("_"): _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}  # type: ignore[arg-type]


def event(type: str, version: int = 1, published: bool = True) -> Callable[[E], E]:
    """Register a frozen dataclass as the event `type`.

    `published=False` keeps it in the journal (reads, refusals); the others also reach other departments.
    """

    def register(cls: E) -> E:
        if type in REGISTRY and REGISTRY[type].__qualname__ != cls.__qualname__:
            raise ValueError(f"event {type} is defined twice")
        cls.type, cls.version, cls.published = type, version, published  # type: ignore[attr-defined]
        REGISTRY[type] = cls
        return cls

    return register


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, frozenset, set)):
        return sorted(value) if not isinstance(value, tuple) else list(value)
    return value
