"""Facts that prove something; who opened a grant; what a grant is bound to."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, inspect

from services.approvals.tables import metadata

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add each table and column that is not there yet."""
    metadata.create_all(op.get_bind())
    known = inspect(op.get_bind())
    for table in metadata.sorted_tables:
        there = {column["name"] for column in known.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                op.add_column(table.name, Column(column.name, column.type))
