"""Suites to break."""

from __future__ import annotations

from tests.system.conftest import own_suite as own_suite
from tests.system.conftest import running as running
