"""Records, parts, versions, tokens, consents, changes, freezes, grants, imports."""

from alembic import op

from services.records.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
