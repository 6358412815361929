"""Making cells comparable without changing what they say.

What people wrote as text stays as they wrote it, but for what cannot be seen; everything else becomes NFKC, with
half-width letters and digits, trimmed, one space for many. What the rules keep of a value is never changed by this.
"""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SPACES = re.compile(r"[^\S\n]+")


def cleansed_as(kind: str, cell: str) -> str:
    """A cell of a field of this type."""
    if kind not in ("text", "table", "name", "address"):
        return cleansed(cell)
    text = CONTROL.sub("", unicodedata.normalize("NFC", cell).replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip() if kind in ("text", "table") else " ".join(INVISIBLE.sub("", text).split())


def cleansed(cell: str) -> str:
    """A cell in normal form: full-width letters and digits become half-width, invisible signs go, spaces are single."""
    text = CONTROL.sub("", INVISIBLE.sub("", unicodedata.normalize("NFKC", cell)))
    return "\n".join(SPACES.sub(" ", line).strip() for line in text.splitlines()).strip()
