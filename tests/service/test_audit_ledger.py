"""The ledger on real databases: sequencing, checkpoints, proofs, bundles, and what an attacker with SQL cannot hide."""

from __future__ import annotations

import io
from base64 import b64decode

import eventlet
import pytest

from chassis.errors import Conflict, NotFound
from services.audit.ledger import tree
from services.audit.ledger.checkpoint import VerifierKey, opened, parse
from services.audit.ledger.verify import verify
from tests.service.audit_ledger import ARCHIVIST, Ledger
from tests.unit.audit.ledgers import a_log, an_entry, canonical, chained, hashes_of

LOG = a_log(600)
RECORDS = [entry for entry in LOG if entry["source"] == "records"]
APPROVALS = [entry for entry in LOG if entry["source"] == "approvals"]
EVERYTHING = {"after": None, "limit": 500}


@pytest.fixture
def ledger(lent):
    ledger = Ledger(lent("audit"))
    yield ledger
    ledger.close()


def fetched(ledger, **asked):
    """A bundle, piece by piece, as bytes."""
    with ledger.begin() as work:
        id = work.begin_bundle(asked.get("first", 0), asked.get("last"))["bundle"]
    whole, last = io.BytesIO(), False
    while not last:
        piece = ledger.store.bundle_chunk(id, whole.tell(), ARCHIVIST.person)
        whole.write(b64decode(piece["bytes"]))
        last = piece["last"]
    return whole.getvalue()


def judged(folder, raw, **given):
    """What the verifier says."""
    path = folder / "bundle.zip"
    path.write_bytes(raw)
    return verify(path, **given)


def test_batches_become_one_tree_with_the_root_of_its_entries(ledger):
    for at in range(0, 300, 70):
        assert ledger.sequence("records", RECORDS[at : at + 70]) == min(at + 70, 300)
        assert ledger.sequence("approvals", APPROVALS[at : at + 70]) == min(at + 70, 300)
    assert ledger.sign()
    checkpoint = ledger.store.checkpoint()
    entries = [shown["entry"] for shown in _all(ledger)]
    frontier = tree.Frontier()
    frontier.extend(hashes_of(entries))
    assert len(entries) == 600 and frontier.root().hex() == checkpoint["root"]
    assert parse(opened(checkpoint["note"], VerifierKey.parse(checkpoint["key"]))).size == 600


def test_a_repeated_batch_is_taken_once(ledger):
    for _ in range(3):
        assert ledger.sequence("records", RECORDS[:50]) == 50
    assert ledger.count("ledger_entries") == 50


def test_a_gap_is_refused_and_changes_nothing(ledger):
    ledger.sequence("records", RECORDS[:5])
    with pytest.raises(Conflict) as refusal:
        ledger.sequence("records", RECORDS[6:9])
    assert refusal.value.code == "journal.gap"
    assert ledger.count("ledger_entries") == 5
    assert ledger.sequence("records", RECORDS[:9]) == 9


def test_a_contradiction_raises_one_alarm_however_often_it_is_delivered(ledger):
    ledger.sequence("records", RECORDS[:5])
    for _ in range(3):
        assert ledger.sequence("records", [{**RECORDS[2], "actor": "bo"}]) == 5
    assert ledger.count("ledger_alarms") == 1
    (alarm,) = ledger.emitted("audit.alarm_raised")
    assert (alarm["of"], alarm["of_number"], alarm["kind"]) == ("records", 3, "content")


def test_twenty_writers_at_once_lose_and_fork_nothing(ledger):
    sources = {f"source-{n}": chained([an_entry(f"source-{n}", k) for k in range(1, 31)]) for n in range(20)}

    def write(source, entries):
        for at in range(0, 30, 10):
            ledger.sequence(source, entries[at : at + 10])

    running = [eventlet.spawn(write, *one) for one in sources.items()]
    for thread in running:
        thread.wait()
    ledger.sign()
    assert ledger.count("ledger_entries") == 600
    assert ledger.store.source_numbers() == dict.fromkeys(sources, 30)


def test_a_checkpoint_is_signed_every_thousand_entries(ledger):
    for at in range(0, 1200, 400):
        ledger.sequence("records", chained([an_entry("records", n) for n in range(1, 1201)])[at : at + 400])
    assert [found["size"] for found in ledger.emitted("audit.checkpoint_signed")] == [1200]
    assert not ledger.sign(), "there is nothing new"


def test_a_checkpoints_own_entry_is_no_news(ledger):
    """
    Or a log that nobody writes would sign for ever.
    """
    ledger.sequence("records", RECORDS[:3])
    assert ledger.sign()
    own = chained([an_entry("audit", 1, type="audit.checkpoint_signed")])
    ledger.sequence("audit", own)
    assert not ledger.sign()


def test_every_entry_is_proved_under_the_signed_root(ledger):
    ledger.sequence("records", RECORDS)
    ledger.sign()
    for at in (0, 17, 255, 256, 299):
        proof = ledger.store.inclusion(f"records-{at + 1}", None)
        steps = [bytes.fromhex(step) for step in proof["proof"]]
        leaf = tree.leaf_hash(canonical(RECORDS[at]))
        root = bytes.fromhex(ledger.store.checkpoint()["root"])
        assert tree.includes(leaf, proof["index"], proof["size"], steps, root)


def test_two_signed_states_are_proved_consistent(ledger):
    ledger.sequence("records", RECORDS[:123])
    ledger.sign()
    before = ledger.store.checkpoint()
    ledger.sequence("records", RECORDS[123:])
    ledger.sign()
    after = ledger.store.checkpoint()
    found = ledger.store.consistency(before["size"], after["size"])
    steps = [bytes.fromhex(step) for step in found["proof"]]
    roots = [bytes.fromhex(one["root"]) for one in (before, after)]
    assert tree.extends(123, roots[0], 300, roots[1], steps)


@pytest.mark.parametrize("sizes", [(1, 301), (5, 4), (0, 3)])
def test_a_tree_that_never_was_is_not_found(ledger, sizes):
    ledger.sequence("records", RECORDS)
    with pytest.raises(NotFound):
        ledger.store.consistency(*sizes)


def test_changed_hashes_in_the_database_are_not_signed(ledger):
    """
    Who can write the tables but has no key must not get a rewritten log signed.
    """
    ledger.sequence("records", RECORDS[:200])
    ledger.sign()
    ledger.sequence("records", RECORDS[200:])
    with ledger.database.write() as connection:
        row = connection.exec_driver_sql("SELECT hashes FROM ledger_tiles WHERE level = 0 AND position = 0").scalar()
        spoiled = bytes([row[0] ^ 1]) + row[1:]
        mark = "?" if ledger.database.sqlite else "%s"
        change = f"UPDATE ledger_tiles SET hashes = {mark} WHERE level = 0 AND position = 0"
        connection.exec_driver_sql(change, (spoiled,))
    ledger.sign()
    assert [found["kind"] for found in ledger.emitted("audit.alarm_raised")] == ["fork"]
    assert ledger.store.checkpoint()["size"] == 200


def test_a_bundle_verifies_and_a_part_of_one_too(ledger, tmp_path):
    ledger.sequence("records", RECORDS)
    ledger.sequence("approvals", APPROVALS)
    ledger.sign()
    key = ledger.store.checkpoint()["key"]
    assert judged(tmp_path, fetched(ledger), key=key).count == 600
    part = judged(tmp_path, fetched(ledger, first=250, last=270), key=key)
    assert part.sound and part.count == 21


def test_a_row_changed_by_the_superuser_is_named(ledger, tmp_path):
    ledger.sequence("records", RECORDS)
    ledger.sign()
    with ledger.database.write() as connection:
        change = "UPDATE ledger_entries SET text = replace(text, 'ana', 'bob') WHERE position = 123"
        connection.exec_driver_sql(change)
    report = judged(tmp_path, fetched(ledger))
    assert report.first_bad == 123


def test_a_row_deleted_by_the_superuser_is_named(ledger, tmp_path):
    ledger.sequence("records", RECORDS)
    ledger.sign()
    with ledger.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM ledger_entries WHERE position >= 290")
    report = judged(tmp_path, fetched(ledger))
    assert report.first_bad == 290


def test_the_log_is_found_by_record_person_and_time(ledger):
    ledger.sequence("records", RECORDS)
    ledger.sequence("approvals", APPROVALS)
    found = ledger.store.entries({**EVERYTHING, "record": "record-7"})["items"]
    assert {shown["entry"]["source"] for shown in found} == {"records", "approvals"}
    assert len(ledger.store.entries({**EVERYTHING, "action": "records.happened"})["items"]) == 300
    assert ledger.store.entries({**EVERYTHING, "actor": "nobody"})["items"] == []


def test_a_list_goes_on_where_it_ended(ledger):
    ledger.sequence("records", RECORDS)
    page = ledger.store.entries({"after": None, "limit": 200})
    following = ledger.store.entries({"after": page["next"], "limit": 200})
    places = [shown["index"] for shown in page["items"] + following["items"]]
    assert places == list(range(299, -1, -1)) and following["next"] is None


def _all(ledger):
    found, after = [], None
    while True:
        page = ledger.store.entries({"after": after, "limit": 500})
        found += page["items"]
        after = page["next"]
        if after is None:
            return found[::-1]
