"""What the tests of records start from: the demo company's regime, a record of it, people, keys in memory."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import regimes
from chassis.actor import Actor
from services.records.grants import Grant
from services.records.model import Change, Record
from services.records.reading import StoredPart
from services.records.sealing import PartToStore
from vault.keystore import Key, Sealer

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
REGIME = regimes.load("hengtong", Path(__file__).parents[3] / "demo" / "regimes")
COMPANY = REGIME.classes["company.customer"]
TRADING = REGIME.classes["trading.customer"]
PEOPLE = {
    "zheng": Actor("zheng", "zheng", "service", frozenset({"employee", "entry_clerk"})),
    "wu": Actor("wu", "wu", "service", frozenset({"employee", "head"})),
    "sun": Actor("sun", "sun", "sales", frozenset({"employee", "query_user"})),
    "he": Actor("he", "he", "office", frozenset({"employee", "archivist"})),
    "qian": Actor("qian", "qian", "finance", frozenset({"employee", "finance_clerk", "finance_section.member"})),
    "ma": Actor("ma", "ma", "hr", frozenset({"employee", "head", "system_administrator"})),
}
CONSENT = {"purpose": "service", "notice": "2026-1", "channel": "counter", "kind": "simple"}
FIELDS = {"basic.name": "星澜贸易有限公司", "contact.person": "李雪梅", "contact.mobile": "19900001234"}


def a_record(**given: Any) -> Record:
    """An active record of the service department, with the customer's consent to be served."""
    usual: dict[str, Any] = {
        "id": "r-1",
        "subject": "s-1",
        "class_": "company.customer",
        "department": "service",
        "responsible": "zheng",
        "creator": "zheng",
        "state": "active",
        "level": "sensitive",
        "version": 2,
        "complete": True,
        "regime": REGIME.digest,
        "purposes": {"service": "given"},
    }
    return Record(**{**usual, **given})


def a_change(**given: Any) -> Change:
    """A change of the mobile that waits."""
    told = (
        "c-1",
        "r-1",
        2,
        "customer",
        ["contact.mobile"],
        "customer",
        "zheng",
        [{"document": "customer_request", "id": None}],
    )
    usual = dict(zip(Change.__dataclass_fields__, told, strict=False))
    return Change(**{**usual, "sealed": {}, **given})


def a_grant(**given: Any) -> Grant:
    """A grant for a day: sun may view the whole record, for service."""
    usual: dict[str, Any] = {
        "id": "g-1",
        "person": "sun",
        "mode": "view",
        "records": ("r-1",),
        "fields": None,
        "purpose": "service",
        "start": NOON,
        "until": NOON + timedelta(days=1),
    }
    return Grant(**{**usual, **given})


def keys(number: int) -> list[Key]:
    """New keys, in memory."""
    return [Key(f"k-{n}", os.urandom(32)) for n in range(number)]


def sealer(made: list[Key]) -> Sealer:
    """What seals under them."""
    return Sealer({key.id: key.dek for key in made})


def stored(parts: list[PartToStore]) -> dict[str, StoredPart]:
    """Part versions as they lie in the database, by name."""
    return {one.name: StoredPart(one.part, one.name, one.level, one.key, one.version, one.sealed) for one in parts}
