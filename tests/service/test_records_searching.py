"""Search on both databases: by value over what is sealed, as far as the caller may read, and never silently less."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, true

from chassis.errors import Forbidden, Invalid
from services.records import tables as t
from services.records.model import GONE
from services.records.searching import finding, words
from services.records.searching import tables as s
from services.records.searching.saved import Saved
from tests.service.given_documents import proves
from tests.service.given_records import CONSENT, FIELDS, PEOPLE, REGIME, at_once, code_of
from vault.kek import KeyFile

OTHER = {"basic.name": "星海机电有限公司", "contact.person": "单雪梅", "contact.mobile": "19900005678"}


def asked(where, **other):
    return {"class": "company.customer", "where": where, "purpose": "service", **other}


def found(suite, where, person="zheng", **other):
    return [hit["id"] for hit in suite.calls(person, "search", asked(where, **other))["items"]]


@pytest.mark.covers("Q-144", "Q-145", "Q-148")
def test_records_are_found_by_parts_sounds_and_several_conditions_at_once(suite):
    one, two = suite.active(), suite.active(**OTHER)

    assert found(suite, {"basic.name": "星澜贸易有限公司"}) == [one]
    assert found(suite, {"basic.name": {"like": "有限公司"}}) == [two, one], "newest first"
    assert found(suite, {"contact.person": {"pinyin": "shan xue"}}) == [two]
    assert found(suite, {"contact.person": {"initials": "lx"}}) == [one]
    assert found(suite, {"contact.mobile": "199 0000 1234"}) == [one], "read like the field itself"
    assert found(suite, {"contact.mobile": {"last4": "5678"}, "basic.name": {"prefix": "星"}}) == [two]
    assert found(suite, {"contact.mobile": {"last4": "5678"}, "basic.name": {"like": "贸易"}}) == []
    assert found(suite, {"basic.name": {"like": "星"}, "basic.region": "澄州", "state": "active"}) == [two, one]
    assert found(suite, {"basic.name": {"like": "星"}, "record.stage": "unclassified"}) == [two, one]
    assert found(suite, {"basic.region": "云浦"}) == [] and found(suite, {"state": "suspended"}) == []


@pytest.mark.parametrize(
    "where",
    [
        {"contact.mobile": "１９９００００１２３４"},
        {"contact.mobile": {"last4": "１２３４"}},
        {"basic.name": {"like": "貿易"}},
        {"basic.name": "星瀾貿易有限公司"},
        {"contact.person": {"pinyin": "lǐ xuě méi"}},
        {"contact.person": {"pinyin": "Li3 xue3 mei2"}},
        {"contact.person": {"initials": "ＬＸＭ"}},
        {"contact.email": "LI.XUEMEI@EXAMPLE.COM"},
    ],
    ids=lambda where: next(iter(where.values())) if isinstance(next(iter(where.values())), str) else str(where),
)
def test_a_record_is_found_however_somebody_types(suite, where):
    one = suite.active()
    suite.active(**{**OTHER, "contact.email": "shan@example.com"})
    assert found(suite, where) == [one]


def test_what_was_entered_in_traditional_characters_is_found_in_simplified_ones(suite):
    one = suite.active(**{"contact.person": "單雪梅"})
    assert found(suite, {"contact.person": "单雪梅"}) == found(suite, {"contact.person": {"pinyin": "shan"}}) == [one]


@pytest.mark.parametrize("text", ["%", "_%_", "' OR 1=1 --", '" OR NEAR(', "😀😀", "\u200b\u200b", "^星"])
def test_signs_that_mean_something_to_a_database_mean_nothing_here(suite, text):
    suite.active()
    assert found(suite, {"basic.name": {"like": text}}) == []


REFUSED = {
    "a way of searching where only the value is asked for": ({"state": {"like": "act"}}, "search.way"),
    "the same of a classification": ({"record.stage": {"prefix": "x"}}, "search.way"),
    "a classification's value that is none": ({"record.stage": "nonsense"}, "search.way"),
    "a code that is in no list": ({"basic.kind": "nonsense"}, "code.unknown"),
    "a field that is none": ({"basic.nonsense": "x"}, "field.unknown"),
    "a table": ({"business.contracts": "x"}, "search.way"),
    "one sign of an address": ({"contact.address": {"like": "星"}}, "search.too_short"),
    "nothing but spaces": ({"basic.name": {"like": "   "}}, "search.too_short"),
    "more than is kept": ({"basic.name": {"like": "星" * 65}}, "value.too_long"),
    "no day": ({"business.since": "2026-02-30"}, "date.invalid"),
}


@pytest.mark.parametrize(("where", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_searched_is_named_with_what_is_wrong(suite, where, code):
    with pytest.raises(Invalid) as refusal:
        suite.calls("zheng", "search", asked(where))

    [error] = refusal.value.facts["errors"]
    assert (refusal.value.code, error["code"]) == ("search.invalid", code) and error["detail"]
    assert error["pointer"] == f"/where/{next(iter(where))}"


@pytest.mark.parametrize(
    "where",
    [{}, {f"basic.f{n}": "x" for n in range(10_000)}, {"basic.name": "\ud800"}, {"state": True}, {"basic.name": ["x"]},
     {"number": 10**400}, {"basic.name": "星" * 501}],
    ids=["none", "ten thousand", "half a sign", "a truth", "a list", "a figure without end", "too long"],
)  # fmt: skip
def test_what_is_no_search_is_refused_before_it_is_looked_at(suite, where):
    assert code_of(suite.calls, "zheng", "search", asked(where)) == "input.invalid"


def test_figures_are_read_as_text_where_text_is_kept(suite):
    suite.active()
    assert found(suite, {"number": 5}) == found(suite, {"basic.region": 7}) == []


@pytest.mark.covers("Q-148")
def test_one_entry_names_every_record_that_is_opened_before_it_is(suite):
    """Promise 1; that no key leaves before the entry is committed, the keystore of these tests watches."""
    one, two = suite.active(), suite.active(**OTHER)
    before = len(suite.journal())

    suite.calls("zheng", "search", asked({"contact.mobile": {"last4": "1234"}}, fields=["basic.name"]))

    [entry] = suite.journal()[before:]
    told = entry["data"]
    assert (entry["type"], entry["actor"], told["records"]) == ("records.searched", "zheng", [one])
    assert (told["fields"], told["clear"]) == (["contact.mobile"], ["basic.name", "contact.mobile"])
    assert two not in str(entry) and "1234" not in str(told["fields"])


def test_what_is_shown_with_a_hit_is_what_a_read_would_show(suite):
    one = suite.active()

    [hit] = suite.calls(
        "he", "search", asked({"basic.name": {"like": "贸易"}}, fields=["basic.name", "contact.address"])
    )["items"]

    assert hit["fields"] == suite.reads("he", one, "basic.name", "contact.address")
    assert hit["fields"]["contact.address"]["state"] != "clear"


@pytest.mark.covers("Q-147")
def test_nobody_searches_by_a_field_he_could_not_read(suite):
    """A hit alone would tell the value."""
    suite.active()
    with pytest.raises(Forbidden) as refusal:
        suite.calls("he", "search", asked({"contact.address": {"like": "青榆路"}, "basic.name": {"like": "星澜"}}))

    assert refusal.value.code == "search.not_yours"
    assert refusal.value.facts["errors"] == [{"pointer": "/where/contact.address", "code": "search.not_yours"}]
    # The members of a department read their own records: those of another are not found, and not counted.
    assert found(suite, {"contact.mobile": {"last4": "1234"}}, "sun") == []
    assert suite.told("records.searched")[-1]["records"] == []


def test_a_grant_makes_its_record_findable_while_it_lasts(suite):
    one = suite.active()
    suite.active(**OTHER)
    where = {"contact.address": {"like": "青榆路"}}
    assert code_of(suite.calls, "he", "search", asked(where)) == "search.not_yours"

    suite.grant("he", one, purpose="service")
    assert found(suite, where, "he") == [one]
    suite.clock.advance(timedelta(days=2))
    assert code_of(suite.calls, "he", "search", asked(where)) == "search.not_yours"


def test_a_grant_that_holds_once_is_not_spent_by_a_search(suite):
    one = suite.active()
    suite.grant("he", one, purpose="service", once=True)

    assert code_of(suite.calls, "he", "search", asked({"contact.address": {"like": "青榆路"}})) == "search.not_yours"
    assert suite.reads("he", one, "contact.address")["contact.address"]["state"] == "clear"


@pytest.mark.covers("Q-204")
def test_what_is_filed_apart_is_found_only_by_whom_it_was_granted_to(suite):
    one = suite.active()
    with suite.database.write() as connection:
        connection.execute(t.records.update().values(state="past"))
    assert found(suite, {"basic.name": {"like": "贸易"}}) == []

    suite.grant("zheng", one, purpose="service")
    assert found(suite, {"basic.name": {"like": "贸易"}}) == [one]


def test_a_withdrawn_consent_takes_the_record_out_of_the_search(suite):
    one = suite.active()
    [consent] = suite.calls("zheng", "consents", {"record": one})["items"]
    suite.calls("zheng", "withdraw_consent", {"record": one, "consent": consent["id"], "channel": "counter"})

    assert found(suite, {"basic.name": {"like": "贸易"}}) == []


def test_a_change_is_found_by_what_it_says_now(suite):
    one = suite.active()
    told = {"record": one, "version": 2, "reason": "moved", "requested_by": "customer"}
    told |= {"evidence": ["customer_request"]}
    proves(suite, one, "customer_request")
    change = suite.calls("zheng", "change", {**told, "fields": {"contact.person": "欧阳静"}})["change"]
    assert found(suite, {"contact.person": {"pinyin": "ouyang"}}) == []
    suite.settles("change", change)

    assert found(suite, {"contact.person": {"pinyin": "ouyang"}}) == [one]
    assert found(suite, {"contact.person": {"pinyin": "lixue"}}) == []
    assert found(suite, {"basic.name": {"like": "贸易"}, "contact.mobile": {"last4": "1234"}}) == [one]


@pytest.mark.parametrize("lent", ["postgres"], indirect=True)
def test_a_server_plans_a_search_for_the_tokens_it_asks_for(suite):
    """
    A plan for any tokens looked cheaper to it than those for frequent ones, and walked every record of the class.
    """
    suite.active()

    with said_to(suite.database.autocommit) as statements:
        found(suite, {"basic.name": {"like": "星"}, "contact.mobile": {"last4": "1234"}})

    asked_by = [one.split("tokens @> ")[1:] for one in statements if "tokens @> " in one]
    assert asked_by and all(tokens.startswith("CAST(ARRAY[") for many in asked_by for tokens in many)


@contextmanager
def said_to(engine):
    """The text of each statement meanwhile."""
    said = []

    def keep(connection, cursor, statement, *_):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", keep)
    yield said
    event.remove(engine, "before_cursor_execute", keep)


def test_tokens_and_figures_go_with_the_record(suite):
    one = suite.active(**{"credit.owed": "1200.00"})
    tokens = suite.rows(s.search_parts)[0].tokens
    assert suite.store.found_by([[tokens[:1]]], {}, 10) == [one] and suite.rows(s.figures)
    with suite.service(None, "wipe", {}).store.begin() as work:
        work.wipe(one)
        work.forget_measures(finding_figures(suite, one))

    assert [suite.rows(table) for table in (s.search_parts, s.figures)] == [[], []]
    assert suite.store.found_by([[tokens[:1]]], {}, 10) == []


def finding_figures(suite, record):
    from services.records.searching.indexing import figures_left

    return figures_left(record, REGIME.classes["company.customer"], suite.keys.blind)


def test_nothing_that_is_kept_for_search_holds_a_value(suite):
    suite.active(**{"credit.owed": "1200.00"})
    kept = str(suite.rows(s.search_parts))
    assert not [word for word in ("星澜", "雪梅", "19900001234", "xing") if word in kept]
    [figure] = suite.rows(s.figures)
    assert (len(figure.pseudonym), figure.value) == (16, 12_000_000)


def test_pages_go_on_where_the_last_one_ended(suite):
    records = [suite.active(**{"contact.mobile": f"1990000{n:04d}"}) for n in range(5)]
    page = suite.calls("zheng", "search", asked({"basic.name": {"like": "贸易"}}, limit=2))
    shown = [hit["id"] for hit in page["items"]]
    while page["next"]:
        page = suite.calls("zheng", "search", asked({"basic.name": {"like": "贸易"}}, limit=2, after=page["next"]))
        shown += [hit["id"] for hit in page["items"]]

    assert shown == records[::-1]


def test_too_many_candidates_are_refused_and_none_is_opened(suite, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 2)
    for n in range(3):
        suite.active(**{"contact.mobile": f"1990000{n:04d}"})

    assert code_of(suite.calls, "zheng", "search", asked({"basic.name": {"like": "贸易"}})) == "search.too_broad"
    assert not suite.told("records.searched")
    assert len(found(suite, {"basic.name": {"like": "贸易"}, "contact.mobile": {"last4": "0001"}})) == 1


def test_nothing_is_searched_while_the_ledger_does_not_follow(suite):
    suite.active()
    suite.lag.behind = timedelta(minutes=5)
    assert code_of(suite.calls, "zheng", "search", asked({"contact.mobile": {"last4": "1234"}})) == "audit.lagging"


# -- scenario 54: renewal of the key


def renewed(suite):
    return KeyFile(suite.settings.keys / "kek").rotate_search()


def test_a_search_finds_exactly_the_record_before_during_and_after_the_key_is_renewed(suite):
    """Scenario 54: never a silent zero, wherever the renewal has come to."""
    suite.calls(None, "renew_index")
    one, two = suite.active(), suite.active(**OTHER)
    where = {"contact.mobile": "19900001234", "basic.name": {"like": "星澜"}}
    assert found(suite, where) == [one]

    assert renewed(suite) == 1
    three = suite.active(**{"contact.mobile": "19900007777"})
    assert found(suite, where) == [one] and found(suite, {"basic.name": {"like": "星"}}) == [three, two, one]
    suite.calls(None, "renew_index")

    assert {row.generation for row in suite.rows(s.search_parts)} == {1}
    assert found(suite, where) == [one] and found(suite, {"basic.name": {"like": "星"}}) == [three, two, one]
    KeyFile(suite.settings.keys / "kek").retire_search(1)
    assert found(suite, where) == [one]


def test_records_are_read_and_found_while_the_key_encryption_key_is_rotated(suite):
    """Promise 1 holds on the way: what is re-wrapped is never opened."""
    one = suite.active()
    kek = KeyFile(suite.settings.keys / "kek")
    assert kek.rotate() == 2
    opened = len(suite.keys.unwrapped)
    two = suite.active(**OTHER)
    where = {"basic.name": {"like": "星"}}
    rewraps = [partial(suite.calls, None, "rewrap_keys")] * 2
    answers = at_once([*rewraps, *[partial(found, suite, where)] * 6])

    assert answers[2:] == [[two, one]] * 6 and suite.keys.behind() == 0
    assert all(entry for entry, _ in suite.keys.unwrapped[opened:]), "every key that left had its entry"
    KeyFile(suite.settings.keys / "kek").retire(2)
    assert found(suite, where) == [two, one]


def test_a_renewal_that_was_killed_goes_on_where_it_stopped(suite, monkeypatch):
    from services.records.searching import renewing

    monkeypatch.setattr(renewing, "AT_ONCE", 1)
    suite.calls(None, "renew_index")
    records = [suite.active(**{"contact.mobile": f"1990000{n:04d}"}) for n in range(4)]
    renewed(suite)
    done, plain = [], renewing.Renewing._renew

    def killed(self, some):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(some)
        return plain(self, some)

    monkeypatch.setattr(renewing.Renewing, "_renew", killed)
    with pytest.raises(KeyboardInterrupt):
        suite.calls(None, "renew_index")
    assert len(found(suite, {"basic.name": {"like": "贸易"}})) == 4
    monkeypatch.setattr(renewing.Renewing, "_renew", plain)
    suite.calls(None, "renew_index")

    assert {row.generation for row in suite.rows(s.search_parts)} == {1}
    assert found(suite, {"basic.name": {"like": "贸易"}}) == records[::-1]
    assert len([1 for one in suite.told("records.opened_for_work") if one["work"] == "index"]) == 4


def test_records_of_an_earlier_release_are_indexed_when_the_service_starts(suite):
    one = suite.active()
    with suite.database.write() as connection:
        if suite.database.sqlite:
            words.take(connection, true())
        connection.execute(s.search_parts.delete())

    suite.calls(None, "renew_index")
    assert found(suite, {"contact.mobile": {"last4": "1234"}}) == [one]


def test_searches_and_changes_at_once_leave_one_index(suite):
    one = suite.active()
    renewed(suite)
    calls = [partial(suite.calls, None, "renew_index")] * 2 + [
        partial(found, suite, {"basic.name": {"like": "星"}})
    ] * 8
    answers = at_once(calls)

    assert answers[2:] == [[one]] * 8
    assert len(suite.rows(s.search_parts)) == len({(row.record, row.part) for row in suite.rows(s.search_parts)})


# -- kept searches, statistics


@pytest.mark.covers("Q-145")
def test_a_kept_search_is_sealed_its_owners_or_his_departments(suite):
    one = suite.active()
    kept = asked({"basic.name": {"like": "贸易"}}, name="贸易客户")
    mine = suite.calls("zheng", "save_search", kept)["id"]
    ours = suite.calls("zheng", "save_search", {**kept, "shared": True})["id"]

    assert [item["id"] for item in suite.calls("zheng", "searches", {})["items"]] == [ours, mine]
    [shared] = suite.calls("wu", "searches", {})["items"]
    assert (shared["id"], shared["name"], shared["where"]) == (ours, "贸易客户", kept["where"])
    assert suite.calls("sun", "searches", {})["items"] == []
    assert [hit["id"] for hit in suite.calls("wu", "search", {"saved": ours})["items"]] == [one]
    assert code_of(suite.calls, "wu", "search", {"saved": mine}) == "search.unknown"
    assert code_of(suite.calls, "wu", "drop_search", {"search": ours}) == "search.unknown"
    assert "贸易" not in str(suite.rows(s.saved_searches)) and "贸易" not in str(suite.journal())
    suite.calls("zheng", "drop_search", {"search": ours})
    assert code_of(suite.calls, "wu", "search", {"saved": ours}) == "search.unknown"


@pytest.mark.parametrize(
    ("gone", "code"),
    [({"where": {"basic.retired": "x"}}, "search.invalid"), ({"fields_": ["basic.retired"]}, "field.unknown"),
     ({"class_": "retired.class"}, "class.unknown"), ({"purpose": "retired"}, "purpose.unknown")],
    ids=["a field", "a field to be shown", "its class", "its purpose"],
)  # fmt: skip
def test_a_kept_search_whose_words_a_later_regime_does_not_have_says_so(suite, gone, code):
    kept = {"class_": "company.customer", "where": {"basic.name": "x"}, "purpose": "service", "name": "old"}
    old = Saved.of({**kept, "shared": False, **gone}, PEOPLE["zheng"], suite.keys)
    with suite.service("zheng", "save_search", {}).store.begin() as work:
        work.add_search(old)

    assert code_of(suite.calls, "zheng", "search", {"saved": old.id}) == code
    assert [one["name"] for one in suite.calls("zheng", "searches", {})["items"]] == ["old"]
    suite.calls("zheng", "drop_search", {"search": old.id})


@pytest.mark.covers("Q-145", "Q-146", "Q-147")
def test_statistics_count_what_the_caller_may_see_and_open_nothing(suite):
    suite.active()
    suite.active(**{**OTHER, "basic.region": "云浦"})
    suite.creates(**{"contact.mobile": "19900009999"})
    opened = len(suite.keys.unwrapped)

    by_region = suite.calls("he", "statistics", {"class": "customer", "by": "basic.region"})
    by_stage = suite.calls("qian", "statistics", {"class": "company.customer", "by": "record.stage"})

    assert {line["value"]: line["records"] for line in by_region["items"]} == {"澄州": 2, "云浦": 1}
    assert [(line["zh"], line["records"]) for line in by_stage["items"]] == [("未分类", 2)], "drafts are not hers"
    for by, named in (("department", ("Customer service", "客户服务部")), ("state", ("Valid", "有效"))):
        first = suite.calls("he", "statistics", {"class": "customer", "by": by})["items"][0]
        assert (first["en"], first["zh"]) == named
    assert by_region["chart"]["labels"]["zh"] == ["澄州", "云浦"]
    assert by_region["chart"]["series"] == [{"name": "records", "values": [2, 1]}]
    assert len(suite.keys.unwrapped) == opened
    assert code_of(suite.calls, "he", "statistics", {"class": "customer", "by": "contact.mobile"}) == "query.unknown"


# -- a search against reads, whatever the records, rights and questions


def test_a_search_never_returns_what_a_read_would_withhold(suite):
    """The oracle is the read itself, field by field, of every record that is there."""
    records = _mixed(suite)

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.sampled_from(sorted(PEOPLE)), st.sampled_from(("service", "archive_use", "marketing")), _questions())
    def check(person, purpose, where):
        try:
            hits = found(suite, where, person, purpose=purpose)
        except Forbidden as refusal:
            assert refusal.code == "search.not_yours"
            hits = []
        clear = {record for record in records if _reads_clear(suite, person, record, purpose, where)}
        assert set(hits) <= clear, "found what a read withholds"

    check()


def _mixed(suite):
    made = [suite.active(), suite.active(**OTHER), suite.creates(**{"contact.mobile": "19900009999"})]
    consents = [CONSENT, {**CONSENT, "purpose": "marketing", "kind": "express"}]
    args = {
        "class": "company.customer",
        "fields": {**FIELDS, "basic.name": "星辰贸易行", "contact.mobile": "19900004321"},
    }
    made.append(suite.calls("wu", "create", {**args, "consents": consents})["id"])
    suite.settles("record", made[-1])
    suite.grant("sun", made[0], purpose="service")
    suite.grant("xu", made[1], fields=["contact"])
    return made


def _questions():
    texts = st.sampled_from(("星", "贸易", "公司", "海机"))
    names = texts.map(lambda text: {"basic.name": {"like": text}})
    mobiles = st.sampled_from(("1234", "5678", "9999")).map(lambda last: {"contact.mobile": {"last4": last}})
    places = st.just({"basic.region": "澄州"})
    address = st.just({"contact.address": {"like": "青榆"}})
    return st.lists(st.one_of(names, mobiles, places, address), min_size=1, max_size=3).map(
        lambda some: {path: value for one in some for path, value in one.items()}
    )


def _reads_clear(suite, person, record, purpose, where):
    head = suite.store.record(record)
    assert head.state not in GONE
    try:
        fields = suite.reads(person, record, *where, purpose=purpose)
    except Forbidden:
        return False
    return all(one["state"] == "clear" for one in fields.values())
