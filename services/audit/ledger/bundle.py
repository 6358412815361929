"""Evidence bundles: a range of entries, what proves it complete, and the program that checks it. Streamed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from typing import IO

from chassis.codec import canonical
from services.audit.ledger.checkpoint import SigningKey
from services.audit.ledger.tree import Node, cover

TITLE = "muniment evidence bundle 1"
README = """Evidence from the ledger of a Muniment installation
Muniment 审计账本的证据包

    python3 -I verify.py

checks it with nothing but Python (3.11 or newer). Give the log's public key as you got it elsewhere with --key, and a
checkpoint that you kept from before with --seen. entries.jsonl holds one journal entry a line, in the order of the
signed tree; leaves.bin their hashes; checkpoint.txt is the signed state of the log (C2SP tlog-checkpoint).

只需 Python 3.11 或更高版本即可核验。用 --key 提供您另行取得的日志公钥,用 --seen 提供您先前保存的检查点。
"""
# Fixed, so that the same range gives the same bytes whoever builds it.
AT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Evidence:
    """What a bundle is made of: entries `first` to `last` of the tree that the checkpoint signs."""

    first: int
    last: int
    size: int
    checkpoint: str
    texts: Iterable[bytes]
    hashes: Iterable[bytes]
    regimes: Mapping[str, str | None]
    node: Node


def write(target: IO[bytes], evidence: Evidence, key: SigningKey) -> None:
    """Write the bundle; memory does not grow with the number of entries."""
    small = {
        "README.txt": README.encode(),
        "key.txt": key.verifier.line().encode() + b"\n",
        "regimes.json": canonical(dict(evidence.regimes)),
        "verify.py": resources.files(__package__).joinpath("verify.py").read_bytes(),
    }
    manifest = canonical(_manifest(evidence, key, small)).decode()
    small["checkpoint.txt"] = evidence.checkpoint.encode()
    small["manifest.txt"] = key.sign(f"{TITLE}\n{manifest}\n").encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in sorted(small):
            _file(archive, name, [small[name]])
        _file(archive, "entries.jsonl", (text + b"\n" for text in evidence.texts))
        _file(archive, "leaves.bin", evidence.hashes)


def _manifest(evidence: Evidence, key: SigningKey, files: dict[str, bytes]) -> dict[str, object]:
    left, right = cover(0, evidence.first), cover(evidence.last + 1, evidence.size)
    return {
        "origin": key.name,
        "first": evidence.first,
        "last": evidence.last,
        "size": evidence.size,
        "left": [evidence.node(*at).hex() for at in left],
        "right": [evidence.node(*at).hex() for at in right],
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
    }


def _file(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    info = zipfile.ZipInfo(name, AT)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    with archive.open(info, "w", force_zip64=True) as stream:
        for piece in pieces:
            stream.write(piece)
