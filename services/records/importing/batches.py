"""Rows that share a transaction: sealed before it begins, so that nobody waits for the computing."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from chassis.beside import Here
from chassis.breathing import gently
from chassis.db import portions
from regimes.model import RecordClass
from services.records.importing.checking import Checked
from services.records.importing.model import Import
from services.records.importing.preparing import Refused, Sealed
from services.records.merging.likeness import Alike
from services.records.registers.belonging import belongs_to_record

EXISTS = {"code": "record.exists", "detail": "a record of this customer exists already", "zh": "该客户已有档案"}
KEYED, INDEXED = 20, 25  # rows whose keys are made together, and that are indexed together
LIKELY = {
    "code": "record.likely",
    "detail": "likely the same customer as another; compare, and force the row if it is another one",
    "zh": "可能为同一客户；核对后如确非同一客户，可指定该行强制导入",
}


@dataclass(frozen=True)
class Met:
    """Who has a mark already: an earlier row, or records, of which the clerk may be told one's number at most."""

    row: int = 0
    number: str = ""
    records: tuple[Alike, ...] = ()

    def told(self, zh: bool) -> str:
        """What the report says of it."""
        row = f"第{self.row}行" if zh else f"row {self.row}"
        return row if self.row else self.number


Known = ChainMap[bytes, Met]  # by blind marks of customers and of their plain names


@dataclass
class Batch:
    """What is to be taken of some rows, and why the others are not."""

    last: int | None = None  # the number of the last row; None where the file has no more
    fresh: list[Checked] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    met: dict[int, tuple[Alike, ...]] = field(default_factory=dict)  # records that a row turned out to be like

    @classmethod
    def of(cls, rows: Iterable[tuple[int, Checked | Refused]]) -> Batch:
        """Rows that were checked."""
        batch = cls()
        for number, checked in gently(rows):
            batch.last = number
            if isinstance(checked, Checked):
                batch.fresh.append(checked)
            else:
                batch.lines.append({"row": number, "outcome": "rejected", "problems": checked})
        return batch

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
        seen, fresh = known.new_child(), []
        for one in self.fresh:
            outcome, met = _same(one, seen, forced=one.number in forced)
            if met:
                self.lines.append({"row": one.number, "outcome": outcome, "problems": [_problem(outcome, met)]})
                self.met[one.number] = met.records
                continue
            fresh.append(one)
            seen.update(own(one))
        self.fresh = fresh

    def seal(self, preparing: Here, keys: Any) -> None:
        """Have what is to be taken sealed, each part under a key of its own, and indexed."""
        own: dict[int, list[Any]] = {}
        for some in gently(
            portions(self.fresh, KEYED)
        ):  # all at once would take a hundredth of a second of everybody's
            made = iter(keys.create(sum(one.parts for one in some)))
            own |= {one.number: list(islice(made, one.parts)) for one in some}
        self.fresh = list(gently(preparing.ask("seal", own)))

    def portions(self, many: int) -> Iterator[Batch]:
        """The same rows, some at a time."""
        numbers = sorted([one.number for one in self.fresh] + [line["row"] for line in self.lines])
        if len(numbers) <= many:
            yield self
            return
        for some in portions(numbers, many):
            yield self._between(some[0], some[-1])

    def _between(self, first: int, last: int) -> Batch:
        rows = range(first, last + 1)
        lines = [line for line in self.lines if line["row"] in rows]
        met = {row: records for row, records in self.met.items() if row in rows}
        return Batch(last, [one for one in self.fresh if one.number in rows], lines, met)

    def keep(self, work: Any, taken: Import, found: RecordClass) -> None:
        """Write everything down in one transaction, and count it."""
        if self.fresh and not taken.dry_run:
            for _ in gently(_storing(work, cast(list[Sealed], self.fresh), taken, found)):
                pass
        work.add_lines(taken.id, self.lines)
        work.emit(*(one.met() for one in {one.record.id: one for met in self.met.values() for one in met}.values()))
        rejected = sum(line["outcome"] == "rejected" for line in self.lines)
        last = taken.next_row if self.last is None else self.last
        taken.count(last, len(self.fresh), rejected, len(self.lines) - rejected)


def own(one: Checked) -> dict[bytes, Met]:
    """The marks by which later rows are the same as this one."""
    return dict.fromkeys({*one.marks, *([one.alike] if one.alike else [])}, Met(one.number))


def _same(one: Checked, seen: Known, forced: bool) -> tuple[str, Met | None]:
    """What becomes of a row whose customer there is already, and who that is."""
    marks = [one.unit] if forced and one.unit else [] if forced else sorted(one.marks)
    exact = next((seen[mark] for mark in marks if mark in seen), None)
    if exact or forced or not one.alike:
        return "duplicate", exact
    return "likely", seen.get(one.alike)


def _problem(outcome: str, met: Met) -> dict[str, Any]:
    found = EXISTS if outcome == "duplicate" else LIKELY
    named = {"detail": f"{found['detail']}: {met.told(zh=False)}", "zh": f"{found['zh']}：{met.told(zh=True)}"}
    return found | named if met.told(zh=False) else found


def _storing(work: Any, fresh: list[Sealed], taken: Import, found: RecordClass) -> Iterator[None]:
    """Write them down, a step at a time."""
    for one in fresh:
        one.record.created_at = work.now
    if belongs_to_record(found):
        for about in sorted({str(one.record.about) for one in fresh}):
            work.lock_parent(about)
    work.claim_units({one.unit: one.record.id for one in fresh if one.unit}, found)
    yield
    work.know([one.entered for one in fresh])
    for one in fresh:
        yield
        work.add([one.record])
        work.add_parts(one.record.id, one.sealed, 1, taken.by)
        work.add_tokens([(one.record.id, one.tokens)])
        work.liken([(one.record.id, one.alike)])
        work.emit(one.record.imported())
    for some in portions(fresh, INDEXED):
        yield
        work.add_index([one.index for one in some])
