"""The ops port of a process: alive, ready, metrics. Never a customer's data; loopback unless told otherwise."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import eventlet
import eventlet.wsgi
from kombu import Connection
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select, text

from chassis import codec, tables
from chassis.containers import SafeContainer, hub_lag
from chassis.db import database
from chassis.errors import Refused
from chassis.journal import Lag
from chassis.metrics import DEAD_LETTERS, HUB_LAG, LEDGER_LAG, OUTBOX_PENDING, WORKERS
from chassis.rpc import LOST
from chassis.settings import Settings

Answer = tuple[str, str, bytes]


class Health:
    """Answers /livez (the event loop turns), /readyz (databases and broker answer) and /metrics."""

    def __init__(self, settings: Settings, services: Iterable[str]) -> None:
        self.settings = settings
        self.services = [name for name in services if name != "gateway"]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """The WSGI application."""
        routes = {"/livez": self.live, "/readyz": self.ready, "/metrics": self.metrics}
        status, kind, body = routes.get(environ["PATH_INFO"], _unknown)()
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    def live(self) -> Answer:
        """The loop turned to answer this."""
        return "200 OK", "application/json", codec.dumps({"alive": True})

    def ready(self) -> Answer:
        """What this process needs, by name; 503 while anything is away."""
        parts = {f"database.{name}": self._database(name) for name in self.services}
        parts["broker"] = _broker(self.settings.amqp_uri)
        status = "200 OK" if all(parts.values()) else "503 Service Unavailable"
        return status, "application/json", codec.dumps({"ready": all(parts.values()), "parts": parts})

    def metrics(self) -> Answer:
        """The Prometheus text of this process."""
        HUB_LAG.set(hub_lag())
        for container in SafeContainer.started_here:
            WORKERS.labels(container.service_name).set(container.busy)
        for name in self.services:
            with contextlib.suppress(Refused):  # a database that is away shows in /readyz; the other figures go on
                self._measure(name)
        return "200 OK", CONTENT_TYPE_LATEST, generate_latest()

    def _database(self, name: str) -> bool:
        try:
            with database(self.settings.database(name)).read() as connection:
                return connection.execute(text("SELECT 1")).scalar() == 1
        except Refused:
            return False

    def _measure(self, name: str) -> None:
        own = database(self.settings.database(name))
        lag = Lag(own, name, self.settings.clock.now)
        lag.look()
        LEDGER_LAG.labels(name).set(lag.current().total_seconds())
        with own.read() as connection:
            unsent = select(func.count()).select_from(tables.journal).where(~tables.journal.c.sent)
            OUTBOX_PENDING.labels(name).set(connection.execute(unsent).scalar_one())
            letters = select(func.count()).select_from(tables.dead_letters)
            DEAD_LETTERS.labels(name).set(connection.execute(letters).scalar_one())


def _broker(uri: str) -> bool:
    if uri.startswith("inproc://"):
        return True
    with contextlib.suppress(*LOST), Connection(uri, connect_timeout=2) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
        return True
    return False


def _unknown() -> Answer:
    return "404 Not Found", "application/json", codec.dumps({"routes": ["/livez", "/readyz", "/metrics"]})


def serve_health(health: Health, address: str) -> str:
    """Serve on host:port (0 picks a free one) beside the services; the address it got."""
    host, _, port = address.rpartition(":")
    listener = eventlet.listen((host, int(port)))
    eventlet.spawn_n(eventlet.wsgi.server, listener, health, log_output=False)
    return f"{host}:{listener.getsockname()[1]}"
