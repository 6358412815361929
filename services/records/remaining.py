"""What is told of a destroyed record beside its head: the values that its class keeps in the stub. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regimes.model import Right


def told(stub: Mapping[str, str] | None, rights: list[Right]) -> dict[str, Any]:
    """What stays, as far as these rights would have shown it wherever the caller is."""
    own = [right for right in rights if right.place is None]
    shown = {path: value for path, value in (stub or {}).items() if any(_reaches(right, path) for right in own)}
    return {"stub": shown} if shown else {}


def _reaches(right: Right, path: str) -> bool:
    return not right.parts or path.split(".")[0] in right.parts
