"""Duties that remind, escalate, are confirmed; rounds of one duty a record."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, inspect

from services.retention.tables import duties, rounds

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns and the table that are not there yet."""
    rounds.create(op.get_bind(), checkfirst=True)
    known = inspect(op.get_bind())
    there = {column["name"] for column in known.get_columns(duties.name)}
    for column in duties.columns:
        if column.name not in there:
            grown = Column(column.name, column.type, nullable=column.nullable, server_default=column.server_default)
            op.add_column(duties.name, grown)
    indexed = {index["name"] for index in known.get_indexes(duties.name)}
    for index in [index for index in duties.indexes if index.name not in indexed]:
        index.create(op.get_bind())
