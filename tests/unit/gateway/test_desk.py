"""What the generic handler promises of every route."""

from __future__ import annotations

import pytest

from chassis.actor import ActorCheck, signing_key
from chassis.errors import Conflict, Forbidden, Invalid, Unavailable
from tests.unit.gateway.conftest import NOON, RECORD, Client, Road


def test_an_answer_carries_request_id_version_and_is_not_kept(client: Client, road: Road) -> None:
    road.answers["records.read"] = {"record": RECORD, "version": 3, "fields": {}}
    answer = client.get(f"/v1/records/{RECORD}?purpose=service")
    assert answer.status_code == 200 and answer.json["version"] == 3
    assert answer.headers["ETag"] == '"3"' and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Request-Id"] == road.last("records.read").context["request_id"]


def test_the_caller_travels_signed_for_one_service(client: Client, road: Road) -> None:
    client.get(f"/v1/records/{RECORD}?purpose=service", headers={"Accept-Language": "zh"})
    context = road.last("records.read").context
    public = signing_key(b"a" * 32).raw_value.public_key().public_bytes_raw()
    actor = ActorCheck("records", public).actor(context["actor"], NOON)
    assert (actor.person, actor.department, actor.session) == ("sun", "sales", "session-1")
    assert context["language"] == "zh-CN" and "idempotency_key" not in context
    with pytest.raises(Forbidden):
        ActorCheck("approvals", public).actor(context["actor"], NOON)


def test_a_second_call_neither_asks_who_it_is_nor_signs_again(client: Client, road: Road) -> None:
    for _ in range(3):
        client.get(f"/v1/records/{RECORD}?purpose=service")
    assert road.count("approvals.identify") == 1
    assert len({said.context["actor"] for said in road.said if said.target == "records.read"}) == 1


def test_an_assertion_is_minted_anew_before_it_ends(client: Client, road: Road) -> None:
    from datetime import timedelta

    client.get("/v1/classes")
    first = road.last("records.classes").context["actor"]
    client.settings.clock.advance(timedelta(seconds=50))
    client.get("/v1/classes")
    assert road.last("records.classes").context["actor"] != first


LINE = {"pointer": "/a", "code": "phone.invalid", "detail": "the area code is missing"}


def test_a_merged_record_leads_to_the_one_that_stands_for_it(client: Client, road: Road) -> None:
    """
    Whatever old link or label somebody has: the whole path and query go on to the record that stays.
    """
    stays = "01970000-0000-7000-8000-00000000beef"
    road.answers["records.read"] = Conflict("record.merged", "", {"record": RECORD, "survivor": stays})

    answer = client.get(f"/v1/records/{RECORD}?purpose=service&fields=basic.name")

    assert answer.status_code == 308
    assert answer.headers["Location"] == f"/v1/records/{stays}?purpose=service&fields=basic.name"


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Forbidden("right.missing", "ask for `view`", {"request": "view"}), 403, "right.missing"),
        (Conflict("record.destroyed", "", {"certificate": RECORD}), 410, "record.destroyed"),
        (Conflict("record.merged", "", {"record": RECORD, "survivor": RECORD[::-1]}), 308, "record.merged"),
        (Conflict("record.merged", "", {"record": "r-0", "survivor": RECORD[::-1]}), 409, "record.merged"),
        (Conflict("record.stale"), 412, "record.stale"),
        (Unavailable("audit.lagging"), 503, "audit.lagging"),
        (Invalid("field.invalid", "", {"errors": [LINE]}), 422, "field.invalid"),
        (Forbidden("a.code_nobody_listed"), 403, "a.code_nobody_listed"),
        (RuntimeError("secret value"), 500, "service.failed"),
    ],
)
def test_refusals_become_problem_details(client: Client, road: Road, raised: Exception, status: int, code: str) -> None:
    road.answers["records.read"] = raised
    answer = client.get(f"/v1/records/{RECORD}?purpose=service")
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert answer.json["request_id"] == answer.headers["Request-Id"]
    assert {"type", "title", "status", "detail", "remedy"} <= set(answer.json)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert b"secret value" not in answer.data
    facts = getattr(raised, "facts", {})
    assert all(answer.json[name] == fact for name, fact in facts.items() if name != "errors")
    lines = zip(facts.get("errors", []), answer.json.get("errors", []), strict=True)
    assert all(line.items() <= told.items() and told["remedy"] for line, told in lines)


ZH, EN = "您没有该权限。", "You have no right to this."


@pytest.mark.parametrize(
    ("header", "title"),
    [
        *[
            (tag, ZH)
            for tag in ("zh-CN,zh;q=0.9", "zh-Hans-CN", "zh-TW", "ZH", "en;q=0.1,zh;q=0.9", "de,zh;q=0.5,en;q=0.3")
        ],
        *[(tag, EN) for tag in ("de", "en-GB,zh;q=0.9", "zh;q=0", "*", "", "\xff;;q=x")],
    ],
)
def test_titles_speak_the_readers_language(client: Client, road: Road, header: str, title: str) -> None:
    road.answers["records.read"] = Forbidden("right.missing")
    path = f"/v1/records/{RECORD}?purpose=service"
    assert client.get(path, headers={"Accept-Language": header}).json["title"] == title


def test_a_write_carries_the_clients_key_or_the_request_id(client: Client, road: Road) -> None:
    road.answers["approvals.withdraw"] = {"request": RECORD, "state": "withdrawn"}
    path = f"/v1/requests/{RECORD}/withdrawal"
    client.post(path, {}, headers={"Idempotency-Key": "k-1"})
    assert road.last("approvals.withdraw").context["idempotency_key"] == "k-1"
    answer = client.post(path, {})
    assert road.last("approvals.withdraw").context["idempotency_key"] == answer.headers["Request-Id"]
    assert client.post(path, {}, headers={"Idempotency-Key": "a b"}).json["code"] == "idempotency.malformed"


def test_a_change_needs_the_version_that_it_changes(client: Client, road: Road) -> None:
    path = f"/v1/records/{RECORD}"
    body = {"fields": {"contact.mobile": "1"}, "reason": "asked", "requested_by": "customer"}
    assert client.send("PATCH", path, body).json["code"] == "precondition.missing"
    assert client.send("PATCH", path, body).status_code == 428
    for etag in ('W/"1"', "*", '"1", "2"', '"x"', "1"):
        assert client.send("PATCH", path, body, headers={"If-Match": etag}).status_code == 412
    client.send("PATCH", path, body, headers={"If-Match": '"7"'})
    assert road.last("records.change").args["version"] == 7
    for name in ("version", "record"):
        answer = client.send("PATCH", path, {**body, name: RECORD}, headers={"If-Match": '"7"'})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{name}")


def test_a_version_that_is_sent_is_heeded_also_where_none_has_to_be(client: Client, road: Road) -> None:
    path, body = f"/v1/records/{RECORD}/level", {"level": "sensitive", "reason": "as agreed"}
    client.post(path, body)
    assert "version" not in road.last("records.set_level").args
    client.send("POST", path, body, headers={"If-Match": '"7"'})
    assert road.last("records.set_level").args["version"] == 7
    assert client.send("POST", path, body, headers={"If-Match": "*"}).status_code == 412


def test_a_change_that_waits_for_a_decision_is_accepted_not_done(client: Client, road: Road) -> None:
    road.answers["records.change"] = {"id": RECORD, "version": 2, "outcome": "waiting", "change": RECORD}
    body = {"fields": {"contact.mobile": "1"}, "reason": "asked", "requested_by": "customer"}
    answer = client.send("PATCH", f"/v1/records/{RECORD}", body, headers={"If-Match": '"2"'})
    assert answer.status_code == 202 and answer.headers["ETag"] == '"2"'


def test_lists_of_records_take_facets_and_nothing_else(client: Client, road: Road) -> None:
    road.answers["records.list"] = {"items": [], "next": None}
    assert client.get("/v1/records?class=trading.customer&basic.region=west").status_code == 200
    assert road.last("records.list").args == {"class": "trading.customer", "basic.region": "west", "limit": 50}
    for query in ("q=li", "after=x", "name=li"):
        assert client.get(f"/v1/records?{query}").status_code == 422


def test_a_read_names_its_purpose(client: Client, road: Road) -> None:
    answer = client.get(f"/v1/records/{RECORD}")
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "purpose.missing")
    assert road.count("records.read") == 0


def test_the_published_schema_refuses_with_pointers(client: Client, road: Road) -> None:
    answer = client.post(f"/v1/requests/{RECORD}/decisions", {"decision": "maybe", "x": 1})
    found = {error["pointer"]: error["code"] for error in answer.json["errors"]}
    assert answer.status_code == 422
    assert found == {"/decision": "field.invalid", "/reason": "field.missing", "/x": "field.unknown"}
    assert road.count("approvals.decide") == 0


def test_values_are_never_echoed(client: Client) -> None:
    answer = client.post(f"/v1/requests/{RECORD}/decisions", {"decision": "13912345678", "reason": 13912345678})
    assert answer.status_code == 422 and b"13912345678" not in answer.data


def test_no_value_stands_in_a_url(client: Client) -> None:
    for query in ("mobile=139", "limit=5&q=li"):
        answer = client.get(f"/v1/duties?{query}")
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "query.unknown")
    assert client.post(f"/v1/requests/{RECORD}/withdrawal?reason=x", {}).status_code == 422


def test_query_parameters_arrive_as_the_types_that_the_service_takes(client: Client, road: Road) -> None:
    road.answers["retention.duties"] = {"items": [], "next": None}
    client.get("/v1/duties?owner=me&overdue=true&limit=5")
    assert road.last("retention.duties").args == {"owner": "me", "overdue": True, "limit": 5}
    assert client.get("/v1/duties?overdue=perhaps").status_code == 422


def test_a_list_goes_on_with_a_sealed_cursor(client: Client, road: Road) -> None:
    road.answers["retention.duties"] = {"items": [1], "next": RECORD}
    answer = client.get("/v1/duties?owner=me&limit=5")
    cursor = answer.json["next"]
    assert RECORD not in cursor
    assert answer.headers["Link"] == f'</v1/duties?owner=me&limit=5&cursor={cursor}>; rel="next"'
    assert client.get(f"/v1/duties?owner=me&limit=9&cursor={cursor}").status_code == 200
    assert road.last("retention.duties").args == {"owner": "me", "limit": 9, "after": RECORD}
    for other in (f"owner=li&cursor={cursor}", f"cursor={cursor}", f"owner=me&cursor={cursor[:-3]}AAA", "cursor=x"):
        assert client.get(f"/v1/duties?{other}").json["code"] == "cursor.invalid"
    assert client.get("/v1/holds?cursor=" + cursor).status_code == 400
    for limit in ("0", "501", "-1", "x", "1" * 30, "٣"):
        assert client.get(f"/v1/duties?limit={limit}").status_code == 422
    assert client.get(f"/v1/duties?after={RECORD}").status_code == 422


@pytest.mark.parametrize(
    ("path", "call", "lines"),
    [
        (f"/v1/records/{RECORD}/versions?purpose=service&", "records.versions", "items"),
        (f"/v1/records/{RECORD}/timeline?", "records.timeline", "items"),
        (f"/v1/parties/{RECORD}?", "records.party", "records"),
    ],
)
def test_histories_timelines_and_parties_go_on_by_a_cursor_that_is_good_for_them_alone(
    client: Client, road: Road, path: str, call: str, lines: str
) -> None:
    road.answers[call] = {lines: [], "next": "1.2.0.a-place.1"}

    answer = client.get(f"{path}limit=2")
    cursor = answer.json["next"]

    assert "a-place" not in cursor and answer.headers["Link"].endswith(f'cursor={cursor}>; rel="next"')
    assert road.last(call).args["limit"] == 2 and "after" not in road.last(call).args
    assert client.get(f"{path}cursor={cursor}").status_code == 200
    assert (road.last(call).args["after"], road.last(call).args["limit"]) == ("1.2.0.a-place.1", 50)
    other = path.replace(RECORD, f"{RECORD[:-1]}{'0' if RECORD[-1] != '0' else '1'}")
    for wrong in (f"{path}cursor={cursor[:-3]}AAA", f"{path}cursor=x", f"{other}cursor={cursor}"):
        assert client.get(wrong).json["code"] == "cursor.invalid"
    for limit in ("0", "501", "x"):
        refused = client.get(f"{path}limit={limit}")
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/limit")
    assert client.get(f"{path}after={RECORD}").status_code == 422


def test_unknown_paths_and_methods(client: Client) -> None:
    assert client.get("/v1/nothing").status_code == 404
    assert client.get("/v1/records/not-an-id?purpose=x").status_code == 404
    assert client.get("/v1/duties/").status_code == 404
    refused = client.send("DELETE", f"/v1/records/{RECORD}")
    assert refused.status_code == 405 and refused.headers["Allow"] == "GET, HEAD, PATCH"
    assert client.send("BREW", "/v1/records").status_code == 405


def test_me_says_null_for_what_does_not_answer(client: Client, road: Road) -> None:
    road.answers["approvals.me"] = {"person": "sun"}
    road.answers["approvals.requests"] = {"requests": [1]}
    road.answers["retention.duties"] = Unavailable("service.unavailable")
    assert client.get("/v1/me").json == {"person": "sun", "waiting": {"requests": [1], "duties": None}}


def test_me_takes_no_parameters(client: Client) -> None:
    assert client.get("/v1/me?person=wu").status_code == 422


def test_signing_out_ends_what_this_process_knew_of_the_account(client: Client, road: Road) -> None:
    """
    A token must not go on opening doors for the half minute that its person is remembered.
    """
    client.get("/v1/grants")
    session = "0192f3c1-0000-7000-8000-00000000000a"
    assert client.send("DELETE", f"/v1/sessions/{session}").status_code == 200
    road.answers["approvals.identify"] = Forbidden("session.ended", "sign in again")

    assert client.get("/v1/grants").status_code == 401


@pytest.mark.parametrize("path", ["/v1/grants", "/"])
def test_head_is_answered_as_get_and_options_names_the_methods(client: Client, path: str) -> None:
    head, options = client.send("HEAD", path), client.send("OPTIONS", path)

    assert head.status_code == 200
    assert options.status_code == 405 and "GET" in options.headers["Allow"]


def test_a_member_called_value_is_named_where_it_is_wrong(client: Client) -> None:
    """
    marshmallow calls the value of a mapping so, too; a clerk who mistyped a classification must see which member it is.
    """
    wrong = {"value": 5, "reason": "yearly review"}

    refused = client.post(f"/v1/records/{RECORD}/schemes/stage", json=wrong)

    assert [line["pointer"] for line in refused.json["errors"]] == ["/value"]
