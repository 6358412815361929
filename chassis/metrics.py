"""The figures every service shows: rate, errors and duration per entrypoint, outbox, ledger lag, hub lag."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("muniment_requests_total", "Calls by outcome", ["service", "entrypoint", "outcome"])
REQUEST_SECONDS = Histogram(
    "muniment_request_seconds",
    "Time a call took",
    ["service", "entrypoint"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OUTBOX_PENDING = Gauge("muniment_outbox_pending", "Journal entries not published yet", ["service"])
LEDGER_LAG = Gauge("muniment_ledger_lag_seconds", "Age of the oldest entry the ledger has not taken", ["service"])
DEAD_LETTERS = Gauge("muniment_dead_letters", "Messages given up", ["service"])
WORKERS = Gauge("muniment_workers_busy", "Calls that are being served", ["service"])
HUB_LAG = Gauge("muniment_hub_lag_seconds", "How late the event loop wakes a greenlet")
