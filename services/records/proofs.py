"""What people may name as a proof: the words of the regime and no others, because these names stand in the log."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from chassis.errors import Invalid
from regimes import Regime
from services.records.words import ID


@lru_cache(maxsize=8)
def known(regime: Regime) -> frozenset[str]:
    """Every document that a class keeps, or that something in the regime has to be proved by."""
    kept = {name for found in regime.all_classes.values() for name in found.documents}
    return frozenset({*kept, *_asked_for(regime.merged)})


def refuse_unknown(regime: Regime, names: Iterable[str], pointer: str = "/evidence") -> None:
    """Refuse what the regime has no word for: free text would be a customer's words in the clear."""
    strange = [place for place, name in enumerate(names) if name not in known(regime) and not re.fullmatch(ID, name)]
    if strange:
        told = {"code": "document.kind_unknown", "detail": "a document that the regime has a name for"}
        errors = [{"pointer": f"{pointer}/{place}", **told} for place in strange]
        raise Invalid("document.kind_unknown", "name proofs by the regime's own words", {"errors": errors})


def refuse_missing(needs: Iterable[Mapping[str, Any]], named: Collection[str | None]) -> None:
    """Refuse at once where a rule wants a document that nobody named."""
    wanted = [need["document"] for need in needs if "document" in need]
    missing = [name for name in wanted if name not in named]
    if missing:
        errors = [{"pointer": "/evidence", "code": "needs.missing", "detail": f"document {name}"} for name in missing]
        raise Invalid("needs.missing", f"name the proof: {', '.join(missing)}", {"errors": errors})


def _asked_for(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        named = told.get("document", ())
        yield from [named] if isinstance(named, str) else [one for one in named if isinstance(one, str)]
    for inner in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _asked_for(inner)
