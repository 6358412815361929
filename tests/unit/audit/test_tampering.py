"""Ten ways to tamper with a log, each found, the entry named where one can be."""

from __future__ import annotations

import pytest

from services.audit.ledger.verify import Unreadable
from tests.unit.audit.ledgers import (
    KEY,
    OTHER_KEY,
    a_bundle,
    a_checkpoint,
    a_log,
    an_entry,
    canonical,
    chained,
    checked,
    repacked,
    unpacked,
    with_entries,
)  # fmt: skip

LOG = a_log(40)
BUNDLE = a_bundle(LOG)
PIN = KEY.verifier.line()


def edited(log, at, **change):
    return [*log[:at], {**log[at], **change}, *log[at + 1 :]]


def rewritten(log, at, **change):
    """Edited, and every hash after it computed afresh, as who holds the log's key can."""
    return chained(edited(log, at, **change))


def flipped(files, name, at):
    content = bytearray(files[name])
    content[at] ^= 1
    return repacked({**files, name: bytes(content)})


def test_a_sound_bundle_is_found_sound(tmp_path):
    report = checked(tmp_path, BUNDLE, key=PIN, seen=[a_checkpoint(LOG[:7]), a_checkpoint(LOG)])
    assert report.sound, list(report.lines())
    assert report.count == 40
    assert "cannot prove" in "\n".join(report.lines())


@pytest.mark.parametrize("first, last", [(0, 39), (0, 0), (7, 31), (16, 31), (39, 39), (1, 38)])
def test_a_part_of_the_log_is_proved_complete(tmp_path, first, last):
    assert checked(tmp_path, a_bundle(LOG, first, last), key=PIN).sound


@pytest.mark.parametrize("at", [0, 17, 38, 39])
@pytest.mark.parametrize("change", [{"actor": "bo"}, {"record": None}, {"type": "records.other"}, {"data": {}}])
def test_an_edited_entry_is_named(tmp_path, at, change):
    report = checked(tmp_path, with_entries(BUNDLE, edited(LOG, at, **change)))
    assert report.first_bad == at


@pytest.mark.parametrize("at", [0, 17, 38])
def test_a_deleted_entry_is_named(tmp_path, at):
    report = checked(tmp_path, with_entries(BUNDLE, LOG[:at] + LOG[at + 1 :]))
    assert report.first_bad == at


def test_a_deleted_entry_is_said_to_be_missing_from_its_source(tmp_path):
    report = checked(tmp_path, with_entries(BUNDLE, LOG[:17] + LOG[18:]))
    assert any("approvals 10 follows approvals 8: 1 missing" in line for line in report.lines())


@pytest.mark.parametrize("at", [0, 17, 40])
def test_an_inserted_entry_is_named(tmp_path, at):
    stranger = {**an_entry("records", 9), "previous": "00" * 32}
    report = checked(tmp_path, with_entries(BUNDLE, [*LOG[:at], stranger, *LOG[at:]]))
    assert report.first_bad == at


@pytest.mark.parametrize("one, other", [(0, 1), (10, 12), (5, 39)])
def test_reordered_entries_are_named(tmp_path, one, other):
    log = list(LOG)
    log[one], log[other] = log[other], log[one]
    report = checked(tmp_path, with_entries(BUNDLE, log))
    assert report.first_bad == one


@pytest.mark.parametrize("kept", [0, 1, 32, 39])
def test_a_cut_tail_is_named(tmp_path, kept):
    report = checked(tmp_path, with_entries(BUNDLE, LOG[:kept]))
    assert report.first_bad == kept


def test_a_tail_cut_with_a_fresh_signature_is_seen_against_a_kept_checkpoint(tmp_path):
    shorter = a_bundle(LOG[:30])
    assert checked(tmp_path, shorter, key=PIN).sound
    report = checked(tmp_path, shorter, key=PIN, seen=[a_checkpoint(LOG[:35])])
    assert not report.sound and report.first_bad == 30


def test_a_fork_is_seen_against_the_checkpoint_of_the_other_branch(tmp_path):
    after = [[an_entry("records", n, actor=who) for n in range(16, 26)] for who in ("bo", "cy")]
    branches = [chained([*LOG[:30], *branch]) for branch in after]
    assert all(checked(tmp_path, a_bundle(branch), key=PIN).sound for branch in branches)
    report = checked(tmp_path, a_bundle(branches[0]), key=PIN, seen=[a_checkpoint(branches[1])])
    assert any("rewritten" in line for line in report.lines())


@pytest.mark.parametrize("at", [0, 17, 33])
def test_a_log_rewritten_and_signed_again_is_seen_against_a_kept_checkpoint(tmp_path, at):
    forged = a_bundle(rewritten(LOG, at, actor="bo"))
    assert checked(tmp_path, forged, key=PIN).sound, "nobody could tell without a checkpoint kept elsewhere"
    report = checked(tmp_path, forged, key=PIN, seen=[a_checkpoint(LOG[:34])])
    assert not report.sound


def test_another_key_is_seen_against_the_key_or_checkpoint_kept_elsewhere(tmp_path):
    forged = a_bundle(LOG, key=OTHER_KEY)
    assert not checked(tmp_path, forged, key=PIN).sound
    assert not checked(tmp_path, forged, seen=[a_checkpoint(LOG[:7])]).sound


def test_a_swapped_key_file_alone_is_refused(tmp_path):
    assert not checked(tmp_path, repacked({**unpacked(BUNDLE), "key.txt": OTHER_KEY.verifier.line().encode()})).sound


@pytest.mark.parametrize("at", [12, 30])
def test_a_back_dated_entry_is_named_even_when_signed_again(tmp_path, at):
    """
    A source's journal runs forward in time; who holds the log's key cannot date an act before its predecessors.
    """
    entry = an_entry(LOG[at]["source"], LOG[at]["number"], at="2026-11-21T00:00:00.000000Z")
    report = checked(tmp_path, a_bundle(chained([*LOG[:at], entry, *LOG[at + 1 :]])), key=PIN)
    assert report.first_bad == at


def test_a_broken_chain_inside_a_signed_log_is_named(tmp_path):
    log = edited(LOG, 17, actor="bo")  # every hash of the tree is fresh, but the source had chained another entry
    report = checked(tmp_path, a_bundle(log), key=PIN)
    assert report.first_bad == 19
    assert any("(entry 17)" in line for line in report.lines())


def test_every_flipped_byte_of_the_entries_is_named(tmp_path):
    files = unpacked(BUNDLE)
    ends = [0]
    for entry in LOG:
        ends.append(ends[-1] + len(canonical(entry)) + 1)
    for index in range(40):
        for at in (ends[index], ends[index] + 100, ends[index + 1] - 1):
            report = checked(tmp_path, flipped(files, "entries.jsonl", at))
            assert report.first_bad == index, (index, at)


@pytest.mark.parametrize("name", ["README.txt", "checkpoint.txt", "key.txt", "leaves.bin", "manifest.txt",
                                  "regimes.json", "verify.py"])  # fmt: skip
def test_a_flipped_byte_anywhere_else_is_refused(tmp_path, name):
    files = unpacked(BUNDLE)
    for at in range(0, len(files[name]), max(1, len(files[name]) // 25)):
        assert not _accepted(tmp_path, flipped(files, name, at)), (name, at)


@pytest.mark.parametrize("name", sorted(unpacked(BUNDLE)))
def test_a_dropped_file_is_refused(tmp_path, name):
    files = unpacked(BUNDLE)
    del files[name]
    assert not _accepted(tmp_path, repacked(files))


def test_a_bundle_cut_anywhere_is_refused(tmp_path):
    for length in range(0, len(BUNDLE), len(BUNDLE) // 20):
        assert not _accepted(tmp_path, BUNDLE[:length])


def _accepted(folder, raw):
    try:
        return checked(folder, raw, key=PIN).sound
    except Unreadable:
        return False
