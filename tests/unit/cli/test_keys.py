"""`muniment keys`: the versions of the key-encryption key go only when no data key needs them."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import insert, update

from chassis.db import database
from chassis.settings import read_settings
from tests.unit.cli.conftest import Run
from vault.kek import KeyFile
from vault.tables import keys


def test_an_old_version_stays_until_no_data_key_is_under_it(run: Run, installed: Path) -> None:
    """A version that went too early would take every record under it along."""
    store = database(read_settings().database("keystore"))
    row = {"id": "k", "kek_version": 1, "wrapped": b"w", "fingerprint": "f", "created_at": 0}
    with store.write() as connection:
        connection.execute(insert(keys).values(row))
    search = KeyFile(installed / "keys" / "kek").search_keys()

    assert json.loads(run("keys", "rotate", "--json").stdout) == {"newest": 2}
    assert json.loads(run("keys", "status", "--json").stdout) == {"newest": 2, "behind": 1}
    refused = run("keys", "retire")
    assert refused.exit_code == 1 and "still under an older" in refused.output

    with store.write() as connection:
        connection.execute(update(keys).values(kek_version=2))
    assert run("keys", "retire").exit_code == 0
    kept = KeyFile(installed / "keys" / "kek")
    lines = kept.path.read_text().splitlines()
    assert kept.version == 2 and [line.split()[0] for line in lines] == ["0", "2"]
    assert kept.search_keys() == search, "the keys of search are retired apart"
