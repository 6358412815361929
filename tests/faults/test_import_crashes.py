"""kill -9 in the middle of a file import: once the process is back, every row comes to the end it would have had."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from demo import data
from services.records.importing.running import LARGE
from tests.faults.crashing import die_at, insist, insist_on, reached
from tests.faults.evidence import entries_of, fetch_bundle, quiesce, verified
from tests.system.conftest import running
from tests.system.suite import Suite

pytestmark = pytest.mark.slow

ROWS, BATCHES = 950, 5  # enough to be computed in a process beside, which dies as well
COUNTS = ("accepted", "rejected", "duplicates")
BOUNDARY = "7d1f0c5b"
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def suite() -> Iterator[Suite]:
    """One suite for all of them."""
    with running("embedded") as started:
        yield started


@pytest.fixture(scope="module")
def undisturbed(suite: Suite) -> tuple[Answer, str]:
    """How an import of such a file ends when nothing dies: its state and its report."""
    return ended(suite, sent(suite, a_file(1)))


def test_import_ends_as_if_nothing_had_been_though_the_process_dies_again_and_again(
    suite: Suite, undisturbed: tuple[Answer, str]
) -> None:
    content = a_file(2)
    places = die_at(suite, *drawn_by_lot())

    upload = sent(suite, content)
    status, report = ended(suite, upload)
    reached(suite, lambda: not left_of(suite, upload), "the file and its key to be gone")

    assert suite.deaths == ["suite"] * len(places)
    expected, expected_report = undisturbed
    assert {**status, "id": ""} == {**expected, "id": ""}
    assert report == expected_report
    taken, ends = told_of(suite, upload)
    assert (len(taken), len(set(taken)), ends) == (status["accepted"], status["accepted"], 1)
    again, _ = ended(suite, sent(suite, content))
    assert counts(again) == (0, status["rejected"], status["accepted"] + status["duplicates"])


def test_batch_is_released_and_numbered_once_though_the_process_dies_in_between(suite: Suite) -> None:
    upload = sent(suite, a_file(3))
    status, _ = ended(suite, upload)
    die_at(suite, "import.released_some:1")

    reached(suite, lambda: request_about(suite, upload), "the release to await its approval")
    path = f"/v1/requests/{request_about(suite, upload)}/decisions"
    insist(suite, "he", path, {"decision": "approve", "reason": "counted against the source"})
    reached(suite, lambda: suite.gateway("he").get(f"/v1/imports/{upload}")["state"] == "released", "the release")

    assert suite.deaths == ["suite"]
    taken, _ = told_of(suite, upload)
    numbers = [int(n[1:]) for n in numbers_of(suite, set(taken))]
    assert sorted(numbers) == list(range(min(numbers), min(numbers) + status["accepted"]))


def drawn_by_lot() -> tuple[str, ...]:
    """Before a batch is kept, after one that follows, when the last row is done, and when the file's key is gone."""
    chance = random.SystemRandom()
    before = chance.randint(1, BATCHES)
    after = chance.randint(1, BATCHES + 1 - before)
    return f"import.keys_made:{before}", f"import.batch:{after}", "import.over:1", "import.key_gone:1"


def a_file(number: int) -> bytes:
    """A list with some rows that are wrong and some that come twice; each file has customers of its own."""
    lines = ["客户名称,统一社会信用代码"]
    for row in range(ROWS):
        code = data.credit_code(70_000_000 + 1000 * number + row)
        lines.append(lines[-1] if row % 45 == 7 else f"望杉{number}号{row}厂,{'X' if row % 60 == 11 else code}")
    content = "\n".join([*lines, ""]).encode()
    assert len(content) > LARGE
    return content


def sent(suite: Suite, content: bytes) -> str:
    """Hand a file in, whatever dies; its upload."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="'
    form = f'{head}class"\r\n\r\ntrading.customer\r\n{head}file"; filename="list.csv"\r\n\r\n'
    body = form.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return str(insist_on(suite, "qian", "/v1/imports", body, kind)["id"])


def ended(suite: Suite, upload: str) -> tuple[Answer, str]:
    """Wait until every row has its outcome; on the way the counts add up and never go back."""
    seen: list[Answer] = []

    def over() -> bool:
        seen.append(dict(suite.gateway("qian").get(f"/v1/imports/{upload}")))
        return seen[-1]["state"] not in ("receiving", "running")

    reached(suite, over, "the import to end")
    assert all(sum(counts(one)) == one["rows"] for one in seen)
    assert [one["rows"] for one in seen] == sorted(one["rows"] for one in seen)
    return seen[-1], str(suite.gateway("qian").get(f"/v1/imports/{upload}/report.csv")["text"])


def counts(status: Answer) -> tuple[int, ...]:
    return tuple(status[name] for name in COUNTS)


def told_of(suite: Suite, upload: str) -> tuple[list[str], int]:
    """The records that came with this file, as the log has them, and how often it came to its end."""
    entries = logged(suite)
    taken = [e["record"] for e in entries if e["type"] == "records.imported" and e["data"]["import_id"] == upload]
    ends = [e for e in entries if e["type"] == "records.import_finished" and e["data"]["import_id"] == upload]
    return taken, len(ends)


def numbers_of(suite: Suite, records: set[str]) -> list[str]:
    entries = logged(suite)
    return [e["data"]["number"] for e in entries if e["type"] == "records.activated" and e["record"] in records]


def logged(suite: Suite) -> list[Answer]:
    """All entries of the log, which is sound."""
    quiesce(suite)
    bundle = fetch_bundle(suite, suite.dir / "evidence.zip")
    assert verified(bundle)[0]
    return entries_of(bundle)


def request_about(suite: Suite, upload: str) -> str | None:
    waiting = suite.gateway("he").get("/v1/requests?awaiting=me&kind=create&state=pending&limit=500")["items"]
    return next((str(one["request"]) for one in waiting if one["subject"] == upload), None)


def left_of(suite: Suite, upload: str) -> list[Any]:
    """What the databases still hold of the file itself."""
    pieces = rows(suite, "records", "SELECT import_id FROM import_chunks WHERE import_id = ?", upload)
    [(key,)] = rows(suite, "records", "SELECT key FROM imports WHERE id = ?", upload)
    return pieces + rows(suite, "keystore", "SELECT id FROM keys WHERE id = ? AND wrapped IS NOT NULL", key)


def rows(suite: Suite, name: str, query: str, value: str) -> list[Any]:
    connection = sqlite3.connect(f"file:{suite.data / name}.db?mode=ro", uri=True)
    try:
        return connection.execute(query, (value,)).fetchall()
    finally:
        connection.close()
