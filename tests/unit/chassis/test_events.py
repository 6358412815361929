"""Events: one registry by type; fields are JSON values under their public names."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from datetime import UTC, datetime

import pytest

from chassis.actor import Actor
from chassis.call import Call
from chassis.clock import parse_instant
from chassis.events import REGISTRY, Event, event
from chassis.journal import entry_row

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@event("tests.moved", version=3)
@dataclass(frozen=True)
class Moved(Event):
    record: str
    class_: str
    rooms: tuple[str, ...]
    people: frozenset[str]
    purpose: str | None = None


@event("glanced", published=False)
@dataclass(frozen=True)
class Glanced(Event):
    record: str


MOVED = Moved("r-1", "company.customer", ("b", "a"), frozenset({"wu", "he"}), "service")


def test_the_registry_knows_every_type_with_version_and_reach() -> None:
    assert REGISTRY["tests.moved"] is Moved
    assert (Moved.version, Moved.published, Glanced.published) == (3, True, False)


def test_a_type_cannot_be_given_to_two_events() -> None:
    @dataclass(frozen=True)
    class Another(Event):
        record: str

    with pytest.raises(ValueError, match=r"tests\.moved"):
        event("tests.moved")(Another)


def test_a_fact_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        MOVED.record = "r-2"  # type: ignore[misc]


def test_data_holds_json_values_in_a_fixed_order_under_their_public_names() -> None:
    assert MOVED.data() == {
        "record": "r-1",
        "class": "company.customer",
        "rooms": ["b", "a"],
        "people": ["he", "wu"],
        "purpose": "service",
    }


def test_an_entry_says_who_what_when_about_which_record_for_what() -> None:
    he = Actor("he", "he@1", "office", frozenset({"archivist"}), "session-1")

    row = entry_row(MOVED, Call("things", "move", "request-1", he), NOON)
    entry = row["entry"]

    assert (row["type"], row["record"], row["published"], row["sent"]) == ("tests.moved", "r-1", True, False)
    assert [entry[k] for k in ("source", "type", "version", "record", "purpose", "request")] == [
        "things", "tests.moved", 3, "r-1", "service", "request-1"]  # fmt: skip
    assert [entry[k] for k in ("actor", "account", "department", "session")] == ["he", "he@1", "office", "session-1"]
    assert parse_instant(entry["at"]) == NOON
    assert entry["data"] == {"class": "company.customer", "rooms": ["b", "a"], "people": ["he", "wu"]}


def test_a_type_without_a_service_gets_the_one_in_which_it_happened() -> None:
    assert entry_row(Glanced("r-1"), Call("things", "read", "request-1"), NOON)["type"] == "things.glanced"
