"""Conditions of a view that the tables answer themselves, so that no record is looked at that is not in it. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from regimes import Regime
from regimes.conditions import EVERY_DAY
from regimes.dates import add
from regimes.model import When

Told = dict[str, Any]
FLAGS = ("complete", "verified")
A_DAY = timedelta(days=1)


def beforehand(regime: Regime, when: When, today: date) -> Told:
    """What all records of the view have: state, complete, verified, duplicate, schemes; changed = on no day after it.

    More records may be so than are in the view; none that is in it is left out.
    """
    if len(when) != 1:
        return {}
    named = [(path.removeprefix("record."), test) for path, test in when[0].items() if path.startswith("record.")]
    told = {word: _told(regime, word, test, today) for word, test in named}
    return {word: one for word, one in told.items() if one is not None}


def _told(regime: Regime, word: str, test: Any, today: date) -> Any:
    if word == "changed" and isinstance(test, dict) and [*test] == ["older"]:
        return _last(today, str(test["older"]))
    if isinstance(test, dict):
        return None
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in _several(test)]
    if word in FLAGS:
        return [one == "true" for one in texts]
    if word == "duplicate":
        return True if texts == ["true"] else None
    if word == "state" or (word in regime.schemes and regime.schemes[word].unset not in texts):
        return texts
    return None


def _several(test: Any) -> list[Any]:
    return [*test] if isinstance(test, list | tuple) else [test]


def _last(today: date, length: str) -> date:
    """The last day that lies further back than the period."""
    day = add(today, length, EVERY_DAY, -1) + 3 * A_DAY  # months differ in length
    while add(day, length, EVERY_DAY) >= today:
        day -= A_DAY
    return day
