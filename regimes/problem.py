"""What is wrong with one value, told so that a clerk can mend it; never with the value itself."""

from __future__ import annotations


class Problem(ValueError):
    """A stable code and a detail with the remedy."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail
