"""What is kept of an import that is taken back."""

from alembic import op
from sqlalchemy import Column, inspect

from services.records.tables import imports

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column where it is not there yet."""
    if "withdrawal" not in {column["name"] for column in inspect(op.get_bind()).get_columns("imports")}:
        op.add_column("imports", Column("withdrawal", imports.c.withdrawal.type))
