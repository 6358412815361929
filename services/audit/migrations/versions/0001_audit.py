"""Ledger, tiles, checkpoints, alarms, bundles, violations."""

from __future__ import annotations

from alembic import op

from services.audit.tables import ledger_state, metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables, and the one row of an empty ledger."""
    metadata.create_all(op.get_bind())
    op.bulk_insert(ledger_state, [{"id": 1, "size": 0, "peaks": [], "signed": 0, "news": 0}])
