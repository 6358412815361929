"""Accounts and sessions: who is let in, and when a session is over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chassis.errors import Forbidden, Invalid, Refused
from services.approvals.people import passwords, signing_in
from services.approvals.people.model import Account, Session
from services.approvals.people.organisation import canonical_text, staff_of
from tests.unit.approvals.given import NOON, person

SUN = Account("sun", "sun", "hash")
SMALL = """
organisation: small
regime: hengtong
departments:
  sales: {en: Sales, zh: 销售部}
people:
  wu: {en: Wu, zh: 吴, department: sales, roles: [head]}
  gao: {en: Gao, zh: 高, department: sales, superior: wu}
delegations:
  - {from: wu, to: gao, roles: [head], first: "2026-10-12", last: "2026-10-16"}
"""


def a_session(**other) -> Session:
    return Session("s-1", "sun", "sun", NOON, NOON + timedelta(hours=8), **other)


def code_of(call, *args) -> str:
    with pytest.raises(Refused) as refusal:
        call(*args)
    return refusal.value.code


@pytest.mark.parametrize(
    ("account", "proven"), [(None, False), (SUN, False), (Account("sun", "sun", "h", closed=True), True)]
)
def test_nobody_can_tell_why_a_sign_in_was_refused(account, proven):
    with pytest.raises(Forbidden) as refusal:
        Session.open("s-1", account, proven, NOON)
    assert (refusal.value.code, refusal.value.detail) == ("session.refused", "account or password is wrong")


def test_a_proven_account_is_let_in_for_eight_hours():
    session = Session.open("s-1", SUN, True, NOON)

    assert (session.person, session.expires_at - session.opened_at) == ("sun", timedelta(hours=8))


def test_a_session_is_over_at_its_end():
    a_session().check("sun", NOON + timedelta(hours=7))
    assert code_of(a_session().check, "sun", NOON + timedelta(hours=8)) == "session.ended"


def test_a_session_is_good_for_its_own_account_only():
    assert code_of(a_session().check, "liu", NOON) == "session.ended"


def test_a_closed_session_is_over():
    session = a_session()
    session.close("sun", NOON)
    assert code_of(session.check, "sun", NOON) == "session.ended"


def test_nobody_closes_anothers_session():
    assert code_of(a_session().close, "liu", NOON) == "session.not_yours"


def test_our_token_without_a_session_is_nobody():
    assert code_of(signing_in.identified, "muniment", SUN, None, NOON) == "session.ended"


def test_a_token_of_the_companys_provider_needs_no_session_here():
    assert signing_in.identified("https://login.example", SUN, None, NOON) == ("sun", 1)


def test_a_closed_account_is_nobody():
    closed = Account("sun", "sun", closed=True)
    assert code_of(signing_in.identified, "https://login.example", closed, None, NOON) == "session.ended"


def test_a_password_proves_its_own_account_only():
    made = passwords.hashed("correct horse")

    assert passwords.proven(made, "correct horse")
    assert not passwords.proven(made, "battery staple")
    assert not passwords.proven(None, "correct horse")
    assert "correct horse" not in made


def test_a_stand_in_holds_the_role_on_the_days_of_the_period():
    staff = staff_of(canonical_text(SMALL))

    assert "head" in staff.roles_of("gao", date(2026, 10, 12))
    assert "head" not in staff.roles_of("gao", date(2026, 10, 17))


def test_one_file_has_one_digest_however_it_is_written():
    assert canonical_text(SMALL) == canonical_text(
        SMALL.replace("{en: Sales, zh: 销售部}", '{"zh": 销售部, "en": "Sales"}')
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("superior: wu", "superior: nobody"), ("to: gao", "to: nobody"), ("2026-10-16", "soon"), ("people:", "folk:")],
)
def test_an_organisation_file_that_contradicts_itself_is_refused(old: str, new: str):
    with pytest.raises(Invalid):
        canonical_text(SMALL.replace(old, new))


def test_accounts_follow_people_and_keep_known_passwords():
    accounts = signing_in.accounts_of(staff_of(canonical_text(SMALL)), {"gao": "secret words"})

    assert [(one.name, one.hash is not None) for one in accounts] == [("gao", True), ("wu", False)]


def test_only_an_administrator_or_the_suite_puts_texts_in_force():
    from services.approvals.publishing import must_administer

    must_administer(person(None))  # type: ignore[arg-type]
    must_administer(person("ma", "system_administrator"))
    assert code_of(must_administer, person("he", "archivist")) == "right.missing"
