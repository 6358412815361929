"""Rounds: a duty of each period about each record of a class, opened a page at a time; begun again where it stopped."""

from __future__ import annotations

from typing import Any

from services.retention.duties import rules

PAGE = 200


def walk_rounds(store: Any, regime: Any, records: Any) -> None:
    """Open what is still missing of this period's duties about each record."""
    today = store.today(regime)
    for duty in regime.duties.values():
        first = rules.begun(regime, duty, today)
        if first and duty.opens.each in regime.all_classes:
            key = f"{duty.name}:{first.isoformat()}"
            while (after := store.round_at(key)) is not None:
                _open_page(store, regime, records, duty, first, key, after)


def _open_page(store: Any, regime: Any, records: Any, duty: Any, first: Any, key: str, after: str) -> None:
    # Asked before the transaction: no call leaves while one is open.
    asked = {"class": duty.opens.each, "after": after, "limit": PAGE}
    page = records.envelopes(asked)["records"]
    with store.begin() as work:
        for opened_by, opened in rules.for_each(regime, duty, first, page):
            work.open_duty(opened, opened_by)
        work.save_round(key, page[-1]["id"] if page else after, done=len(page) < PAGE)
