"""Puts the desk together from the settings, once per process."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nameko.extensions import DependencyProvider

from chassis.actor import signing_key
from chassis.settings import Settings
from gateway.cursors import Cursors
from gateway.desk import Desk
from gateway.handlers import handlers
from gateway.identity import Identity
from gateway.routes import table
from gateway.tokens import SESSION, Tokens, provider_from

DEMO_SESSION = timedelta(days=3650)  # moving the demo's clock must not sign everybody out


def desk_for(settings: Settings) -> Desk:
    """The desk of this process; fails naming the key file that is missing."""
    routes = table(demo=settings.mode == "demo")
    identity = Identity(tokens_for(settings), signing_key(settings.key("actor.private")), settings.clock)
    cursors = Cursors(_derived(settings.key("session.private"), b"muniment cursors 1"))
    return Desk(routes, identity, cursors, handlers(settings, routes))


def tokens_for(settings: Settings) -> Tokens:
    """Issues and verifies tokens with the session key."""
    lifetime = DEMO_SESSION if settings.mode == "demo" else SESSION
    return Tokens(signing_key(settings.key("session.private")), settings.clock, provider_from(), lifetime)


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, use).derive(secret)


class Front(DependencyProvider):
    """`desk = Front()`."""

    def setup(self) -> None:
        """Make it before the first request."""
        self.desk = desk_for(self.container.config["MUNIMENT"])

    def get_dependency(self, worker_ctx: Any) -> Desk:
        """The same desk for every worker."""
        return self.desk
