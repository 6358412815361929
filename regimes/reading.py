"""Read a regime file as text: no YAML typing, no doubled keys, no aliases, nothing large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from chassis.errors import Invalid

LARGEST = 256 * 1024


class StrictLoader(yaml.CBaseLoader):
    """Every scalar is text; what YAML would resolve silently is refused instead."""


def refuse(where: str, path: str, detail: str) -> Invalid:
    """A refusal that names the file and the path inside it."""
    pointer = "/" + path.replace(".", "/") if path else ""
    error = {"pointer": pointer, "code": "regime.invalid", "detail": detail}
    return Invalid("regime.invalid", f"{where}: {path or 'file'}: {detail}", {"errors": [error]})


def _mapping(loader: StrictLoader, node: yaml.MappingNode) -> dict[str, Any]:
    loaded: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str) or not key:
            raise yaml.YAMLError(f"line {line}: a key must be a word")
        if key in loaded:
            raise yaml.YAMLError(f"line {line}: the key {key!r} is there twice")
        loaded[key] = loader.construct_object(value_node, deep=True)
    return loaded


StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_text(text: str | bytes, name: str) -> dict[str, Any]:
    """The mapping a regime text holds, every scalar as text; `name` is what refusals call it."""
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > LARGEST:
        raise refuse(name, "", f"larger than {LARGEST // 1024} KB")
    try:
        _refuse_loose_yaml(raw)
        document = yaml.load(raw, StrictLoader)  # noqa: S506  (all scalars stay text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as broken:
        raise refuse(name, "", " ".join(str(broken).split())) from None
    if not isinstance(document, dict):
        raise refuse(name, "", "a regime file is one mapping")
    return document


def _refuse_loose_yaml(raw: bytes) -> None:
    """Aliases hide what a line says, tags and merge keys change it: none is allowed."""
    for event in yaml.parse(raw, yaml.CSafeLoader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.YAMLError(f"line {line}: anchors and aliases are not allowed")
        if getattr(event, "tag", None):
            raise yaml.YAMLError(f"line {line}: tags are not allowed")
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style:
            raise yaml.YAMLError(f"line {line}: merge keys are not allowed")


def read(path: Path) -> dict[str, Any]:
    """Read one regime file."""
    if path.stat().st_size > LARGEST:
        raise refuse(path.name, "", f"larger than {LARGEST // 1024} KB")
    return read_text(path.read_bytes(), path.name)
