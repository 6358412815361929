"""S13 (G1, G2): an import, a use of many records, a change that only the customer may ask for, a right to copy."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest

from cli.http import Answer
from tests.nodes.processes import until
from tests.system.life import a_record, activate
from tests.system.stories import Story, lacking, refused, told
from tests.system.suite import Suite

pytestmark = pytest.mark.timeout(240)
ROWS, TWICE, WRONG = 300, 12, 17
HEADER = ("客户名称", "联系人", "手机", "电话")


def a_file(mark: str, first: int) -> bytes:
    """300 rows as the old computer wrote them: row 17 has a telephone without area code, the last twelve come twice."""
    lines = [(f"{mark}第{n}客户", f"联系人{n}", mobile(first + n), "010-12345678" if n != WRONG - 1 else "62345678")
             for n in range(1, ROWS - TWICE + 1)]  # fmt: skip
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *lines, *lines[:TWICE]])
    return text.getvalue().encode("gb18030")


def mobile(number: int) -> str:
    """A number of the test range."""
    return f"1990001{number:04d}"


def uploaded(story: Story, content: bytes, **form: str) -> Answer:
    """zheng brings the file in; every row has its outcome."""
    begun = story.as_("zheng").upload("/v1/imports", {"class": "company.customer", **form}, "客户.csv", content)
    found: list[Answer] = []

    def ended() -> bool:
        found[:] = [story.as_("zheng").get(f"/v1/imports/{begun['id']}")]
        return found[0]["state"] in ("checked", "waiting", "released", "rejected", "failed")

    until(ended, 60, "the import to end")
    [done] = found
    assert done["state"] != "failed", done
    return done


def found_by_name(story: Story, person: str, name: str) -> list[Any]:
    """Whom a search for a name finds: an old list came without consents, so it serves what needs none."""
    asked = {"class": "company.customer", "where": {"basic.name": name}, "purpose": "archive_use"}
    return list(story.as_(person).post("/v1/records/searches", asked)["items"])


@pytest.mark.covers("Q-016", "Q-117", "Q-243", "Q-247", "Q-274", "Q-353")
def test_an_old_list_comes_in_is_released_by_another_and_used_only_for_what_was_approved(suite: Suite) -> None:
    story = Story(suite)
    number = int(story.now().timestamp()) % 100_000
    mark = f"星河{number}"
    content = a_file(mark, number % 30 * ROWS)

    # 1: a dry run accounts for every row and stores nothing
    dry = uploaded(story, content, dry_run="true")
    assert (dry["encoding"], dry["rows"]) == ("gb18030", ROWS)
    assert dry["accepted"] + dry["rejected"] + dry["duplicates"] == ROWS
    assert (dry["rejected"], dry["duplicates"]) == (1, TWICE)
    report = story.as_("zheng").get(f"/v1/imports/{dry['id']}/report.csv")["text"]
    [line] = [one for one in csv.reader(io.StringIO(report.lstrip("\ufeff"))) if one[:1] == [str(WRONG)]]
    assert "telephone: area code is missing, e.g. 010-" in line[3], line
    name = f"{mark}第1客户"
    assert found_by_name(story, "zheng", name) == []

    # 2: what came in waits: nobody finds it
    real = uploaded(story, content)
    assert (real["state"], real["accepted"]) == ("waiting", dry["accepted"])
    assert found_by_name(story, "sun", name) == []

    # 3: whoever brought it does not release it; released, it is there, and a second time brings nothing
    release = story.request_about("create", real["id"])
    assert told(refused(lambda: story.decides("zheng", release))) == (403, "approvals.kept_apart")
    story.decides("he", release)
    story.eventually(lambda: found_by_name(story, "sun", name), "the released record")
    assert uploaded(story, content)["accepted"] == 0

    # 4: a use is for a purpose of the company, decided by the head, and noted of each record by itself
    mine = listed(story, "zheng")
    assert len(mine) == 40
    used: dict[str, Any] = {"purpose": "marketing", "fields": ["basic.name", "contact.mobile"]}
    private = refused(lambda: story.asks("sun", "use", mine, **{**used, "purpose": "private"}))
    assert told(private) == (422, "purpose.unknown")
    raised = story.asks("sun", "use", mine, **used)
    assert story.chain(raised) == [["liu"]]
    [grant] = story.decides("liu", raised["request"])["grants"]
    for record in (mine[0], mine[-1]):
        path = f"/v1/audit/entries?record={record}&action=approvals.use_granted"
        [entry] = story.eventually(lambda path=path: story.as_("ma").get(path)["items"], "the use in the ledger")  # type: ignore[misc]
        one = entry["entry"]
        assert (one["purpose"], one["data"]["person"], one["data"]["grant"]) == ("marketing", "sun", grant)
    # Permission to use is no consent: who never agreed to advertising is not shown for it.
    assert story.shown("sun", mine[0], "marketing", "contact.mobile") == "consent.missing"


def listed(story: Story, person: str) -> list[str]:
    """Ids of living records, newest first."""
    path = "/v1/records?class=company.customer&state=active&limit=40"
    return [one["id"] for one in story.as_(person).get(path)["items"]]


@pytest.mark.covers("Q-127", "Q-284", "Q-298", "Q-315", "Q-361")
def test_what_a_customer_wants_changed_is_proved_and_a_right_exists_when_another_has_given_it(suite: Suite) -> None:
    story = Story(suite)
    record = a_record(suite, {"contact.mobile": "19900001234"})
    activate(suite, record)

    # 5: a phone call is no request of the customer's
    version = story.read("zheng", record, "service")["version"]
    body = {"fields": {"contact.mobile": "19900005678"}, "reason": "she said so on the phone", "requested_by": "staff"}
    at = {"If_Match": f'"{version}"'}
    path = f"/v1/records/{record}"
    for person, code in (("sun", "right.missing"), ("zheng", "change.customer_only")):
        no = refused(lambda person=person: story.as_(person).patch(path, body, **at))  # type: ignore[misc]
        assert (told(no), no.problem["request_kind"]) == ((403, code), "change")
    asked = {**body, "requested_by": "customer", "reason": "her letter of today"}
    assert lacking(refused(lambda: story.as_("zheng").patch(path, asked, **at))) == {"document customer_request"}

    # 6: with her letter, checked by another; she is told, and yesterday's value stays to be seen
    before = story.now()
    suite.advance("PT1H")
    proposed = story.as_("zheng").patch(path, {**asked, "evidence": ["customer_request"]}, **at)
    request = story.request_about("change", proposed["change"])
    assert told(refused(lambda: story.decides("zheng", request))) == (403, "approvals.own_request")
    story.decides("wu", request)
    story.eventually(lambda: story.shown("zheng", record, "service", "contact.mobile").endswith("5678"), "the change")
    was = story.shown("zheng", record, "service", "contact.mobile", as_of=before.isoformat())
    assert was.endswith("19900001234")
    last = story.as_("zheng").get(f"{path}/versions?purpose=service")["items"][-1]
    assert (last["by"], last["reason"]) == ("zheng", "her letter of today")
    assert last["fields"]["contact.mobile"]["old"].endswith("1234")
    entries = f"/v1/audit/entries?record={record}&action=records.changed"
    [entry] = story.eventually(lambda: story.as_("ma").get(entries)["items"], "the change in the ledger")
    assert entry["entry"]["data"]["tell"], "the customer has to be told"

    # 7: an original leaves the house as an exception only, and two sign for its return
    raised = story.asks("sun", "borrow", [record])
    assert story.chain(raised) == [["wang"]]
    [borrowed] = story.decides("wang", raised["request"])["grants"]
    lent = {"record": record, "grant": borrowed, "borrower": "sun"}
    loan = story.accepted(lambda: story.as_("he").post("/v1/loans", lent), "right.missing")["loan"]
    back = f"/v1/loans/{loan}/return"
    assert told(refused(lambda: story.as_("he").post(back, {"items": 1}))) == (409, "custody.unsigned")
    story.as_("sun").post(back, {"items": 1})
    assert story.as_("he").post(back, {"items": 1})["state"] == "returned"

    # 8: a right needs training, an approval, and a third who puts it into effect in time
    right: dict[str, Any] = {"act": "copy", "fields": ["contact"], "period": "P30D"}
    assert lacking(refused(lambda: story.asks("sun", "permit", [record], **right))) == {"entry training"}
    trained(story, "sun")
    raised = story.accepted(lambda: story.asks("sun", "permit", [record], **right), "needs.missing")
    assert story.chain(raised) == [["liu"]]
    assert told(refused(lambda: story.decides("ma", raised["request"]))) == (403, "approvals.not_yours")
    settled = story.decides("liu", raised["request"])
    assert copies(story, record) == [], "approved is not yet given"
    execution = f"/v1/grants/{settled['grants'][0]}/execution"
    assert told(refused(lambda: story.as_("liu").post(execution))) == (403, "grant.not_yours")
    given = story.as_("ma").post(execution)
    assert given["person"] == "sun" and [one["id"] for one in copies(story, record)] == [given["grant"]]
    assert told(refused(lambda: story.as_("ma").post(execution))) == (403, "grant.used")
    late = story.asks("sun", "permit", [record], **right)
    [unused] = story.decides("liu", late["request"])["grants"]
    suite.advance("P15D")
    assert told(refused(lambda: story.as_("ma").post(f"/v1/grants/{unused}/execution"))) == (403, "grant.expired")


def trained(story: Story, person: str) -> None:
    """The archivist writes the training down, who was trained signs for it."""
    today = story.now().date()
    fields = {"form.date": today.isoformat(), "form.topic": "handling of copies"}
    entry = story.as_("he").post("/v1/registers/training", {"about": person, "fields": fields})
    story.as_(person).post(f"/v1/entries/{entry['id']}/signatures", {"version": entry["version"]})


def copies(story: Story, record: str) -> list[Any]:
    """Live rights of sun to copy the record."""
    items = story.as_("sun").get(f"/v1/grants?record={record}")["items"]
    return [one for one in items if one["mode"] == "copy"]


@pytest.mark.covers("Q-409")
def test_the_yearly_check_is_a_finding_when_nobody_has_done_it(suite: Suite) -> None:
    story = Story(suite)
    year = story.now().year

    # 9: missed, it is a finding; done by the archivist, it counts when the supervision group agrees
    def of_year(number: int) -> list[Any]:
        return [one for one in story.duties("he", "yearly_check") if one["due"].startswith(str(number))]

    story.eventually(lambda: of_year(year), "this year's check")
    story.go_to(story.morning_of(date(year + 1, 1, 2)))
    missed = story.eventually(lambda: [one for one in of_year(year) if one["state"] == "overdue"], "the miss")[0]
    assert missed["finding"] == "yearly_check"
    path = f"/v1/duties/{missed['duty']}"
    assert told(refused(lambda: story.as_("ma").post(f"{path}/confirmation"))) == (409, "duty.not_done")
    assert story.as_("he").post(f"{path}/completion", {"evidence": {}})["state"] == "done"
    assert told(refused(lambda: story.as_("he").post(f"{path}/confirmation"))) == (403, "approvals.kept_apart")
    assert told(refused(lambda: story.as_("xu").post(f"{path}/confirmation"))) == (403, "duty.not_yours")
    closed = story.as_("ma").post(f"{path}/confirmation")
    assert (closed["state"], closed["on_time"]) == ("closed", False)
