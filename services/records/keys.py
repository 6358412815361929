"""Records' way to the vault: the only service that has the key-encryption key and the keystore."""

from __future__ import annotations

from typing import Any

from nameko.extensions import DependencyProvider

from chassis.db import database
from chassis.journal import Ticket
from chassis.migrate import check_schema
from chassis.settings import Settings, SettingWrong
from vault.kek import KeyFile
from vault.keystore import Keystore
from vault.tokens import Blind


class Keys(Keystore):
    """The keystore together with the index key of blind tokens."""

    blind: Blind


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
