"""Every event of every service as its subscribers know it: fields are added, never renamed, retyped or taken away."""

from __future__ import annotations

import dataclasses
import json
import os
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import chassis.entrypoints  # noqa: F401  (brings the refusal)
from chassis.events import REGISTRY, Event
from cli.documents import ROOT

for room in sorted((ROOT / "services").rglob("events.py")):  # of services and of their engines
    import_module(".".join(room.relative_to(ROOT).with_suffix("").parts))

GOLDEN = Path(__file__).parent / "golden" / "shapes"
OURS = {name: found for name, found in REGISTRY.items() if found.__module__.startswith(("services.", "chassis."))}
PLAIN = {str: "text", int: "number", bool: "flag", float: "number"}


def kind(hint: Any) -> str:
    """The kind of JSON value that a field carries."""
    if isinstance(hint, UnionType) or get_origin(hint) is not None and NoneType in get_args(hint):
        return " or ".join(sorted(kind(part) for part in get_args(hint)))
    if hint is NoneType:
        return "null"
    origin = get_origin(hint) or hint
    if origin in (list, tuple, frozenset, set):
        return "list"
    return "object" if origin is dict else PLAIN.get(origin, "any")


def shape(found: type[Event]) -> dict[str, Any]:
    """What a subscriber can rely on."""
    hints = get_type_hints(found)
    fields = {f.name.rstrip("_"): kind(hints[f.name]) for f in dataclasses.fields(found)}  # type: ignore[arg-type]
    return {"type": found.type, "version": found.version, "published": found.published, "fields": fields}


@pytest.mark.parametrize("name", sorted(OURS))
def test_an_event_keeps_the_shape_its_subscribers_know(name: str) -> None:
    """
    MUNIMENT_WRITE_GOLDEN=1 writes the file of an event or version that has none; a file once there is never changed.
    """
    found = OURS[name]
    file = GOLDEN / f"{name}.{found.version}.json"
    if not file.exists() and os.environ.get("MUNIMENT_WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(shape(found), indent=2, sort_keys=True) + "\n")

    known, now = json.loads(file.read_text()), shape(found)

    assert known["fields"].items() <= now["fields"].items(), "a field was renamed, retyped or taken away"
    assert {k: v for k, v in known.items() if k != "fields"} == {k: v for k, v in now.items() if k != "fields"}


def test_no_event_was_taken_away() -> None:
    """
    Whoever subscribed to it would wait for ever.
    """
    assert {path.name.rsplit(".", 2)[0] for path in GOLDEN.glob("*.json")} <= set(OURS)
