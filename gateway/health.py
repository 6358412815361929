"""Alive, ready, and the figures of this process."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.wrappers import Response

from gateway import answers
from gateway.exchange import Exchange

PROBE = 2.0  # seconds


class Health:
    """What an orchestrator and a monitor ask."""

    def live(self, exchange: Exchange) -> Response:
        """The process answers."""
        return answers.json({"status": "alive"})

    def ready(self, exchange: Exchange) -> Response:
        """The broker and approvals answer: without them nobody can be let in."""
        # A question that approvals answers without a caller and without an entry in the journal.
        exchange.calls.call("approvals", "grants_for", {"person": "-"}, {"request_id": exchange.id}, PROBE)
        return answers.json({"status": "ready"})

    def metrics(self, exchange: Exchange) -> Response:
        """Prometheus' text."""
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
