"""kill -9 in the middle of an export, and of imports that are taken back: each comes to its one end."""

from __future__ import annotations

import csv
import io
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from cli.http import Refusal
from demo import data
from tests.faults.crashing import die_at, insist, reached
from tests.faults.evidence import entries_of, fetch_bundle, quiesce, verified
from tests.faults.test_import_crashes import sent
from tests.nodes.processes import until
from tests.system.conftest import running
from tests.system.suite import Suite

pytestmark = pytest.mark.slow

ROWS = 450
GOING = ("withdrawal.begun:2", "withdrawal.keys_gone:1", "withdrawal.some_gone:3")
APPROVED = {"decision": "approve", "reason": "counted against the source"}


@pytest.fixture(scope="module")
def suite() -> Iterator[Suite]:
    """One suite for both."""
    with running("embedded") as started:
        yield started


def a_file(number: int) -> bytes:
    """Customers of one file."""
    lines = [f"望杉{number}号{row}厂,{data.credit_code(71_000_000 + 1000 * number + row)}" for row in range(ROWS)]
    return "\n".join(["客户名称,统一社会信用代码", *lines, ""]).encode()


def test_export_holds_every_record_and_journals_each_once_though_the_process_dies_at_every_step(suite: Suite) -> None:
    upload = sent(suite, a_file(1))
    state(suite, upload, "waiting")
    decide(suite, "he", upload)
    state(suite, upload, "released")
    request = {"kind": "export", "class": "trading.customer", "purpose": "trade", "reason": "the yearly list"}
    decide(suite, "xu", insist(suite, "qian", "/v1/requests", request)["request"])
    chance = random.SystemRandom()
    decided, written = chance.randint(1, 3), chance.randint(1, 2)
    steps = [f"export.decided:{decided}", f"export.written:{written}", "export.piece:1", "export.made:1"]
    places = die_at(suite, *steps)

    asked = {"class": "trading.customer", "purpose": "trade", "format": "csv", "fields": ["basic.name"]}
    export = insist(suite, "qian", "/v1/exports", asked)["export"]
    reached(
        suite,
        lambda: told(suite, f"/v1/exports/{export}").get("state") == "ready" and len(suite.deaths) == len(places),
        "the file",
    )

    _, _, raw = suite.gateway("qian").raw("GET", f"/v1/exports/{export}/content", None, {})
    names = [row[1] for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"))) if row and "望杉1号" in str(row[1:2])]
    assert len(names) == len(set(names)) == ROWS
    entries = logged(suite)
    made = [e for e in entries if e["type"] == "records.exported" and e["data"]["export"] == export]
    count = made[0]["data"]["count"]
    read = Counter(e["record"] for e in entries if e["type"] == "records.read" and e["actor"] == "qian")
    assert (len(made), len(read), set(read.values())) == (1, count, {1})


def test_import_taken_back_goes_whole_though_the_process_dies_at_every_step(suite: Suite) -> None:
    upload = sent(suite, a_file(2))
    state(suite, upload, "waiting")
    reached(suite, lambda: about(suite, upload), "the release to await its approval")
    request = about(suite, upload)
    places = die_at(suite, *GOING)

    insist(suite, "qian", f"/v1/imports/{upload}/withdrawal", {})
    state(suite, upload, "withdrawn")
    reached(suite, lambda: len(suite.deaths) == len(places), "each death")

    gone = Counter(e["record"] for e in logged(suite) if e["type"] == "records.withdrawn")
    assert (len(gone), set(gone.values())) == (ROWS, {1})
    assert {row[0] for row in rows(suite, "SELECT state FROM records WHERE import_id = ?", upload)} == {"destroyed"}
    until(lambda: told(suite, f"/v1/requests/{request}", "he").get("state") == "lapsed", 20, "the request to lapse")
    assert about(suite, upload) is None


def test_released_import_taken_back_goes_whole_though_the_process_dies_at_every_step(suite: Suite) -> None:
    upload = sent(suite, a_file(3))
    state(suite, upload, "waiting")
    decide(suite, "he", upload)
    state(suite, upload, "released")
    numbers = {row[0] for row in rows(suite, "SELECT number FROM records WHERE import_id = ?", upload)}
    insist(suite, "qian", f"/v1/imports/{upload}/withdrawal", {"reason": "the list of another company"})
    reached(suite, lambda: about(suite, upload), "the withdrawal to await its approval")
    places = die_at(suite, *GOING)

    decide(suite, "he", upload)
    state(suite, upload, "withdrawn")
    reached(suite, lambda: len(suite.deaths) == len(places), "each death")

    entries = [e for e in logged(suite) if e["data"].get("import_id") == upload]
    for type in ("records.withdrawn", "records.number_voided"):
        gone = Counter(e["record"] for e in entries if e["type"] == type)
        assert (len(gone), set(gone.values())) == (ROWS, {1}), type
    assert {e["data"]["number"] for e in entries if e["type"] == "records.number_voided"} == numbers
    assert [e["data"]["gone"] for e in entries if e["type"] == "records.import_recalled"] == [ROWS]
    assert {row[0] for row in rows(suite, "SELECT state FROM records WHERE import_id = ?", upload)} == {"destroyed"}


def state(suite: Suite, upload: str, wanted: str) -> None:
    """Wait for it."""
    reached(suite, lambda: told(suite, f"/v1/imports/{upload}").get("state") == wanted, f"it to be {wanted}")


def told(suite: Suite, path: str, person: str = "qian") -> dict[str, Any]:
    """What is said of something; nothing while a part of the suite is not back yet."""
    try:
        return dict(suite.gateway(person).get(path))
    except Refusal as refusal:
        assert refusal.status == 503, refusal
        return {}


def about(suite: Suite, subject: str, person: str = "he") -> str | None:
    """The request about this that awaits somebody, or the request itself."""
    items = told(suite, "/v1/requests?awaiting=me&state=pending&limit=500", person).get("items", [])
    return next((str(one["request"]) for one in items if subject in (one["subject"], one["request"])), None)


def decide(suite: Suite, person: str, subject: str) -> None:
    """The last word on the request about this."""
    reached(suite, lambda: about(suite, subject, person), f"the request about {subject} to await {person}")
    insist(suite, person, f"/v1/requests/{about(suite, subject, person)}/decisions", APPROVED)


def logged(suite: Suite) -> list[dict[str, Any]]:
    """All entries of the log, which is sound."""
    quiesce(suite)
    bundle = fetch_bundle(suite, suite.dir / "evidence.zip")
    assert verified(bundle)[0]
    return entries_of(bundle)


def rows(suite: Suite, query: str, value: str) -> list[Any]:
    """What the database of records holds."""
    connection = sqlite3.connect(f"file:{suite.data / 'records'}.db?mode=ro", uri=True)
    try:
        return connection.execute(query, (value,)).fetchall()
    finally:
        connection.close()
