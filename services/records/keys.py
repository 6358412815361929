"""Records' way to the vault: the only service that has the key-encryption key and the keystore."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

from nameko.extensions import DependencyProvider
from sqlalchemy import Row, select

from chassis.db import MANY, among, database, refusals
from chassis.gathering import Gathering
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

    @cached_property
    def gathering(self) -> Gathering[set[str], dict[str, Row[Any]]]:
        """All who want keys at the same time look once; each gets, and opens, the ones asked for. Nothing is kept."""
        return Gathering(self._look, MANY)

    def _open(self, key_ids: Collection[str]) -> dict[str, bytes]:
        wanted = set(key_ids)
        found = self.gathering.ask(wanted)
        if len(found) != len(wanted):
            raise key_gone(wanted - found.keys())
        return {id: self._kek.unwrap(row.kek_version, id, row.wrapped) for id, row in found.items()}

    def _look(self, asked: list[set[str]]) -> list[dict[str, Row[Any]]]:
        with refusals(), self._engine.connect() as connection:
            rows = connection.execute(self._living, {"ids": [*set().union(*asked)]}).all()
        known = {row.id: row for row in rows}
        return [{id: known[id] for id in wanted if id in known} for wanted in asked]

    @cached_property
    def _living(self) -> Any:
        columns = (table.c.id, table.c.kek_version, table.c.wrapped)
        return select(*columns).where(among(self._engine, table.c.id, "ids"), table.c.wrapped.is_not(None))


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
    keys.blind = Blind(kek.index_key, kek.search_keys)
    return keys
