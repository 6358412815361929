"""What the walk tells of one act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """Who, what in English and Chinese, and what came back."""

    who: str
    en: str
    zh: str
    got: str


Title = tuple[str, str]
Act = tuple[Title, Callable[[], Iterator[Line]]]
