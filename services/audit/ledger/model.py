"""Sequencing, decided without I/O: what of a source's batch joins the tree, what is known, what is an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from operator import itemgetter
from typing import Any

from chassis.breathing import gently
from chassis.clock import parse_instant
from chassis.codec import canonical
from chassis.errors import Conflict
from services.audit.ledger.tree import leaf_hash

GENESIS = bytes(32)
# The broker users of the suite; under any other (an operator's, a test's) the seal alone says who speaks.
USERS = frozenset({"records", "approvals", "audit", "retention", "gateway"})


@dataclass(frozen=True)
class Tail:
    """How far a source's journal is in the ledger: its last number and chain hash."""

    source: str
    number: int = 0
    chain: bytes = GENESIS


@dataclass(frozen=True)
class Leaf:
    """One journal entry in the form that is hashed and kept."""

    entry: Mapping[str, Any]
    text: bytes
    hash: bytes


@dataclass(frozen=True)
class Alarm:
    """A source contradicts itself; `seen` is the leaf hash of what arrived, `kept` of what the ledger has."""

    source: str
    number: int
    kind: str
    seen: str
    kept: str


@dataclass
class Sequenced:
    """What a batch comes to."""

    tail: Tail
    leaves: list[Leaf] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)


def sequence(
    tail: Tail, entries: list[dict[str, Any]], known: Mapping[int, bytes], sender: str | None = None
) -> Sequenced:
    """Take a source's entries in, in order; `known` are the leaf hashes of numbers already sequenced.

    A repeated entry is skipped. One that differs from what is kept raises an alarm and changes nothing. One whose
    chain is broken raises an alarm and is kept as it came: evidence is never dropped, and verification will name it.
    A batch that is not one, or that another service's broker user (`sender`) sent, raises an alarm, and nothing of it
    is taken: the source falls behind, and its reads stop.
    A gap refuses the whole batch, so that it is delivered again.
    """
    outcome, kept = Sequenced(tail), dict(known)
    problem = "foreign" if sender in USERS - {tail.source} else _malformed(tail.source, entries)
    if problem:
        outcome.alarms.append(Alarm(tail.source, tail.number + 1, problem, leaf_hash(canonical(entries)).hex(), ""))
        return outcome
    for entry in gently(sorted(entries, key=itemgetter("number"))):
        leaf, number = _leaf(entry), entry["number"]
        if number <= outcome.tail.number:
            if kept.get(number) != leaf.hash:
                outcome.alarms.append(_alarm(tail.source, number, "content", leaf.hash, kept.get(number, b"")))
        elif number > outcome.tail.number + 1:
            raise Conflict("journal.gap", f"{tail.source} has {outcome.tail.number}, got {number}")
        else:
            kept[number] = leaf.hash
            _append(outcome, leaf)
    return outcome


def chain_hash(previous: bytes, entry: Mapping[str, Any]) -> bytes:
    """The source's chain after an entry: over the hash before it and the entry without it."""
    return sha256(previous + canonical({name: entry[name] for name in entry if name != "previous"})).digest()


def _append(outcome: Sequenced, leaf: Leaf) -> None:
    entry, source, number = leaf.entry, outcome.tail.source, leaf.entry["number"]
    previous = bytes.fromhex(entry["previous"])
    if previous != outcome.tail.chain:
        outcome.alarms.append(_alarm(source, number, "chain", leaf.hash, outcome.tail.chain))
    outcome.leaves.append(leaf)
    outcome.tail = Tail(source, number, chain_hash(previous, entry))


def _alarm(source: str, number: int, kind: str, seen: bytes, kept: bytes) -> Alarm:
    return Alarm(source, number, kind, seen.hex(), kept.hex())


def _leaf(entry: dict[str, Any]) -> Leaf:
    text = canonical(entry)
    return Leaf(entry, text, leaf_hash(text))


def _malformed(source: str, entries: list[Any]) -> str | None:
    if not all(is_entry(entry) for entry in entries):
        return "malformed"
    return None if all(entry["source"] == source for entry in entries) else "foreign"


def is_entry(entry: Any) -> bool:
    """Whether this has the form of a journal entry."""
    if not isinstance(entry, dict) or type(entry.get("number")) is not int or entry["number"] < 1:
        return False
    texts = ("id", "source", "type")
    return (
        _is_hash(entry.get("previous"))
        and _is_instant(entry.get("at"))
        and all(isinstance(entry.get(name), str) for name in texts)
    )


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and parse_instant(value).tzinfo is not None
    except ValueError:
        return False


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and not value.strip("0123456789abcdef")
