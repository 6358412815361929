"""A page of a list, a number and the records of an import are found by an index each."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect

from services.records.tables import records

revision = "0006"
down_revision = "0005"
BEFORE = "ix_records_import_id"  # the same for imports, and they were looked through whole for each portion


def upgrade() -> None:
    """Make the indexes that are not there yet, and let go of the one in whose place one of them comes."""
    there = {index["name"] for index in inspect(op.get_bind()).get_indexes("records")}
    for index in sorted(records.indexes, key=lambda one: str(one.name)):
        if index.name not in there:
            index.create(op.get_bind())
    if BEFORE in there:
        op.drop_index(BEFORE, "records")
