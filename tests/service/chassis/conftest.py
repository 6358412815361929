"""Fixtures: the small service on each database and on each side."""

from __future__ import annotations

from tests.service.chassis.given import postgres_url, shop, side, sqlite_url, together, url

__all__ = ["postgres_url", "shop", "side", "sqlite_url", "together", "url"]
