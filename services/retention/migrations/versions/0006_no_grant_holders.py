"""Whose a grant is says approvals: what retention had heard of it could be late."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Drop the table."""
    op.get_bind().exec_driver_sql("DROP TABLE IF EXISTS grant_holders")
