"""Journal, relay, inbox, dead letters, idempotency, texts."""

from alembic import op

from chassis.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
