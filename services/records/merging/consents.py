"""The customer's answers follow a merge: for each purpose what he said last counts, wherever he said it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chassis.ids import new_id
from services.records.consents.model import Consent
from services.records.model import Record


def follow(work: Any, stays: Record, goes: Record) -> None:
    """Take over the answers of the record that goes, each with a receipt of its own, and what it was named for."""
    for purpose, state in sorted(goes.purposes.items()):
        there = work.in_force(goes.id, purpose)
        for answer in _newer(work, stays, goes.id, there) if there else ():
            # What he took back everywhere ends a consent as soon as it comes in.
            if answer.state != "withdrawn" or stays.purposes.get(purpose) == "given":
                work.take_answers(stays, [answer])
        if there is None and purpose not in stays.purposes:
            stays.purposes = {**stays.purposes, purpose: state}


def _newer(work: Any, stays: Record, gone: str, there: Consent) -> list[Consent]:
    """What the survivor has to hear; nothing where its own answer is as new, or says the same."""
    here = work.in_force(stays.id, there.purpose)
    if here is not None and (here.state == there.state or _when(here) >= _when(there)):
        return []
    if there.state == "given":
        return [_again(there)]
    if here is not None and here.state == "given":
        return [here.ended(new_id(), there.channel)]
    return _withdrawn(work, gone, there) if here is None else []


def _withdrawn(work: Any, gone: str, there: Consent) -> list[Consent]:
    """An answer that refuses; one that took a consent back comes with that consent."""
    if there.state == "refused" or there.receipt is None:
        return [replace(_again(there), state="refused", receipt=None)]
    given = _again(work.consent(there.receipt, gone))
    return [given, replace(given.ended(new_id(), there.channel), told_at=given.told_at, answered_at=there.answered_at)]


def _again(answer: Consent) -> Consent:
    return replace(answer, id=new_id(), ordinal=None, previous=None, seal=None)


def _when(answer: Consent) -> datetime:
    return answer.answered_at or datetime.min.replace(tzinfo=UTC)  # kept before answers had a time
