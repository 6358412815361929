"""People with a valid token who try what is not theirs, and input that nobody means well; as each must end."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.nodes.processes import until
from tests.system.life import CONSENTS, a_record, activate, file_proofs
from tests.system.suite import JSON, PEOPLE, Suite

pytestmark = pytest.mark.slow

FIELDS = {"basic.name": "A Customer", "contact.person": "A Person", "contact.mobile": "19900004321"}
NOBODYS = "00000000-0000-7000-8000-000000000000"


def call(
    suite: Suite, person: str, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    """One call as one person; status and JSON, whatever it is."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if method != "GET":
        sent = {"Idempotency-Key": str(uuid.uuid4()), **JSON, **sent}
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    status, _, answer = suite.gateway(person).raw(method, path, data, sent)
    return status, json.loads(answer or b"{}")


def an_active_record(suite: Suite, **fields: str) -> str:
    record = a_record(suite, {"contact.mobile": "19900004321", **fields})
    activate(suite, record)
    return record


def change(
    suite: Suite, person: str, record: str, fields: dict[str, str], tag: int, **said: Any
) -> tuple[int, dict[str, Any]]:
    body = {
        "fields": fields,
        "reason": "as was asked",
        "requested_by": "customer",
        "evidence": ["customer_request"],
        **said,
    }
    return call(suite, person, "PATCH", f"/v1/records/{record}", body, If_Match=f'"{tag}"')


def version(suite: Suite, record: str) -> int:
    return int(call(suite, "zheng", "GET", f"/v1/records/{record}?purpose=service")[1]["version"])


def an_upload(kind: str, parts: dict[str, bytes], file: bytes) -> tuple[bytes, str]:
    edge = "0123456789abcdef0123456789abcdef"
    whole = b"".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in {"class": kind.encode(), **parts}.items()
    )
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'.encode()
    return whole + head + file + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


# ---------------------------------------------------------------------- what holds


@pytest.mark.parametrize(
    "body",
    [
        b'{"class":"company.customer","fields":{"basic.name":NaN}}',
        b'{"fields":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"class":"company.customer","fields":{"basic.name":"a\\u0000b"}}',
        b'{"class":"company.customer","fields":{"basic.name":"a\\ud800b"}}',
        b'{"class":"company.customer","fields":{"basic.name":{"__type__":"x","__value__":1}}}',
        b'{"class":"company.customer","fields":{"basic.name":' + b"9" * 400 + b"}}",
        b'{"class":["company.customer"],"fields":{}}',
        b'{"class":"company.customer","fields":[1]}',
        b"[]",
        b"\xff\xfe{}",
        b'{"a":"' + b"x" * 2_000_000 + b'"}',
    ],
    ids=("nan", "deep", "nul", "surrogate", "typed", "huge", "class", "fields", "array", "bytes", "large"),
)
def test_input_that_is_no_record_is_refused_as_the_callers_mistake(suite: Suite, body: bytes) -> None:
    status, problem = call(suite, "zheng", "POST", "/v1/records", body)

    assert status in (400, 413, 422)
    assert problem["code"]
    assert problem["remedy"]


def test_nobody_but_those_it_concerns_decides_or_sees_a_request(suite: Suite) -> None:
    record = an_active_record(suite)
    asked = {
        "kind": "view",
        "records": [record],
        "fields": ["contact.mobile"],
        "purpose": "service",
        "reason": "call back",
    }
    _, raised = call(suite, "sun", "POST", "/v1/requests", asked)
    path = f"/v1/requests/{raised['request']}"

    seen = {person for person in PEOPLE if call(suite, person, "GET", path)[0] == 200}
    assert seen == {"sun", "liu", "wu", "ma"}
    for person in ("sun", "wu", "zheng", "ma", "chen"):
        assert call(suite, person, "POST", f"{path}/decisions", {"decision": "approve", "reason": "because"})[0] == 403


def test_one_etag_lets_one_change_through_and_one_key_acts_once(suite: Suite) -> None:
    record = an_active_record(suite)
    file_proofs(suite, record, "customer_request")
    tag, key = version(suite, record), str(uuid.uuid4())
    body = {"fields": {"interaction.visits": "one"}, "reason": "as was asked", "requested_by": "staff"}

    def again(_: int) -> tuple[int, dict[str, Any]]:
        return call(suite, "zheng", "PATCH", f"/v1/records/{record}", body, If_Match=f'"{tag}"', Idempotency_Key=key)

    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(again, range(8)))
    assert {status for status, _ in answers} == {202}
    assert len({answer["change"] for _, answer in answers}) == 1
    until(lambda: version(suite, record) == tag + 1, 20, "the change")
    assert change(suite, "zheng", record, {"contact.mobile": "19900001111"}, tag)[1]["code"] == "record.stale"
    other = call(
        suite,
        "zheng",
        "PATCH",
        f"/v1/records/{record}",
        {**body, "reason": "other"},
        If_Match=f'"{tag}"',
        Idempotency_Key=key,
    )
    assert other[1]["code"] == "idempotency.other_request"


def test_a_cursor_is_good_for_its_caller_list_and_filter_only(suite: Suite) -> None:
    for _ in range(2):
        a_record(suite, {})
    page: dict[str, Any] = {}

    def two_wait() -> Any:
        page.update(call(suite, "wu", "GET", "/v1/requests?limit=1")[1])
        return page["next"]

    until(two_wait, 20, "two requests")
    cursor = page["next"]

    assert call(suite, "wu", "GET", f"/v1/requests?limit=1&cursor={cursor}")[0] == 200
    for person, path in (
        ("he", "/v1/requests?limit=1"),
        ("wu", "/v1/grants?limit=1"),
        ("wu", "/v1/requests?state=pending"),
    ):
        assert call(suite, person, "GET", f"{path}&cursor={cursor}")[1]["code"] == "cursor.invalid"


def test_a_history_and_a_timeline_are_walked_by_cursors_of_their_own(suite: Suite) -> None:
    record = an_active_record(suite)
    for way in ("versions?purpose=service&", "timeline?"):
        path = f"/v1/records/{record}/{way}"
        page = call(suite, "zheng", "GET", f"{path}limit=1")[1]
        found, cursor = page["items"], page["next"]
        for person, wrong in (
            ("zheng", f"{cursor[:-4]}AAAA"),
            ("wu", cursor),
            ("zheng", "x" * 2000),
        ):
            assert call(suite, person, "GET", f"{path}cursor={wrong}")[1]["code"] == "cursor.invalid"
        while page["next"]:
            page = call(suite, "zheng", "GET", f"{path}limit=1&cursor={page['next']}")[1]
            found += page["items"]
        whole = call(suite, "zheng", "GET", f"{path}limit=500")[1]["items"]
        assert len(found) > 1 and whole[: len(found)] == found
        assert call(suite, "zheng", "GET", f"{path}limit=501")[1]["errors"][0]["pointer"] == "/limit"


def test_a_consent_taken_back_shuts_at_once_also_what_a_grant_opened(suite: Suite) -> None:
    record = an_active_record(suite)
    asked = {
        "kind": "view",
        "records": [record],
        "fields": ["contact.mobile"],
        "purpose": "service",
        "reason": "call back",
    }
    request = call(suite, "sun", "POST", "/v1/requests", asked)[1]["request"]
    for person in ("liu", "wu"):
        call(suite, person, "POST", f"/v1/requests/{request}/decisions", {"decision": "approve", "reason": "because"})
    path = f"/v1/records/{record}?purpose=service&fields=contact.mobile"
    assert call(suite, "sun", "GET", path)[1]["fields"]["contact.mobile"]["state"] == "clear"

    given = call(suite, "zheng", "GET", f"/v1/records/{record}/consents")[1]["items"][0]["id"]
    assert call(suite, "zheng", "POST", f"/v1/records/{record}/consents/{given}/withdrawal", {})[0] == 200
    for person in ("sun", "zheng"):
        status, problem = call(suite, person, "GET", path)
        assert (status, problem["code"]) == (403, "consent.withdrawn")


# ---------------------------------------------------------------------- what did not hold when it was tried


@pytest.mark.parametrize("word", ["employee", "member", "query_user"])
def test_a_record_is_answered_for_by_a_person_not_by_everybody(suite: Suite, word: str) -> None:
    body = {"class": "company.customer", "fields": {**FIELDS, "contact.address": "Hidden Road 7"}, "consents": CONSENTS}
    status, made = call(suite, "zheng", "POST", "/v1/records", {**body, "responsible": word})

    if status == 201:
        seen = call(suite, "sun", "GET", f"/v1/records/{made['id']}?purpose=service")[1]["fields"]
        assert seen["contact.address"]["state"] != "clear"
        assert seen["contact.mobile"]["state"] != "clear"


@pytest.mark.parametrize("person", ["sun", "qian", "chen"])
def test_nobody_without_the_right_to_change_writes_at_once(suite: Suite, person: str) -> None:
    record = an_active_record(suite)

    status, _ = change(
        suite, person, record, {"interaction.visits": "was here"}, version(suite, record), requested_by="staff"
    )

    assert status == 403


def test_a_file_of_half_a_megabyte_is_taken(suite: Suite) -> None:
    rows = "".join(f"Customer {number},CN,\r\n" for number in range(25_000)).encode()
    body, kind = an_upload("trading.customer", {"dry_run": b"true"}, b"name,country,phone\r\n" + rows)

    assert call(suite, "qian", "POST", "/v1/imports", body, Content_Type=kind)[0] == 202


@pytest.mark.parametrize("parts", [{"class": b""}, {"class": b"x" * 200}, {"encoding": b"x" * 200}])
def test_a_form_that_breaks_a_rule_is_the_callers_mistake(suite: Suite, parts: dict[str, bytes]) -> None:
    body, kind = an_upload("trading.customer", parts, b"name\r\nA\r\n")

    assert call(suite, "qian", "POST", "/v1/imports", body, Content_Type=kind)[0] == 422


def test_marketing_wants_an_express_consent(suite: Suite) -> None:
    marketing = {**CONSENTS[0], "purpose": "marketing", "kind": "simple"}
    body = {"class": "company.customer", "fields": FIELDS, "consents": [*CONSENTS, marketing]}

    assert call(suite, "zheng", "POST", "/v1/records", body)[0] in (403, 422)


def test_a_channel_is_one_of_the_notices_not_free_text(suite: Suite) -> None:
    consent = {**CONSENTS[0], "channel": "phoned 13800138000"}

    assert (
        call(
            suite,
            "zheng",
            "POST",
            "/v1/records",
            {"class": "company.customer", "fields": FIELDS, "consents": [consent]},
        )[0]
        == 422
    )


def test_what_is_approved_takes_effect_unless_the_same_was_changed_and_then_its_request_says_so(suite: Suite) -> None:
    """
    Nobody may believe that something took effect which did not.
    """
    record = an_active_record(suite)
    file_proofs(suite, record, "customer_request")
    tag = version(suite, record)
    numbers = ["19900001111", "19900002222"]
    early, late = (change(suite, "zheng", record, {"contact.mobile": n}, tag)[1]["change"] for n in numbers)
    call(suite, "zheng", "POST", f"/v1/records/{record}/events", {"event": "contacted", "date": "2026-01-02"})

    def mobile() -> str:
        seen = call(suite, "zheng", "GET", f"/v1/records/{record}?purpose=service&fields=contact.mobile")[1]
        return str(seen["fields"]["contact.mobile"]["value"])

    first = approved(suite, late)
    until(lambda: mobile().endswith("2222"), 20, "the change that was approved first")
    requests = [first, approved(suite, early)]

    def states() -> list[tuple[str, str | None]]:
        told = [call(suite, "zheng", "GET", f"/v1/requests/{one}")[1] for one in requests]
        return [(one["state"], one["refusal"]) for one in told]

    until(lambda: states() == [("approved", None), ("lapsed", "record.stale")], 20, "the change to lapse")
    assert mobile().endswith("2222")

    def duties() -> list[dict[str, Any]]:
        told = call(suite, "zheng", "GET", "/v1/duties?owner=me&limit=500")[1]["items"]
        return [one for one in told if one["name"] == "take_note" and one["record"] == record]

    until(duties, 20, "whoever asked to be told")


def approved(suite: Suite, subject: str) -> str:
    waiting: list[str] = []

    def asked() -> bool:
        found = call(suite, "wu", "GET", "/v1/requests?kind=change&awaiting=me&limit=500")[1]["items"]
        waiting[:] = [one["request"] for one in found if one["subject"] == subject]
        return bool(waiting)

    until(asked, 20, "the request about the change")
    call(suite, "wu", "POST", f"/v1/requests/{waiting[0]}/decisions", {"decision": "approve", "reason": "because"})
    return waiting[0]


def test_a_change_without_its_proof_is_refused_when_it_is_asked_for(suite: Suite) -> None:
    record = an_active_record(suite)

    status, problem = change(
        suite, "zheng", record, {"contact.mobile": "19900001111"}, version(suite, record), evidence=[]
    )

    assert (status, problem["code"]) == (422, "needs.missing")


def test_a_repeated_call_gets_the_first_answer(suite: Suite) -> None:
    record, key = an_active_record(suite), str(uuid.uuid4())
    call(suite, "zheng", "POST", f"/v1/records/{record}/events", {"event": "ended", "date": "2001-01-01"})
    listed = {"records": [record], "reason": "retention has ended"}

    answers = [call(suite, "wu", "POST", "/v1/disposals", listed, Idempotency_Key=key) for _ in range(2)]

    assert answers[0][0] == 201
    assert answers[0] == answers[1]


def test_a_hold_that_was_refused_is_refused_again(suite: Suite) -> None:
    asked, key = {"records": [NOBODYS], "title": "Audit", "matter": "tax", "reason": "audit"}, str(uuid.uuid4())

    assert [call(suite, "he", "POST", "/v1/holds", asked, Idempotency_Key=key)[0] for _ in range(2)] == [404, 404]


def test_a_purpose_the_class_is_not_collected_for_cannot_be_asked_for(suite: Suite) -> None:
    record = an_active_record(suite)
    asked = {
        "kind": "view",
        "records": [record],
        "fields": ["contact.mobile"],
        "purpose": "trade",
        "reason": "call back",
    }

    assert call(suite, "sun", "POST", "/v1/requests", asked)[0] == 422


def test_a_new_record_is_nobodys_business_before_it_is_approved(suite: Suite) -> None:
    record = a_record(suite, {"contact.mobile": "19900004321"})

    assert call(suite, "sun", "GET", f"/v1/records/{record}?purpose=service")[0] in (403, 404)
    listed = call(suite, "sun", "GET", "/v1/records?class=company.customer&state=pending&limit=500")[1]["items"]
    assert record not in {line["id"] for line in listed}


def test_who_signs_out_is_out(suite: Suite) -> None:
    signed_in = call(suite, "zheng", "POST", "/v1/sessions", {"account": "zheng", "password": "demo-zheng-password"})[1]
    mine = suite.gateway("zheng").as_(signed_in["token"])
    assert mine.raw("GET", "/v1/me", None, {})[0] == 200

    mine.raw("DELETE", f"/v1/sessions/{signed_in['session']}", None, {})

    assert mine.raw("GET", "/v1/me", None, {})[0] == 401


def test_changes_of_a_part_that_is_not_there_yet_may_come_at_once(suite: Suite) -> None:
    for _ in range(3):
        record = an_active_record(suite)
        file_proofs(suite, record, "evidence")
        tag = version(suite, record)

        def propose(number: int, record: str = record, tag: int = tag) -> int:
            return change(suite, "zheng", record, {"credit.payment": f"on time {number}"}, tag, evidence=["evidence"])[
                0
            ]

        with ThreadPoolExecutor(8) as many:
            assert set(many.map(propose, range(8))) <= {202, 409, 412}
