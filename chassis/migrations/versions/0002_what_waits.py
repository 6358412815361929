"""Indexes of the journal that hold only what waits for its number or for the broker."""

from alembic import op

from chassis.tables import UNSENT, WAITING

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for index in (UNSENT, WAITING):
        # A fresh database has both already, an older one has another index under the first one's name.
        index.drop(op.get_bind(), checkfirst=True)
        index.create(op.get_bind())
