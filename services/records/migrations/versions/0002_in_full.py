"""What the engines of records added: each table and column that is not there yet."""

from alembic import op
from sqlalchemy import Column, inspect

from services.records.store import RecordStore

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    metadata, bind = RecordStore.metadata, op.get_bind()
    metadata.create_all(bind)
    known = inspect(bind)
    for table in metadata.sorted_tables:
        there = {column["name"] for column in known.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                grown = Column(column.name, column.type, nullable=column.nullable, server_default=column.server_default)
                op.add_column(table.name, grown)
        indexed = {index["name"] for index in known.get_indexes(table.name)}
        for index in [index for index in table.indexes if index.name not in indexed]:
            index.create(bind)
