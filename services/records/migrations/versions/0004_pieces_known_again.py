"""By what a piece of a document is known again."""

from alembic import op
from sqlalchemy import Column, inspect

from services.records.documents.tables import document_chunks

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column where it is not there yet; a piece from before has none and is known by its place alone."""
    if "mark" not in {column["name"] for column in inspect(op.get_bind()).get_columns("document_chunks")}:
        op.add_column("document_chunks", Column("mark", document_chunks.c.mark.type))
