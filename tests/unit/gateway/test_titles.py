"""Every code that anything can refuse with has a title and a remedy in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.problems import titles

ROOT = Path(__file__).parents[3]
CALLS = "Invalid|Forbidden|NotFound|Conflict|Unavailable|Declined|Refused|KeyGone|SealBroken|Problem|problem"
BEFORE = r"(?:\d{3},\s*|f?\"[^\"]*\",\s*|[\w, ]+,\s*)?"  # a status, a pointer or a value
RAISED = re.compile(rf'\b(?:{CALLS}|wrong|unauthorised|_decimal)\(\s*{BEFORE}"([a-z_]+\.[a-z_]+)"')
LISTED = re.compile(r'"code":\s*"([a-z_]+\.[a-z_]+)"')


def codes() -> dict[str, str]:
    """Codes in the sources, by where they stand."""
    found = {}
    for room in ("chassis", "vault", "regimes", "services", "gateway"):
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            for pattern in (RAISED, LISTED):
                found.update({code: str(path.relative_to(ROOT)) for code in pattern.findall(text)})
    return found


def test_every_code_has_a_title() -> None:
    assert {code: where for code, where in codes().items() if code not in titles()} == {}


def test_titles_are_whole() -> None:
    for code, title in titles().items():
        texts = [title["en"], title["zh"], title["remedy"]["en"], title["remedy"]["zh"]]
        assert set(title) == {"en", "zh", "remedy"} and all(texts), code
        assert title["en"].endswith(".") and title["zh"].endswith("。"), code
        assert title["en"].isascii() and re.search("[一-鿿]", title["zh"]) and re.search("[一-鿿]", texts[3]), code
