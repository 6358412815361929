"""The computing of an import: rows are read and checked, those that are new sealed and indexed. No database.

It may run in a copy of the process: what it yields is small and whole, and holds no value in clear.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chassis.breathing import gently
from services.records.creating import Draft, Entered
from services.records.importing.checking import Checked, Checker
from services.records.importing.rows import Row
from services.records.sealing import PartToStore
from services.records.searching.indexing import Indexed
from vault.keystore import Key

Refused = list[dict[str, Any]]  # every reason against a row


@dataclass(frozen=True)
class Sealed(Checked):
    """A row as it will lie in the tables."""

    entered: Entered
    sealed: list[PartToStore]
    index: Indexed

    @property
    def record(self) -> Any:
        """The new record."""
        return self.entered.record


class Preparing:
    """The rows of one file, to be walked through once."""

    def __init__(self, rows: Iterator[Row], checker: Checker) -> None:
        self.rows, self.checker = rows, checker
        self.drafts: dict[int, tuple[Checked, Draft]] = {}  # of the rows that were checked last

    def check(self, many: int) -> Iterator[tuple[int, Checked | Refused]]:
        """The next rows: each one's number, and its marks or what it breaks; nothing where the file ends."""
        self.drafts = {}
        for row in gently(islice(self.rows, many)):
            draft = self.checker.check(row)
            if isinstance(draft, Draft):
                checked = self.checker.marked(row.number, draft)
                self.drafts[row.number] = (checked, draft)
                yield row.number, checked
            else:
                yield row.number, draft

    def seal(self, keys: dict[int, list[Key]]) -> Iterator[Sealed]:
        """Those of the rows checked last that have keys, each part sealed under a key of its own."""
        blind, index = self.checker.blind, self.checker.blind.search
        for number, own in gently(keys.items()):
            checked, draft = self.drafts[number]
            sealed, indexed = draft.seal(own), draft.indexed(blind, index)
            yield Sealed(**vars(checked), entered=draft.entered(blind), sealed=sealed, index=indexed)
