"""Duties are found by the record or the thing that they are about."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect

from services.retention.tables import duties

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the indexes that are not there yet."""
    there = {index["name"] for index in inspect(op.get_bind()).get_indexes("duties")}
    for index in sorted(duties.indexes, key=lambda one: str(one.name)):
        if index.name not in there:
            index.create(op.get_bind())
