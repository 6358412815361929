"""What records refuses in one way wherever it does so."""

from __future__ import annotations

from typing import Any

from chassis.errors import Invalid, NotFound
from regimes import Regime


def broken(errors: list[dict[str, Any]]) -> Invalid:
    """Values that break rules: each with its field, its rule and why."""
    said = "one field breaks a rule" if len(errors) == 1 else f"{len(errors)} fields break a rule"
    return Invalid("record.invalid", said, {"errors": errors})


def wrong(pointer: str, code: str, said: str, **facts: Any) -> Invalid:
    """One thing of what was sent is wrong: where it stands in it, which rule it breaks, and why."""
    return Invalid(code, said, {"errors": [{"pointer": pointer, "code": code, "detail": said}], **facts})


def refuse_strange_purpose(purpose: str, regime: Regime) -> None:
    """Refuse what is no purpose of the regime."""
    if purpose not in regime.purposes:
        said = f"one of {', '.join(regime.purposes)}"
        raise wrong("/purpose", "purpose.unknown", said, purposes=[*regime.purposes])


def unknown(record: str) -> NotFound:
    """What is not there, and what may not be known to be there, answer alike."""
    return NotFound("record.unknown", f"no record {record}")
