"""A regime whose customers have a file with a checklist, and documents handed in as people do."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import regimes
from services.records.documents.sealing import PIECE
from services.records.documents.taking import OPEN
from tests.service.given_records import REGIME, Suite

PDF = b"%PDF-1.7\n"
# Twelve lines would prove no more than these: one always needed with signatures, one needed or asked for by a protected
# field, one asked for always, one that a facet decides.
LISTED: dict[str, Any] = {
    "green_card": {
        "en": "Green card",
        "zh": "绿卡",
        "form": "original",
        "signed_by": ["customer"],
        "level": "sensitive",
    },
    "identity": {"en": "Identity", "zh": "身份证明", "form": "copy", "sides": "2", "optional": "false"},
    "road_test": {
        "en": "Road test",
        "zh": "路试单",
        "form": "either",
        "needed": {"business.demand": "overhaul"},
        "ask": {"business.demand": ["minor_repair", "warranty"]},
    },
    "other_proof": {"en": "Other proof", "zh": "其他证明", "form": "either", "ask": {}},
    "licence": {"en": "Licence", "zh": "行驶证", "form": "copy", "needed": {"basic.region": "北岸"}},
}
DUE = ["green_card", "identity", "other_proof"]


def with_documents(listed: dict[str, Any] = LISTED, **more: Any) -> regimes.Regime:
    """The company's regime with a checklist for its customers."""
    known = REGIME.merged["classes"]
    own = known["company.customer"]
    changed = {**own, "documents": {**own.get("documents", {}), **listed}, **more}
    return regimes.Regime({**REGIME.merged, "classes": {**known, "company.customer": changed}})


WITH_DOCUMENTS = with_documents()


def a_file(pieces: int = 1, rest: int = 100, mark: bytes = b"x") -> bytes:
    """A PDF of so many whole pieces and a rest."""
    size = pieces * PIECE + rest
    return (PDF + mark * size)[:size]


def begins(suite: Suite, record: str, kind: str = "green_card", person: str = "zheng", **told: Any) -> str:
    """An upload that was begun; its id."""
    about = {"record": record, "kind": kind, "form": "original", "name": "scan.pdf", **told}
    return str(suite.calls(person, "begin_document", about)["upload"])


def puts(suite: Suite, upload: str, content: bytes, person: str = "zheng", start: int = 0) -> None:
    """Every piece from a byte on."""
    for offset in range(start, len(content), PIECE):
        piece(suite, upload, offset, content[offset : offset + PIECE], person)


def piece(suite: Suite, upload: str, offset: int, raw: bytes, person: str = "zheng") -> dict[str, Any]:
    """One piece."""
    sent = {"upload": upload, "offset": offset, "bytes": b64encode(raw).decode()}
    return dict(suite.calls(person, "put_document_chunk", sent))


def finishes(suite: Suite, upload: str, size: int, person: str = "zheng", key: str | None = None) -> dict[str, Any]:
    """All of it is there."""
    return dict(suite.calls(person, "finish_document", {"upload": upload, "size": size}, key=key))


def hands_in(
    suite: Suite, record: str, kind: str = "green_card", content: bytes = PDF, person: str = "zheng", **told: Any
) -> str:
    """A document that came in whole; its id."""
    upload = begins(suite, record, kind, person, **told)
    puts(suite, upload, content, person)
    return str(finishes(suite, upload, len(content), person)["id"])


def proves(suite: Suite, record: str, *kinds: str) -> None:
    """Put on file what shows that somebody wants something, as far as it is not there: to count it has to be."""
    known, held = suite.store.proofs_of(record).values(), suite.store.record(record)
    listed = suite.service(None, "change", {}).regime().classes[held.class_].documents
    for kind in (one for one in kinds if one in listed and one not in known and held.state in OPEN):
        hands_in(suite, record, kind, person=held.creator)


def contents(suite: Suite, person: str, document: str, purpose: str = "service") -> bytes:
    """What somebody reads of a document, piece by piece."""
    asked = {"document": document, "purpose": purpose}
    opened = suite.calls(person, "open_document", asked)
    return b"".join(fetches(suite, person, asked | {"entry": opened["entry"]}, n) for n in range(opened["pieces"]))


def fetches(suite: Suite, person: str, begun: dict[str, Any], number: int) -> bytes:
    """One piece of a read that was begun."""
    return b64decode(suite.calls(person, "document_chunk", {**begun, "number": number})["bytes"])


def listed(suite: Suite, record: str, person: str = "zheng") -> dict[str, Any]:
    """The record's checklist by document."""
    told = suite.calls(person, "checklist", {"record": record})
    return {line["kind"]: line for line in told["items"]} | {"": told}
