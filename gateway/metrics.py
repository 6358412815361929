"""Rate, errors and duration of every route, for Prometheus; labels are templates, never what a client sent."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from gateway.route import Route

REQUESTS = Counter("muniment_http_requests_total", "Answers by route and status", ("method", "route", "status"))
SECONDS = Histogram(
    "muniment_http_request_seconds",
    "Time to answer",
    ("route",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
UPLOADS = Gauge("muniment_http_uploads", "Files that are coming in now")
_counter, _timer = cache(REQUESTS.labels), cache(SECONDS.labels)
METHODS = frozenset(("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"))


def count(route: Route, method: str, status: int, seconds: float) -> None:
    """Count one answer."""
    template = route.template or "none"
    _counter(method if method in METHODS else "other", template, str(status)).inc()
    _timer(template).observe(seconds)
