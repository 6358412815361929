"""The inclusion vectors of transparency-dev/merkle, and where to find them."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "merkle-inclusion"


def inclusion_vectors():
    """Every vector as (name, dict)."""
    return [(str(path.relative_to(FOLDER)), json.loads(path.read_text())) for path in sorted(FOLDER.rglob("*.json"))]


def raw(text):
    """The bytes of a vector's field; null is no bytes."""
    return b64decode(text or "")
