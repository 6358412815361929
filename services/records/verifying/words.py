"""The closed words of verification and quality."""

from __future__ import annotations

RESULTS = ("confirmed", "wrong", "not_possible")
# How a field may be checked beside the methods that the regime names for some fields.
METHODS = ("original", "official", "call_back", "in_person", "in_writing", "comparison")
SOURCES = ("customer", "original", "official_register", "third_party", "records")
LISTS = ("missing_core", "unverified", "stale", "duplicates")
