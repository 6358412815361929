"""What a reader gets of each field, and why."""

from __future__ import annotations

import regimes
from regimes.people import Organisation
from regimes.rights import Answer, answers
from tests.unit.regimes.given import actor, envelope


def test_another_department_sees_the_general_level_and_masks(hengtong: regimes.Regime, company: Organisation) -> None:
    found = answers(hengtong, actor(company, "qian"), envelope(), "service")
    assert found["basic.name"] == Answer("clear")
    assert found["contact.phone"] == Answer("masked", "right.missing", "view")
    assert found["contact.address"] == Answer("masked", "right.missing", "view")
    assert set(found) == set(hengtong.classes["company.customer"].fields)


def test_the_own_department_sees_up_to_sensitive(hengtong: regimes.Regime, company: Organisation) -> None:
    found = answers(hengtong, actor(company, "wu"), envelope(), "service")
    assert found["contact.phone"].shown == "clear"
    assert found["contact.address"].shown == "masked"


def test_who_is_responsible_sees_all(hengtong: regimes.Regime, company: Organisation) -> None:
    found = answers(hengtong, actor(company, "zheng"), envelope(), "service")
    assert {one.shown for one in found.values()} == {"clear"}


def test_a_purpose_reaches_its_parts_only(hengtong: regimes.Regime, company: Organisation) -> None:
    found = answers(hengtong, actor(company, "zheng"), envelope(), "marketing")
    assert found["business.history"].shown == "clear"
    assert found["credit.grade"] == Answer("withheld", "purpose.scope")


def test_a_purpose_the_class_is_not_collected_for_gives_no_right(
    hengtong: regimes.Regime, company: Organisation
) -> None:
    found = answers(hengtong, actor(company, "zheng"), envelope(), "trade")
    assert found["basic.name"].shown == "withheld"


def test_a_grant_clears_the_granted_fields_only(hengtong: regimes.Regime, company: Organisation) -> None:
    found = answers(hengtong, actor(company, "qian"), envelope(), "service", [{"fields": ["contact.address"]}])
    assert found["contact.address"].shown == "clear"
    assert found["contact.phone"].shown == "masked"
    whole = answers(hengtong, actor(company, "qian"), envelope(), "service", [{"fields": None}])
    assert {one.shown for one in whole.values()} == {"clear"}


def test_archived_records_are_asked_for_even_by_those_with_a_right(
    hengtong: regimes.Regime, company: Organisation
) -> None:
    found = answers(hengtong, actor(company, "zheng"), envelope(state="archived"), "service")
    assert set(found.values()) == {Answer("withheld", "right.missing", "view")}


def test_the_system_administrator_reads_nothing_even_by_grant(hengtong: regimes.Regime, company: Organisation) -> None:
    found = answers(hengtong, actor(company, "ma"), envelope(), "service", [{"fields": None}])
    assert set(found.values()) == {Answer("withheld", "role.reads_none")}


def test_standing_rights_by_action(hengtong: regimes.Regime, company: Organisation) -> None:
    def held(
        person: str, action: str, record_class: str = "company.customer", department: str = "service"
    ) -> list[str]:
        record = envelope(record_class, department=department, responsible=None)
        return [right.name for right in hengtong.right(actor(company, person), action, record)]

    assert held("zheng", "create") == ["serve"]
    assert held("sun", "create") == []
    assert held("sun", "create", department="sales") == ["serve"]
    # A new card needs the approved form even from the finance section; lists that exist are imported by right.
    assert held("qian", "create", "trading.customer", "finance") == []
    assert held("qian", "import", "trading.customer", "finance") == ["cards"]
    assert held("xu", "create", "trading.customer", "finance") == []
    assert held("xu", "view", "trading.customer", "finance") == ["look_up", "section_cards"]
    assert held("he", "lend") == ["keep"]
    assert held("gao", "witness") == ["witness"]
    assert held("sun", "witness") == []
    assert held("ma", "witness") == ["witness"] and held("ma", "view") == []
