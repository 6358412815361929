"""A record as its table keeps it: the columns to ask for, and the aggregate in what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.records.model import Record
from services.records.tables import records

RECORD = list(records.c)
NAMES = [column.key for column in RECORD]


def record_of(row: Sequence[Any]) -> Record:
    """The aggregate in a row whose first columns are `RECORD`."""
    return Record(**dict(zip(NAMES, row, strict=False)))
