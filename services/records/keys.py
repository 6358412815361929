"""Records' way to the vault: the only service that has the key-encryption key and the keystore."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from nameko.extensions import DependencyProvider
from sqlalchemy import bindparam, select

from chassis.db import database, refusals
from chassis.journal import Ticket
from chassis.migrate import check_schema
from chassis.settings import Settings, SettingWrong
from vault.kek import KeyFile
from vault.keystore import Keystore
from vault.refusals import key_gone
from vault.tables import keys as table
from vault.tokens import Blind


class Keys(Keystore):
    """The keystore together with the index key of blind tokens."""

    blind: Blind

    def _open(self, key_ids: Collection[str]) -> dict[str, bytes]:
        wanted = sorted(set(key_ids))
        asked = {f"id{n}": key_id for n, key_id in enumerate(wanted)}
        with refusals(), self._engine.connect() as connection:
            rows = connection.execute(_wanted(len(wanted)), asked).all()
        found = {
            row.id: self._kek.unwrap(row.kek_version, row.id, row.wrapped) for row in rows if row.wrapped is not None
        }
        if len(found) != len(wanted):
            raise key_gone(set(wanted) - found.keys())
        return found


@lru_cache(maxsize=64)
def _wanted(many: int) -> Any:
    # Made once for each number of keys: a list in the statement is unfolded anew at every call.
    columns = (table.c.id, table.c.kek_version, table.c.wrapped)
    return select(*columns).where(table.c.id.in_([bindparam(f"id{n}") for n in range(many)]))


class KeysProvider(DependencyProvider):
    """`keys = KeysProvider()`. One pool of its own; nothing is cached."""

    def setup(self) -> None:
        """Open the keystore; without a key file the service does not start."""
        self.keys = open_keys(self.container.config["MUNIMENT"])

    def get_dependency(self, worker_ctx: Any) -> Keys:
        """The one keystore of this process."""
        return self.keys


def open_keys(settings: Settings) -> Keys:
    """The keystore that the settings name."""
    try:
        kek = KeyFile(settings.keys / "kek")
    except (OSError, ValueError) as wrong:
        raise SettingWrong(f"MUNIMENT_KEYS: the key file kek cannot be used ({type(wrong).__name__})") from None
    store = database(settings.database("keystore"))
    check_schema(store, "keystore")
    keys = Keys(store.autocommit, kek, Ticket, settings.clock.now)
    keys.blind = Blind(kek.index_key)
    return keys
