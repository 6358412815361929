"""Requests are found by what they are about."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect

from services.approvals.tables import requests

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the index where it is not there yet."""
    if "requests_subject" not in {index["name"] for index in inspect(op.get_bind()).get_indexes("requests")}:
        next(index for index in requests.indexes if index.name == "requests_subject").create(op.get_bind())
