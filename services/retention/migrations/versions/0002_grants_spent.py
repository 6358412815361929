"""Which grant to borrow has served which loan."""

from __future__ import annotations

from alembic import op

from services.retention.tables import grants_spent

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table where it is not there yet."""
    grants_spent.create(op.get_bind(), checkfirst=True)
