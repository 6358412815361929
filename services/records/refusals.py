"""What records refuses in one way wherever it does so."""

from __future__ import annotations

from typing import Any

from chassis.errors import Invalid


def broken(errors: list[dict[str, Any]]) -> Invalid:
    """Values that break rules: each with its field, its rule and why."""
    said = "one field breaks a rule" if len(errors) == 1 else f"{len(errors)} fields break a rule"
    return Invalid("record.invalid", said, {"errors": errors})
