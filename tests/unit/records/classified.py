"""The demo company's regime with the secrecy schemes of six regulations beside its levels (Q-092…Q-097)."""

from __future__ import annotations

from typing import Any

from regimes import Regime
from tests.unit.records.given import REGIME

SETTERS = [{"role": "archivist"}]


def _scheme(en: str, unset: str, **values: Any) -> dict[str, Any]:
    given = {name: {"en": name.capitalize(), "zh": name, **more} for name, more in values.items()}
    head = {"en": en, "zh": en, "of": ["company.customer"], "unset": unset, "set_by": SETTERS}
    return {**head, "values": given}


LOW, MIDDLE, HIGH = ({"level": name} for name in ("general", "sensitive", "highly_sensitive"))
SCHEMES = {
    "secrecy": _scheme("Scheme A", "state_secret", state_secret=HIGH, company_secret=MIDDLE, public=LOW),
    "privacy": _scheme("Scheme B", "ordinary", ordinary=LOW, delicate=MIDDLE, intimate=HIGH),
    "content": _scheme("Scheme C", "confidential", basic=LOW, business=MIDDLE, confidential=MIDDLE),
    "nature": _scheme("Scheme D", "basic", basic={}, transaction={}),
    "tier": _scheme(
        "Scheme E",
        "department",
        company={**HIGH, "keeper": {"role": "head", "in": "sales"}, "lasts": "P1Y"},
        department={**MIDDLE, "keeper": {"role": "head", "in": "record"}},
        individual={**MIDDLE, "keeper": {"person": "responsible"}},
    ),
    "storage": _scheme("Scheme F", "general", general=LOW, important=MIDDLE, core=HIGH),
    "grade": _scheme(
        "Grade",
        "none",
        none={},
        key={"criteria": {"credit.limit": {"at_least": "500000"}}},
        plain={"criteria": {"credit.limit": {"known": "true"}}},
    ),
}
TOGETHER = [pair for pair in REGIME.merged["apart"] if pair != ["supply", "verify"]]


def regime(schemes: dict[str, Any], **more: Any) -> Regime:
    """The company's regime with these schemes beside its own, and what else is said over its own words."""
    return Regime({**REGIME.merged, "schemes": {**REGIME.merged["schemes"], **schemes}, **more})


def only(*names: str) -> Regime:
    """The regime with some of the schemes."""
    return regime({name: SCHEMES[name] for name in names})
