"""Asking records about the proofs that only it can see; before any transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.approvals.proving.model import Bearer, Need, elsewhere, named


def unseen(records: Any, needs: Iterable[Need], bearer: Bearer) -> list[str]:
    """The proofs that records cannot see, of the needs that only records can judge; no call where there are none."""
    asked = elsewhere(needs)
    if not bearer.records:
        return [named(need) for need in asked]
    lacks: list[str] = []
    evidence = [one["document"] for one in bearer.evidence if "document" in one]
    for record in bearer.records if asked else ():
        told = {"record": record, "person": bearer.person, "needs": asked, "evidence": evidence}
        told |= {"purpose": bearer.purpose} if bearer.purpose else {}
        lacks += records.unmet(told)["unmet"]
    return lacks
