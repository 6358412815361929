"""What happened that fulfils duties, for openings that are heard of after it."""

from __future__ import annotations

from alembic import op

from services.retention.tables import fulfilments

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table where it is not there yet."""
    fulfilments.create(op.get_bind(), checkfirst=True)
