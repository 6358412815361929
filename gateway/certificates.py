"""How a certificate of destruction is told on its page: its members in order, by names and words that people know."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from gateway import wording

INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d+Z")


class Telling:
    """What stands in certificates, in one language; what nobody has put into words is told as it is."""

    def __init__(self, language: str) -> None:
        known = _known()
        self.language = language
        self.order = {name: at for at, name in enumerate(known["names"])}
        self.names = {name: said[language] for name, said in known["names"].items()}
        self.words = {name: said[language] for name, said in known["words"].items()}

    def members(self, part: dict[str, Any]) -> list[tuple[str, Any]]:
        """Names and values, as the page puts them; unknown names come last."""
        ordered = sorted(part, key=lambda name: self.order.get(name, len(self.order)))
        return [(self.names.get(name, name), part[name]) for name in ordered]

    def word(self, value: Any) -> str:
        """An instant to the second, words for a word or a code, everything else as it is."""
        said = "" if value is None else str(value)
        if instant := INSTANT.fullmatch(said):
            return f"{instant[1]} {instant[2]} UTC"
        titled = wording.titles().get(said)
        return str(titled[self.language]) if titled else self.words.get(said, said)


@lru_cache(maxsize=1)
def _known() -> dict[str, dict[str, dict[str, str]]]:
    return yaml.safe_load(Path(__file__).with_name("certificate.yaml").read_text(encoding="utf-8"))
