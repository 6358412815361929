"""Small ledgers for tests: honest sources, a tree, a key, a bundle in memory, and ways to spoil it."""

from __future__ import annotations

import io
import json
import zipfile
from hashlib import sha256

from services.audit.ledger import bundle, tiles, tree
from services.audit.ledger.checkpoint import Checkpoint, SigningKey
from services.audit.ledger.model import GENESIS, chain_hash
from services.audit.ledger.verify import verify

KEY = SigningKey.from_seed("test.example/ledger", bytes(range(32)))
OTHER_KEY = SigningKey.from_seed("test.example/ledger", bytes(range(1, 33)))
REGIME = '{"regime":"company"}'


def canonical(entry):
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def an_entry(source, number, minute=None, **more):
    at = f"2026-11-22T{(minute or number) // 60:02}:{(minute or number) % 60:02}:00.000000Z"
    entry = {"id": f"{source}-{number}", "source": source, "number": number, "type": f"{source}.happened", "at": at}
    who = {"version": 1, "actor": "ana", "account": "ana", "department": "sales", "session": None}
    what = {"record": f"record-{number}", "purpose": "service", "request": f"request-{number}"}
    return {**entry, **who, **what, "data": {"previous": "none", "who": "张"}, **more}


def chained(entries):
    """The entries with `previous`, each source's chain computed afresh."""
    heads, done = {}, []
    for entry in entries:
        entry = {name: value for name, value in entry.items() if name != "previous"}
        head = heads.get(entry["source"], GENESIS)
        done.append({**entry, "previous": head.hex()})
        heads[entry["source"]] = chain_hash(head, entry)
    return done


def a_log(count=40):
    """Entries of two sources taking turns, numbered and chained."""
    sources = ("records", "approvals")
    return chained([an_entry(sources[n % 2], n // 2 + 1) for n in range(count)])


def hashes_of(entries):
    return [tree.leaf_hash(canonical(entry)) for entry in entries]


def a_node(hashes):
    kept = {}
    for tile in tiles.grown(0, hashes, lambda *at: b""):
        kept[tile.level, tile.index] = tile.hashes
    return tiles.node_reader(lambda *at: kept.get(at, b""))


def a_checkpoint(entries, key=KEY):
    frontier = tree.Frontier()
    frontier.extend(hashes_of(entries))
    return key.sign(Checkpoint(key.name, len(entries), frontier.root()).text())


def a_bundle(entries, first=0, last=None, key=KEY):
    """The bytes of a bundle over a log."""
    last, hashes = len(entries) - 1 if last is None else last, hashes_of(entries)
    shown = slice(first, last + 1)
    evidence = bundle.Evidence(
        first, last, len(entries), a_checkpoint(entries, key),
        (canonical(entry) for entry in entries[shown]), iter(hashes[shown]),
        {sha256(REGIME.encode()).hexdigest(): REGIME}, a_node(hashes),
    )  # fmt: skip
    target = io.BytesIO()
    bundle.write(target, evidence, key)
    return target.getvalue()


def unpacked(raw):
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_entries(raw, entries):
    """The bundle with other lines in entries.jsonl, everything else as it was."""
    return repacked({**unpacked(raw), "entries.jsonl": b"".join(canonical(entry) + b"\n" for entry in entries)})


def checked(folder, raw, **given):
    """What the verifier says of these bytes."""
    path = folder / "bundle.zip"
    path.write_bytes(raw)
    return verify(path, **given)
