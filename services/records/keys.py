"""Records' way to the vault: the only service that has the key-encryption key and the keystore."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from typing import Any

from nameko.extensions import DependencyProvider
from sqlalchemy import Connection, Row, select

from chassis.breathing import gently
from chassis.db import MANY, among, database, refusals
from chassis.gathering import Gathering
from chassis.journal import Ticket
from chassis.migrate import check_schema
from chassis.settings import Settings, SettingWrong
from vault.kek import KeyFile
from vault.keystore import Key, Keystore
from vault.refusals import key_gone
from vault.tables import keys as table
from vault.tokens import Blind


class Keys(Keystore):
    """The keystore together with the index key of blind tokens."""

    blind: Blind

    seen = 0  # the version under which this process has seen every key

    def carry_on(self) -> int:
        """Wrap every key under the newest key-encryption key; how many it were. Killed anywhere, the next goes on."""
        newest, done = self._kek.version, 0
        while self.seen < newest:
            with refusals():
                count = sum(gently(self.rewrapping()))
            done, self.seen = done + count, self.seen if count else newest
        return done

    @cached_property
    def gathering(self) -> Gathering[set[str], dict[str, Row[Any]]]:
        """All who want keys at the same time look once; each gets, and opens, the ones asked for. Nothing is kept."""
        return Gathering(self._look, MANY)

    @cached_property
    def making(self) -> Gathering[int, list[Key]]:
        """All who want new keys at the same time get them from one INSERT."""
        return Gathering(self._make, MANY)

    def create(self, n: int) -> list[Key]:
        """Make n keys, committed on return; Unavailable where the keystore is away."""
        return self.making.ask(n) if n else []

    def _make(self, asked: list[int]) -> list[list[Key]]:
        made = iter(super().create(sum(asked)))
        return [list(islice(made, n)) for n in asked]

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with refusals(), super()._writing() as connection:
            yield connection

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
