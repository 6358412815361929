"""What a database is asked by a piece of work: how many statements there are, and the way through each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.event import listen, remove

SORTED = "USE TEMP B-TREE"
WHOLE = "SCAN "
Statement = tuple[str, Any]


def statements(suite: Any, act: Callable[[], Any]) -> list[Statement]:
    """Those that a service's own database is asked while something is done, each with its values."""
    seen: list[Statement] = []
    engines = (suite.database.engine, suite.database.autocommit)

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        seen.append((statement, values[0] if many else values))

    for engine in engines:
        listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        for engine in engines:
            remove(engine, "before_cursor_execute", note)
    return seen


def plans(suite: Any, act: Callable[[], Any]) -> list[str]:
    """The way SQLite takes through each of them: without statistics it is the same through millions of rows."""
    asked = [one for one in statements(suite, act) if one[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    with suite.database.read() as connection:
        ways = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {told}", values).all() for told, values in asked]
    return ["\n".join(row[3] for row in way) for way in ways]
