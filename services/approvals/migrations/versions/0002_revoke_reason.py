"""Why a grant was revoked."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text, inspect

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column where it is not there yet."""
    if "revoke_reason" not in {column["name"] for column in inspect(op.get_bind()).get_columns("grants")}:
        op.add_column("grants", Column("revoke_reason", Text))
