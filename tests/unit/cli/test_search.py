"""`muniment search`: a new key of the index is made beside the old ones, which go only when nothing needs them."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import insert, update

from chassis.db import database
from chassis.settings import read_settings
from services.records.searching.tables import search_parts
from tests.unit.cli.conftest import Run
from vault.kek import KeyFile


def keys(installed: Path) -> dict[int, bytes]:
    return KeyFile(installed / "keys" / "kek").search_keys()


def test_an_old_key_stays_until_nothing_is_indexed_under_it(run: Run, installed: Path) -> None:
    """A key that went too early would make records unfindable, and nobody would notice."""
    records = database(read_settings().database("records"))
    part = {"record": "r", "part": "basic", "generation": 0, "tokens": []}
    with records.write() as connection:
        connection.execute(insert(search_parts).values(part))

    assert json.loads(run("search", "rotate", "--json").stdout) == {"newest": 1}
    assert json.loads(run("search", "rotate", "--json").stdout) == {"newest": 2}
    assert json.loads(run("search", "status", "--json").stdout) == {"newest": 2, "behind": 1}
    refused = run("search", "retire")
    assert refused.exit_code == 1 and "still indexed" in refused.output and set(keys(installed)) == {0, 1, 2}

    with records.write() as connection:
        connection.execute(update(search_parts).values(generation=2))
    assert run("search", "retire").exit_code == 0
    assert set(keys(installed)) == {0, 2}


def test_other_keys_are_left_as_they_are(run: Run, installed: Path) -> None:
    before = KeyFile(installed / "keys" / "kek")
    run("search", "rotate")
    after = KeyFile(installed / "keys" / "kek")

    assert (after.version, after.index_key) == (before.version, before.index_key)
    after.rotate()
    after.retire(after.version)
    assert set(after.search_keys()) == {0, 1}, "the keys of data and of search are retired apart"
