"""Rows that share a transaction: sealed before it begins, so that nobody waits for the computing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from services.records.importing.breathing import gently
from services.records.importing.checking import Checked
from services.records.importing.model import Import
from services.records.registers.belonging import belongs_to_record
from vault.tokens import Blind

EXISTS = {"code": "record.exists", "detail": "a record of this customer exists already", "zh": "该客户已有档案"}
LIKELY = {
    "code": "record.likely",
    "detail": "likely the same customer as another; compare, and force the row if it is another one",
    "zh": "可能为同一客户；核对后如确非同一客户，可指定该行强制导入",
}


@dataclass
class Known:
    """What there is already: marks of customers, and of plain names with what the clerk may know of who has them."""

    marks: set[bytes] = field(default_factory=set)
    names: dict[bytes, str] = field(default_factory=dict)

    def __or__(self, other: Known) -> Known:
        return Known(self.marks | other.marks, {**other.names, **self.names})


@dataclass
class Batch:
    """What is to be taken of some rows, and why the others are not."""

    last: int | None  # the number of the last row; None where the file has no more
    fresh: list[Checked] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    rejected: int = 0

    def reject(self, row: int, found: list[dict[str, Any]]) -> None:
        """Keep why a row breaks a rule."""
        self.lines.append({"row": row, "outcome": "rejected", "problems": found})
        self.rejected += 1

    @property
    def over(self) -> bool:
        """Whether every row of the file has been taken before."""
        return self.last is None

    @property
    def marks(self) -> set[bytes]:
        """The blind marks of all rows that are still to be taken."""
        return {mark for one in self.fresh for mark in one.marks}

    @property
    def names(self) -> set[bytes]:
        """The blind marks of their customers' plain names."""
        return {one.alike for one in self.fresh if one.alike}

    def weed(self, known: Known, forced: Collection[int]) -> None:
        """Put aside rows whose customer is known or comes earlier, surely or likely.

        A forced one only where its filing unit is taken.
        """
        seen, fresh = Known(set(known.marks), dict(known.names)), []
        for one in self.fresh:
            line = _same(one, seen, forced=one.number in forced)
            if line:
                self.lines.append({"row": one.number, **line})
                continue
            fresh.append(one)
            seen.marks.update(one.marks)
            if one.alike:
                seen.names.setdefault(one.alike, f"row {one.number}")
        self.fresh = fresh

    def seal(self, keys: Any) -> None:
        """Seal what is to be taken, each part under a key of its own, and index it."""
        made = iter(keys.create(sum(len(one.draft.parts) for one in self.fresh)))
        for one in gently(self.fresh):
            one.sealed = one.draft.seal([next(made) for _ in one.draft.parts])
            one.index = one.draft.indexed(keys.blind)

    def keep(self, work: Any, taken: Import, blind: Blind) -> None:
        """Write everything down in one transaction, and count it."""
        if self.fresh and not taken.dry_run:
            _store(work, self.fresh, taken, blind)
        work.add_lines(taken.id, self.lines)
        others = len(self.lines) - self.rejected
        taken.count(taken.next_row if self.last is None else self.last, len(self.fresh), self.rejected, others)


def _same(one: Checked, seen: Known, forced: bool) -> dict[str, Any] | None:
    """What becomes of a row whose customer there is already."""
    exact = {one.unit} & seen.marks if forced else one.marks & seen.marks
    if exact:
        return {"outcome": "duplicate", "problems": [EXISTS]}
    if one.alike not in seen.names or forced:
        return None
    other = seen.names[one.alike]
    named = {"detail": f"{LIKELY['detail']}: {other}", "zh": f"{LIKELY['zh']}：{other}"} if other else {}
    return {"outcome": "likely", "problems": [LIKELY | named]}


def _store(work: Any, fresh: list[Checked], taken: Import, blind: Blind) -> None:
    found, drafts = fresh[0].draft.found, [one.draft for one in fresh]
    for draft in drafts:
        draft.record.created_at = work.now
    if belongs_to_record(found):
        for about in sorted({str(draft.record.about) for draft in drafts}):
            work.lock_parent(about)
    work.claim_units({one.unit: one.draft.record.id for one in fresh if one.unit}, found)
    work.know(drafts, blind)
    work.add([draft.record for draft in drafts])
    rows = [work.part_rows(one.draft.record.id, part, 1, None, taken.by) for one in fresh for part in one.sealed]
    work.add_part_rows([part for part, _ in rows], [version for _, version in rows])
    work.add_tokens([(one.draft.record.id, one.tokens) for one in fresh])
    work.liken([(one.draft.record.id, one.alike) for one in fresh])
    work.add_index([one.index for one in fresh if one.index])
    work.emit(*(draft.record.imported() for draft in drafts))
