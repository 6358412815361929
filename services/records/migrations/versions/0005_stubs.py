"""What stays of a destroyed record."""

from alembic import op
from sqlalchemy import Column, inspect

from services.records.tables import records

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column where it is not there yet; of what was destroyed before, nothing stays but its head."""
    if "stub" not in {column["name"] for column in inspect(op.get_bind()).get_columns("records")}:
        op.add_column("records", Column("stub", records.c.stub.type))
