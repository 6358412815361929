"""What everybody may see of a protected value; computed when it is written, never by opening it."""

from __future__ import annotations

from regimes.model import Field, Level

STARS = "******"


def mask(field: Field, value: str, level: Level) -> str | None:
    """What everybody may see of the value; None where nothing is masked (the level shows it whole)."""
    style = field.mask or level.mask
    if style == "none":
        return None
    if style == "last4":
        return _part_shown(field.type, value)
    return _name_shown(value) if style == "name" else STARS


def _part_shown(kind: str, value: str) -> str:
    """The last four signs of something numbered; names and addresses of mail are shown by their first."""
    if kind == "name":
        return _name_shown(value)
    if kind == "email":
        return f"{value[0]}***@***"
    if kind in ("phone", "code", "postcode", "resident_id", "credit_code", "bank_card") and len(value) >= 8:
        return f"****{value[-4:]}"
    return STARS


def _name_shown(value: str) -> str:
    """The first sign of a name, whatever its length: 王**."""
    return f"{value[0]}**"
