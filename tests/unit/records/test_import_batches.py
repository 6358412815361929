"""Rows that are made ready together are written down some at a time, and none is lost or told of twice."""

from __future__ import annotations

from collections import ChainMap
from types import SimpleNamespace

import pytest

from services.records.importing.batches import Batch, Met
from services.records.importing.checking import Checked

FRESH = [Checked(number, 1, {"basic.name": b"%d" % number}, None, None) for number in (2, 3, 5, 6, 8, 9)]
WRONG = [{"code": "field.missing"}]
REJECTED = [(4, WRONG), (7, WRONG), (10, WRONG)]


class Kept:
    """What a transaction was told to keep."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.met: list[str] = []

    def add_lines(self, upload: str, lines: list[dict[str, object]]) -> None:
        self.lines += [line["row"] for line in lines]

    def emit(self, *events: str) -> None:
        self.met += events


class Counting(SimpleNamespace):
    """An import that only counts."""

    def count(self, *counts: int) -> None:
        self.counts.append(counts)
        self.next_row = counts[0]


@pytest.fixture
def batch() -> Batch:
    return Batch.of([*((one.number, one) for one in FRESH), *REJECTED])


def known(*numbers: int) -> ChainMap[bytes, Met]:
    alike = SimpleNamespace(record=SimpleNamespace(id="r1"), met=lambda: "met r1")
    return ChainMap({b"%d" % number: Met(number="T0001", records=(alike,)) for number in numbers})


def kept(batch: Batch, many: int) -> tuple[Kept, Counting]:
    work, taken = Kept(), Counting(id="u", dry_run=True, next_row=1, counts=[])
    for some in batch.portions(many):
        some.keep(work, taken, None)
    return work, taken


@pytest.mark.parametrize("many", [1, 2, 4, 9, 200])
def test_portions_hold_every_row_once_and_in_order_with_what_became_of_it(batch: Batch, many: int) -> None:
    batch.weed(known(8), forced=())

    work, taken = kept(batch, many)

    assert sorted(work.lines) == [4, 7, 8, 10] and set(work.met) == {"met r1"}
    assert [sum(column) for column in zip(*taken.counts, strict=True)][1:] == [5, 3, 1]
    assert taken.next_row == 10 and [counts[0] for counts in taken.counts] == sorted(
        counts[0] for counts in taken.counts
    )
    assert all(len(some.fresh) + len(some.lines) <= many for some in batch.portions(many))


def test_a_record_that_several_rows_are_like_is_told_of_once_a_transaction(batch: Batch) -> None:
    batch.weed(known(5, 6), forced=())

    assert kept(batch, 200)[0].met == ["met r1"]


def test_the_end_of_a_file_is_a_portion_by_itself() -> None:
    assert [some.over for some in Batch.of([]).portions(10)] == [True]
