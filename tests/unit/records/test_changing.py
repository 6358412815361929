"""A change on its way: checked, sealed under the keys of its parts, and opened again only when it is decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chassis.errors import Forbidden, Invalid, Refused
from services.records.changing import PartSealer, Proposal, apply, empty_part
from services.records.creating import Draft
from services.records.history import History
from services.records.reading import Reading, Seen, StoredPart
from tests.unit.records.given import CONSENT, FIELDS, NOON, PEOPLE, REGIME, keys, sealer, stored

LETTER = {"reason": "the customer's letter", "requested_by": "customer", "evidence": ["customer_request"]}
WHOLE = {**FIELDS, "contact.email": "li@example.com", "basic.region": "澄州"}


class Kept:
    """A record as it lies sealed, with its keys in memory."""

    def __init__(self, **fields):
        args = {"class_": "company.customer", "fields_": {**WHOLE, **fields}, "consents": [CONSENT]}
        self.draft = Draft.of(args, PEOPLE["zheng"], REGIME)
        self.record, self.found = self.draft.record, self.draft.found
        self.record.activate("KH-1")
        made = keys(len(self.draft.parts))
        self.keys = dict(zip(self.draft.parts, made, strict=True))
        self.parts = stored(self.draft.seal(made))
        self.history = [self.parts.copy()]

    @property
    def deks(self):
        return {name: self.keys[name].dek for name in self.parts}

    def proposes(self, fields, **given):
        args = {"fields_": fields, **LETTER, **given}
        proposal = Proposal.of(self.record, args, REGIME)
        for name in set(proposal.parts) - set(self.parts):
            [key] = keys(1)
            self.keys[name] = replace(key, id=f"k-{name}")
            self.parts |= stored([empty_part(self.record, self.found, name, self.keys[name], REGIME)])
        ids = {name: self.keys[name].id for name in proposal.parts}
        return proposal.change(args, "zheng", PartSealer(sealer(list(self.keys.values())), ids))

    def takes(self, change):
        applied = apply(change, self.record, self.parts, self.deks, REGIME)
        self.record.change(change, applied.level, applied.complete, applied.facets)
        self.parts |= stored(applied.parts)
        self.history.append(self.parts.copy())
        return applied

    def value(self, path):
        name = path.split(".")[0]
        opened = self.parts[name].open(self.record.id, self.deks[name])
        return opened.value(path).decode() if path in opened.fields else None


def test_what_was_proposed_is_what_becomes_valid_and_the_rest_stays():
    kept = Kept()
    change = kept.proposes({"contact.mobile": "19900005678", "contact.email": ""})
    assert b"19900005678" not in change.sealed["contact"]

    applied = kept.takes(change)

    assert kept.value("contact.mobile") == "+8619900005678" and kept.value("contact.email") is None
    assert kept.value("contact.person") == FIELDS["contact.person"] and kept.value("basic.name") == FIELDS["basic.name"]
    assert [(part.name, part.version, part.changed) for part in applied.parts] == [
        ("contact", 2, ["contact.email", "contact.mobile"])
    ]
    assert (applied.complete, applied.facets, applied.level) == (True, {"basic.region": "澄州"}, "sensitive")


def test_a_part_that_was_not_there_is_made_for_the_change():
    kept = Kept()

    kept.takes(kept.proposes({"credit.payment": "on time"}, requested_by="evidence"))

    assert kept.value("credit.payment") == "on time"


@pytest.mark.covers("Q-098")
def test_facets_follow_the_values_and_the_level_as_far_as_it_rises():
    """
    What was taken away is still in the version before, so the record is as high as it was.
    """
    kept = Kept()

    applied = kept.takes(kept.proposes({"contact.address": "青榆路12号", "basic.region": "青榆"}))
    assert (applied.level, applied.facets) == ("highly_sensitive", {"basic.region": "青榆"})
    applied = kept.takes(kept.proposes({"contact.address": "", "basic.region": ""}))

    assert (applied.level, applied.facets) == ("highly_sensitive", {})


def test_sealed_values_open_for_no_other_change_record_or_key():
    kept, other = Kept(), Kept()
    change = kept.proposes({"contact.mobile": "19900005678"})

    for moved, parts, deks in (
        (replace(change, id="another"), kept.parts, kept.deks),
        (change, kept.parts, other.deks),
        (change, other.parts, kept.deks),
    ):
        with pytest.raises(Refused):
            apply(moved, kept.record, parts, deks, REGIME)


@pytest.mark.parametrize(
    ("fields", "given", "refusal", "code"),
    [
        ({"contact.mobile": "19900005678"}, {"requested_by": "staff"}, Forbidden, "change.customer_only"),
        ({"interaction.visits": "x", "contact.mobile": "19900005678"}, {"requested_by": "staff"}, Forbidden,
         "change.customer_only"),
        ({"contact.person": ""}, {}, Invalid, "record.invalid"),
        ({"contact.person": None}, {}, Invalid, "record.invalid"),
        ({"contact.mobile": "1"}, {}, Invalid, "record.invalid"),
        ({"contact.shoe": "42"}, {}, Invalid, "record.invalid"),
    ],
)  # fmt: skip
def test_what_may_not_be_proposed_is_refused(fields, given, refusal, code):
    with pytest.raises(refusal) as refused:
        Proposal.of(Kept().record, {"fields_": fields, **LETTER, **given}, REGIME)

    assert refused.value.code == code


def test_the_stricter_way_to_begin_wins():
    record = Kept().record

    def mode(*paths):
        return Proposal.of(record, {"fields_": dict.fromkeys(paths, "x"), **LETTER}, REGIME).mode

    assert mode("interaction.visits") == "staff"
    assert mode("interaction.visits", "credit.payment") == "evidence"
    assert mode("credit.payment", "interaction.visits", "contact.city") == "customer"


# -- history

BOTH = {"basic.name", "contact.mobile"}


class Row:
    """A part version as the store hands it out."""

    def __init__(self, part: StoredPart, record_version: int, changed: list[str], by: str) -> None:
        self.id, self.name, self.level, self.key = part.id, part.name, part.level, part.key
        self.version, self.sealed, self.record_version = part.version, part.sealed, record_version
        self.changed, self.by, self.change, self.at = changed, by, None, NOON
        self.source, self.decided_by = None, None


@pytest.mark.covers("Q-127")
def test_history_tells_old_new_who_and_why_of_what_may_be_read_only():
    kept = Kept()
    kept.takes(kept.proposes({"contact.mobile": "19900005678"}))
    first, second = kept.history
    rows = [Row(first["basic"], 1, ["basic.name"], "zheng"), Row(first["contact"], 1, ["contact.mobile"], "zheng"),
            Row(second["contact"], 3, ["contact.mobile"], "wu")]  # fmt: skip
    opened = []

    def unwrap(wanted):
        opened.append(sorted(wanted))
        return {key.id: key.dek for key in kept.keys.values() if key.id in wanted}

    def history(person):
        seen = Seen(kept.record, kept.parts, [])
        reading: Reading = seen.decide(PEOPLE[person], ["basic.name", "contact.mobile"], "service", REGIME, NOON)
        return History(reading, rows, [(row.id, row.version) for row in rows], {1: BOTH, 3: {"contact.mobile"}})

    mine = history("zheng")
    assert (mine.entry.clear, mine.entry.versions, mine.entry.set_by) == ([*sorted(BOTH)], 3, [1, 3])
    told = [*mine.open(unwrap).values()]
    assert [one["fields"].get("contact.mobile") for one in told] == [
        None,
        {"old": None, "new": "+8619900001234"},
        {"old": "+8619900001234", "new": "+8619900005678"},
    ]
    assert (told[2]["by"], told[2]["reason"], told[0]["reason"]) == ("wu", LETTER["reason"], None)
    others = [*history("sun").open(unwrap).values()]
    assert [one["part"] for one in others] == ["basic"] and "199" not in str(others)
    assert opened[1] == [kept.keys["basic"].id], "the key of what is not shown is not asked for"
