"""What of a source's batch joins the tree."""

from __future__ import annotations

import pytest

from chassis.errors import Conflict
from services.audit.ledger.acknowledge import Acknowledgements
from services.audit.ledger.model import Tail, sequence
from services.audit.ledger.tree import leaf_hash
from tests.unit.audit.ledgers import a_log, canonical, chained

LOG = [entry for entry in a_log(20) if entry["source"] == "records"]
EMPTY = Tail("records")


def known(entries):
    return {entry["number"]: leaf_hash(canonical(entry)) for entry in entries}


def kinds(outcome):
    return [(alarm.number, alarm.kind) for alarm in outcome.alarms]


def test_a_batch_is_taken_in_the_order_of_its_numbers():
    outcome = sequence(EMPTY, LOG[::-1], {})
    assert [leaf.entry["number"] for leaf in outcome.leaves] == list(range(1, 11))
    assert outcome.tail.number == 10 and not outcome.alarms


def test_a_leaf_is_the_canonical_text_of_the_whole_entry():
    assert [leaf.text for leaf in sequence(EMPTY, LOG, {}).leaves] == [canonical(entry) for entry in LOG]


def test_a_repeated_batch_changes_nothing():
    tail = sequence(EMPTY, LOG, {}).tail
    outcome = sequence(tail, LOG, known(LOG))
    assert not outcome.leaves and not outcome.alarms and outcome.tail == tail


def test_a_batch_that_overlaps_brings_only_what_is_new():
    tail = sequence(EMPTY, LOG[:6], {}).tail
    outcome = sequence(tail, LOG[4:], known(LOG[:6]))
    assert [leaf.entry["number"] for leaf in outcome.leaves] == [7, 8, 9, 10] and not outcome.alarms


def test_a_gap_refuses_the_batch():
    with pytest.raises(Conflict) as refusal:
        sequence(EMPTY, LOG[1:], {})
    assert refusal.value.code == "journal.gap"


def test_a_known_number_with_other_content_is_an_alarm_and_changes_nothing():
    tail = sequence(EMPTY, LOG, {}).tail
    outcome = sequence(tail, [{**LOG[3], "actor": "bo"}], known(LOG))
    assert kinds(outcome) == [(4, "content")]
    assert not outcome.leaves and outcome.tail == tail


def test_a_broken_chain_is_one_alarm_and_the_entry_is_kept_as_evidence():
    tail = sequence(EMPTY, LOG[:5], {}).tail
    other = chained([{**LOG[0], "actor": "bo"}, *LOG[1:]])
    outcome = sequence(tail, other[5:], {})
    assert kinds(outcome) == [(6, "chain")]
    assert [leaf.entry["number"] for leaf in outcome.leaves] == [6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    "entries, kind",
    [
        (["text"], "malformed"),
        ([{**LOG[0], "number": "1"}], "malformed"),
        ([{**LOG[0], "number": True}], "malformed"),
        ([{**LOG[0], "previous": "zz"}], "malformed"),
        ([{**LOG[0], "at": None}], "malformed"),
        ([{**LOG[0], "at": "yesterday"}], "malformed"),
        ([{**LOG[0], "source": "approvals"}], "foreign"),
    ],
)
def test_what_is_no_entry_of_the_source_is_an_alarm_and_never_a_crash(entries, kind):
    outcome = sequence(EMPTY, entries, {})
    assert kinds(outcome) == [(1, kind)] and not outcome.leaves


def test_a_batch_that_another_services_broker_user_sent_is_an_alarm():
    """
    The broker vouches for the user, the seal only for the installation.
    """
    outcome = sequence(EMPTY, LOG, {}, sender="approvals")

    assert kinds(outcome) == [(1, "foreign")]
    assert not outcome.leaves and outcome.tail == EMPTY


@pytest.mark.parametrize("sender", [None, "records", "muniment"])
def test_a_batch_of_its_own_user_or_of_one_that_stands_for_no_service_is_taken(sender):
    assert len(sequence(EMPTY, LOG, {}, sender=sender).leaves) == 10


def test_a_source_is_told_at_once_and_then_once_a_second():
    now = [100.0]
    book = Acknowledgements(lambda: now[0])
    book.sequenced("records", 5)
    assert book.due() == {"records": 5}
    book.sequenced("records", 7)
    book.sequenced("approvals", 1)
    assert book.due() == {"approvals": 1}
    now[0] += 1
    book.sequenced("records", 6)
    assert book.due() == {"records": 7}
    assert book.due() == {}


def test_all_sources_are_told_again_after_a_while():
    now = [100.0]
    book = Acknowledgements(lambda: now[0])
    assert book.repeat_due(), "who starts tells what it finds"
    book.repeat({"records": 9})
    assert book.due() == {"records": 9} and not book.repeat_due()
    now[0] += 10
    assert book.repeat_due()
