"""Search and views through the gateway: values in no URL, sealed cursors, lists that nobody edits; on both brokers."""

from __future__ import annotations

import pytest

from cli.http import Refusal
from tests.system.life import a_record, activate
from tests.system.suite import Suite

NAME = "星澜检索贸易"


def asked(**more: object) -> dict[str, object]:
    return {"class": "company.customer", "purpose": "service", "where": {"basic.name": {"like": NAME}}, **more}


@pytest.mark.covers("Q-144", "Q-145", "Q-148")
def test_a_search_goes_on_by_a_cursor_that_is_good_for_it_alone(suite: Suite) -> None:
    zheng = suite.gateway("zheng")
    records = [a_record(suite, {"basic.name": f"{NAME}{sign}号有限公司"}) for sign in "甲乙丙"]
    for record in records:
        activate(suite, record)

    first = zheng.post("/v1/records/searches", asked(limit=2))
    rest = zheng.post("/v1/records/searches", asked(limit=2, cursor=first["next"]))

    assert [hit["id"] for hit in (*first["items"], *rest["items"])] == records[::-1] and rest["next"] is None
    assert first["items"][0]["fields"]["basic.name"]["value"].startswith(NAME)
    for other in (asked(limit=2, purpose="archive_use", cursor=first["next"]), asked(cursor="x" * 40)):
        with pytest.raises(Refusal) as refusal:
            zheng.post("/v1/records/searches", other)
        assert refusal.value.code == "cursor.invalid"
    with pytest.raises(Refusal) as refusal:
        zheng.post("/v1/records/searches", {**asked(), "where": {"contact.mobile": {"like": "199"}}})
    assert (refusal.value.status, refusal.value.code) == (422, "search.invalid") and refusal.value.problem["remedy"]
    kept = zheng.post("/v1/searches", {**asked(), "name": "检索"})
    assert len(zheng.post("/v1/records/searches", {"saved": kept["id"]})["items"]) == 3
    assert zheng.call("DELETE", f"/v1/searches/{kept['id']}")["id"] == kept["id"]


@pytest.mark.covers("Q-056", "Q-145", "Q-166")
def test_a_list_is_read_counted_and_taken_away_but_never_edited(suite: Suite) -> None:
    activate(suite, a_record(suite, {"basic.name": f"{NAME}丁号有限公司"}))
    he = suite.gateway("he")

    assert "incomplete" in [view["name"] for view in he.get("/v1/views")["items"]]
    assert he.get("/v1/views/composition")["total"] is None or he.get("/v1/views/composition")["total"]["records"]
    counted = he.get("/v1/statistics?class=customer&by=record.stage")
    assert sum(line["records"] for line in counted["items"]) == counted["records"] > 0
    status, headers, body = he.raw("GET", "/v1/views/stale/view.xlsx", None, {})
    assert status == 200 and body.startswith(b"PK") and headers["Muniment-Mark"]
    for method in ("PATCH", "POST", "PUT", "DELETE"):
        assert he.raw(method, "/v1/views/customer_list", b"{}", {"Content-Type": "application/json"})[0] == 405
    report = he.post("/v1/views/composition/reports", {})["id"]
    assert he.get(f"/v1/reports/{report}")["criteria"]["count"] == "stage"
