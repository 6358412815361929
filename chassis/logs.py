"""Structured logs: a constant event name plus ids; whatever is not on the list does not come out."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    "event level timestamp service method request error code handler message source number seconds count port signal "
    "attempt queue exchange type state address revision import_id duty hold disposal".split()
)


def _only_allowed(_: Any, __: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name in ALLOWED}


def configure(level: str = "WARNING") -> None:
    """Send our lines as JSON to standard error, and silence the texts of libraries, which may hold data."""
    logging.basicConfig(stream=sys.stderr, level=logging.CRITICAL, format="%(message)s", force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


log: Any = structlog.get_logger()
