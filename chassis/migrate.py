"""Migrations: one linear history per service and one of chassis, the same scripts on both databases, run from code."""

from __future__ import annotations

from importlib import resources
from typing import Any

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from chassis.db import Database


class SchemaBehind(SystemExit):
    """The database's schema is not the one this release was written for."""


HISTORIES = {"keystore": {"vault_version": "vault"}}


def histories(service: str) -> dict[str, str]:
    """Version table -> package, for every history that a service's database holds."""
    return HISTORIES.get(service, {"chassis_version": "chassis", "schema_version": f"services.{service}"})


def migrate(database: Database, service: str) -> None:
    """Bring one database to head. Several replicas may call this at once: one does the work, the others wait."""
    for table, package in histories(service).items():
        script = _script(package)
        with database.engine.connect() as connection, connection.begin():
            if not database.sqlite:
                _take_turn(connection)
            context = _context(connection, table, lambda at, _, s=script: s._upgrade_revs("head", at))
            with Operations.context(context):
                context.run_migrations()


def _take_turn(connection: Connection) -> None:
    # Whoever comes second waits as long as a migration takes; the migration itself must not keep live traffic waiting.
    for step in (
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL lock_timeout = 0",
        "SELECT pg_advisory_xact_lock(hashtext('migrate'))",
        "SET LOCAL lock_timeout = '2s'",
    ):
        connection.execute(text(step))


def check_schema(database: Database, service: str) -> None:
    """Refuse to start behind the schema; exactly one revision ahead is accepted, for releases that roll."""
    for table, package in histories(service).items():
        with database.engine.connect() as connection:
            at = _context(connection, table).get_current_revision()
        if not _serves(_script(package), at):
            raise SchemaBehind(f"the database of {service} is at revision {at or 'none'}; run: muniment migrate")


def _serves(script: ScriptDirectory, at: str | None) -> bool:
    head = script.get_current_head()
    if at == head:
        return True
    try:
        script.get_revision(at or "base")
    except CommandError:
        # A revision this release does not know: the numbered one after its own head is fine.
        return bool(at and head and at.isdigit() and int(at) == int(head) + 1)
    return False


def _script(package: str) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(resources.files(package) / "migrations"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _context(connection: Connection, table: str, step: Any = None) -> MigrationContext:
    options = {"fn": step, "version_table": table, "render_as_batch": connection.dialect.name == "sqlite"}
    return MigrationContext.configure(connection, opts=options)
