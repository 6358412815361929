"""Merge regimes: key by key, lists replaced; siblings may not contradict, and a base may only be made stricter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]

# What names one file, not what it rules.
OWN_TO_A_FILE = ("regime", "en", "zh", "extends", "issued")
JOINED = ("source", "examples")
# Single words in rising strictness.
RISING = {
    "mask": ("none", "last4", "name", "all"),
    "consent": ("simple", "express", "own"),
    "export": ("marked", "encrypted"),
}


def spell_out(document: dict[str, Any]) -> dict[str, Any]:
    """Write short forms long, so that merging and the digest see one spelling."""
    for entry in _mappings(document.get("classes")):
        _one_form(entry)
        for part in _mappings(entry.get("parts")):
            _lengthen(part.get("fields"), "type")
            for field in _mappings(part.get("fields")):
                _lengthen(field.get("columns"), "type")
        _lengthen(entry.get("documents"), "form")
    settings = document.get("settings")
    if isinstance(settings, dict):
        document["settings"] = {
            name: entry if isinstance(entry, dict) else {"answer": entry} for name, entry in settings.items()
        }
    return document


def _one_form(entry: dict[str, Any]) -> None:
    """Fields straight in a class are the one part of a form; with `parts` beside them the schema refuses them."""
    if "fields" in entry and "parts" not in entry:
        entry["parts"] = {"form": {"fields": entry.pop("fields")}}


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    yield from (entry for entry in (value.values() if isinstance(value, dict) else ()) if isinstance(entry, dict))


def _lengthen(entries: Any, key: str) -> None:
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, str):
            entries[name] = {key: entry}


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`over` on top of `base`: mappings key by key, anything else replaced, sources and examples joined."""
    merged = dict(base)
    for key, value in over.items():
        if key in JOINED and isinstance(value, list):
            merged[key] = base.get(key, []) + [entry for entry in value if entry not in base.get(key, [])]
        elif isinstance(value, dict) and isinstance(base.get(key), dict):
            merged[key] = merge(base[key], value)
        else:
            merged[key] = value
    return merged


def leaves(document: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is not a mapping, with the path to it."""
    if isinstance(document, dict) and document:
        for key, value in document.items():
            yield from leaves(value, (*path, key))
    else:
        yield path, document


def at(document: Any, path: Path) -> Any:
    """The value at a path, or None."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def contradictions(one: dict[str, Any], other: dict[str, Any], common: dict[str, Any]) -> list[Path]:
    """Where two regimes standing side by side both changed one value, and differently."""
    found = []
    for path, value in leaves(one):
        rival = at(other, path)
        if path[0] in OWN_TO_A_FILE + JOINED or rival is None or rival == value:
            continue
        if at(common, path) not in (value, rival):
            found.append(path)
    return found


def beside(one: dict[str, Any], other: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """Join two siblings; where only one of them changed a common value, the change stays."""
    merged = merge(one, other)
    for path, value in leaves(one):
        if path[0] not in OWN_TO_A_FILE + JOINED and at(other, path) == at(common, path) != value:
            at(merged, path[:-1])[path[-1]] = value
    return merged


def weakened(base: dict[str, Any], merged: dict[str, Any]) -> list[tuple[Path, str]]:
    """What the base requires and the merged form no longer does."""
    ranks = {name: int(at(merged, ("levels", name, "rank")) or 0) for name in merged.get("levels", {})}
    found = []
    for path, value in leaves(base):
        now = at(merged, path)
        if not path or now == value:
            continue
        if now is None or _weaker(path, value, now, ranks):
            found.append((path, f"the base says {_said(value)} here; it can only be made stricter"))
    return found + list(_conditioned(base, merged))


def _said(value: Any) -> str:
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _conditioned(base: dict[str, Any], merged: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A field that the base gives to every record cannot be given to some of them only (Q-066)."""
    for path, _ in leaves(base):
        here = (*path[:-1], "when")
        if path[:1] == ("classes",) and path[-1] == "type" and at(base, here) is None and at(merged, here) is not None:
            yield here, "the base gives this field to every record; add a field of your own"


def _weaker(path: Path, was: Any, now: Any, ranks: dict[str, int]) -> bool:
    if not isinstance(now, type(was)):
        return True
    if path[-1] == "needs":
        return any(proof not in now for proof in was)
    if path[0] == "classes":
        return _class_weaker(path[-1], was, now, ranks)
    if path[0] == "levels":
        return _level_weaker(path[-1], was, now)
    if path == ("apart",):
        return any(pair not in now for pair in was)
    if path == ("destruction", "witnesses"):
        return int(now) < int(was)
    return path[0] == "roles" and path[-1] == "reads"


def _class_weaker(key: str, was: Any, now: Any, ranks: dict[str, int]) -> bool:
    if key == "level":
        return ranks.get(now, 0) < ranks.get(was, 0)
    if key in ("core", "verify"):
        return bool(was != "false")
    if key in RISING:
        return now in RISING[key] and RISING[key].index(now) < RISING[key].index(was)
    if key == "signed_by":
        return bool(was) and not now
    if key == "least":
        return float(now) < float(was)
    return key in ("type", "kind")


def _level_weaker(key: str, was: Any, now: Any) -> bool:
    if key in RISING:
        return now in RISING[key] and RISING[key].index(now) < RISING[key].index(was)
    if key in ("rank", "factors"):
        return int(now) < int(was)
    return bool(key == "ledger" and was == "waits")
