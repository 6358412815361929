"""Which record stands for which after a merge."""

from __future__ import annotations

from alembic import op

from services.retention.tables import homes

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table where it is not there yet."""
    homes.create(op.get_bind(), checkfirst=True)
