"""The certificate of a destruction: a signed statement that never claims what did not happen. No I/O."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chassis.clock import rfc3339
from chassis.codec import canonical
from chassis.errors import Conflict
from services.retention.disposal.model import Disposal, Item, unproven

KIND = "muniment.certificate-of-destruction"
EVIDENCE = ("key_fingerprints", "copies", "stub", "attempt")  # `stub`: the names of the fields whose values stay


def draw_up(disposal: Disposal) -> dict[str, Any]:
    """The statement for a finished list; refuses where an item's end is not proved."""
    if disposal.state not in ("executed", "partly_executed"):
        raise Conflict("certificate.not_issued", f"list {disposal.id} is {disposal.state}")
    records = [_line(item) for item in disposal.items]
    return {
        "kind": KIND,
        "version": 1,
        "certificate": disposal.certificate,
        "disposal": disposal.id,
        "class": disposal.class_,
        "list_hash": disposal.hash,
        "regime": disposal.regime,
        "outcome": disposal.state,
        "author": disposal.author,
        "request": disposal.request,
        "grant": disposal.grant,
        "approvals": disposal.approvals,
        "witness": {"person": disposal.witness, "at": _time(disposal.witnessed_at)},
        "executor": disposal.executor,
        "times": _times(disposal),
        "counts": _counts(records),
        "records": records,
    }


def sign(statement: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The statement with its signature over the canonical text of everything else."""
    value = base64.b64encode(key.sign(canonical(statement))).decode()
    return {**statement, "signature": {**_named(key.public_key()), "value": value}}


def verify_certificate(certificate: dict[str, Any], public_key: Ed25519PublicKey | bytes) -> list[str]:
    """What is wrong with a certificate, in words; empty when it holds. Needs nothing but the public key."""
    key = Ed25519PublicKey.from_public_bytes(public_key) if isinstance(public_key, bytes) else public_key
    statement = {name: value for name, value in certificate.items() if name != "signature"}
    try:
        key.verify(base64.b64decode(certificate["signature"]["value"]), canonical(statement))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return ["the signature does not hold"]
    own = {name: said for name, said in certificate["signature"].items() if name != "value"} == _named(key)
    return ([] if own else ["it names another key than the one that signed it"]) + _contradictions(statement)


def digest(certificate: dict[str, Any]) -> str:
    """SHA-256 of the certificate as issued; the journal keeps it."""
    return hashlib.sha256(canonical(certificate)).hexdigest()


def key_fingerprint(key: Ed25519PublicKey) -> str:
    """The first 16 hexadecimal digits of the key's SHA-256."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _named(key: Ed25519PublicKey) -> dict[str, str]:
    return {"algorithm": "Ed25519", "key": key_fingerprint(key), "public_key": key.public_bytes_raw().hex()}


def _contradictions(statement: dict[str, Any]) -> list[str]:
    wrong = [] if statement.get("kind") == KIND else ["this is no certificate of destruction"]
    records = statement.get("records", [])
    wrong += [] if statement.get("counts") == _counts(records) else ["the counts are not those of the records"]
    people = [statement["author"], *(approval["person"] for approval in statement["approvals"]), statement["executor"]]
    wrong += ["the witness had another part in it"] if statement["witness"]["person"] in people else []
    listed = [[line["record"], line["version"]] for line in records]
    named = {name: statement[name] for name in ("disposal", "class", "regime")}
    same = hashlib.sha256(canonical({**named, "records": listed})).hexdigest() == statement["list_hash"]
    wrong += [] if same else ["the records are not those of the approved list"]
    destroyed = (line for line in records if line["outcome"] == "destroyed")
    return wrong + [f"{line['record']}: {gap} not shown" for line in destroyed for gap in unproven(line)]


def _line(item: Item) -> dict[str, Any]:
    line = {"record": item.record, "version": item.version, "outcome": item.state, "at": _time(item.settled_at)}
    if item.state == "skipped":
        return {**line, "reason": item.reason}
    evidence = item.evidence or {}
    if item.state != "destroyed" or unproven(evidence):
        raise Conflict("certificate.unproven", f"the end of {item.record} is not proved")
    return {**line, **{name: evidence[name] for name in EVIDENCE if name in evidence}}


def _times(disposal: Disposal) -> dict[str, str | None]:
    return {
        "listed": _time(disposal.created_at),
        "decided": _time(disposal.decided_at),
        "witnessed": _time(disposal.witnessed_at),
        "started": _time(disposal.started_at),
        "finished": _time(disposal.finished_at),
    }


def _counts(records: list[dict[str, Any]]) -> dict[str, int]:
    destroyed = sum(line["outcome"] == "destroyed" for line in records)
    return {"listed": len(records), "destroyed": destroyed, "skipped": len(records) - destroyed}


def _time(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None
