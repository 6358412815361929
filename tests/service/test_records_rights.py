"""What a refusal for want of a right says: a request that somebody can raise, and nothing of the record itself."""

from __future__ import annotations

import pytest

from chassis.errors import Forbidden
from tests.service.given_records import code_of

WHY = "as agreed"


def refusal(call, *args, **kwargs) -> Forbidden:
    with pytest.raises(Forbidden) as refused:
        call(*args, **kwargs)
    return refused.value


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("change", {"version": 2, "fields": {"basic.region": "澄州"}, "reason": WHY, "requested_by": "staff"}),
        ("set_level", {"level": "highly_sensitive", "reason": WHY}),
    ],
)
def test_a_refusal_names_no_request_that_nobody_can_raise(suite, method, args):
    """
    What waits at its owner opens its request by itself, and no regime knows a request to receive.
    """
    record = suite.active()

    refused = refusal(suite.calls, "sun", method, {"record": record, **args})

    assert (refused.code, refused.facts["request_kind"]) == ("right.missing", None)


def test_a_refusal_names_the_request_that_opens_what_was_asked_for(suite):
    record = suite.active()

    told = suite.reads("sun", record, "contact.mobile")["contact.mobile"]

    assert told["reason"]["request_kind"] == "view"


def test_no_request_is_named_where_a_consent_is_missing(suite):
    record = suite.active()

    refused = refusal(suite.reads, "zheng", record, "contact.mobile", purpose="marketing")

    assert (refused.code, refused.facts["request_kind"]) == ("consent.missing", None)


@pytest.mark.parametrize(
    ("method", "args", "code"),
    [
        ("set_scheme", {"name": "stage", "value": "current", "reason": WHY}, "scheme.set_by"),
        ("set_level", {"level": "highly_sensitive", "reason": WHY}, "right.missing"),
    ],
)
def test_the_version_is_told_only_to_whom_a_right_lets_act(suite, method, args, code):
    record = suite.active()

    assert code_of(suite.calls, "qian", method, {"record": record, "version": 1, **args}) == code


def test_whom_a_training_is_about_reads_what_he_is_to_sign(suite):
    """
    Nobody signs blindly; another's training is none of his business.
    """
    args = {"class": "training", "about": "sun", "fields": {"form.date": "2026-11-19", "form.topic": "保密"}}
    entry = suite.calls("he", "add_entry", {**args, "purposes": ["archive_use"]})["id"]

    assert suite.reads("sun", entry, "form.topic", purpose="archive_use")["form.topic"]["value"] == "保密"
    assert code_of(suite.reads, "qian", entry, "form.topic", purpose="archive_use") == "right.missing"
