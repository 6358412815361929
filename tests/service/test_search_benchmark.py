"""The benchmark of the search: what it brings in is found, so its figures are of answers."""

from __future__ import annotations

from benchmarks import search


def test_every_question_of_the_search_benchmark_finds_whom_it_was_made_of():
    told = search.at_once((40, 120), each=3)

    assert list(told) == ["40", "120"]
    assert all(one["hits"] >= 1 and not one["refused"] for asked in told.values() for one in asked.values()), told
