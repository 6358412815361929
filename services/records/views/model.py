"""What a view asks of a record, how much of that is known before anything is opened, and whose view it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from chassis import codec
from chassis.actor import Actor
from chassis.errors import Forbidden, NotFound
from regimes import Regime
from regimes.conditions import EVERY_DAY, holds
from regimes.dates import add
from regimes.envelopes import completed
from regimes.model import RecordClass, Right, View, When
from regimes.rights import case_of, is_one, reads_nothing
from regimes.rules import about, covering
from services.records.model import Record
from services.records.searching.pieces import folded

MOST_DAYS = 92  # of a `coming` that the index is asked for
Case = dict[str, Any]


def view_named(regime: Regime, name: str) -> View:
    """The view of that name."""
    if name not in regime.views:
        raise NotFound("view.unknown", f"the regime has no view {name}")
    return regime.views[name]


def counts(view: View) -> bool:
    """Whether it answers in groups and not in records."""
    return bool(view.sum or view.count or view.share_by)


def digest(view: View) -> str:
    """What the view was when it ran."""
    return sha256(codec.canonical(criteria(view))).hexdigest()


def criteria(view: View) -> dict[str, Any]:
    """All that decides what a view shows."""
    return {name: _plain(value) for name, value in vars(view).items() if name not in ("en", "zh")}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def classes_of(regime: Regime, view: View) -> list[RecordClass]:
    """The classes it is derived from, and those that extend them."""
    return [found for found in regime.classes.values() if found.is_a(view.of)]


def readable(regime: Regime, view: View, caller: Actor) -> bool:
    """Whether some record could be in it for this caller: of his department, or his own."""
    if reads_nothing(regime, caller):
        return False
    mine = {"department": caller.department, "responsible": caller.person, "creator": caller.person}
    named = [completed(regime, {"class": found.name, **mine}) for found in classes_of(regime, view)] or [mine]
    return any(is_one(view.read, caller, envelope) for envelope in named)


def refuse_unreadable(regime: Regime, view: View, caller: Actor) -> None:
    """Refuse whom the regime does not name as its reader."""
    if not readable(regime, view, caller):
        raise Forbidden("right.missing", f"{view.name} is not for you to read", {"request_kind": None})


def rights(regime: Regime, view: View, caller: Actor, record: Record) -> list[Right]:
    """The right to the view's fields that being its reader is; none where a rule is asked even of those with rights."""
    envelope = record.envelope()
    case = case_of(regime, caller, envelope)
    if any(rule.always for rule in covering(regime, "view", case)) or not is_one(view.read, caller, case["record"]):
        return []
    if reads_nothing(regime, caller) or not about(regime, view.of, record.class_):
        return []
    return [Right(name=f"view.{view.name}", who=view.read, may=("view",), of=view.of, purposes=(view.purpose,))]


# ------------------------------------------------------------------ conditions


def paths(when: When) -> set[str]:
    """Everything that conditions compare."""
    tests = [test for one in when for test in one.values() if isinstance(test, dict)]
    inner = [value for test in tests for value in test.values() if isinstance(value, dict)]
    named = {path for one in when for path in one}
    return named | {str(test["field"]) for test in [*tests, *inner] if "field" in test}


def fields(found: RecordClass, when: When) -> set[str]:
    """The fields among them; of a code's figure, such as credit.grade.limit, the code."""
    named = {field_of(path) for path in paths(when)}
    return {path for path in named if path in found.fields}


def field_of(path: str) -> str:
    """The field that a path is of: a table's column is of its table."""
    return ".".join(path.split(".")[:2])


def possible(when: When, case: Case, unknown: set[str]) -> str:
    """Whether the conditions hold, by what is known: yes, no, or open where `unknown` fields decide."""
    if not when:
        return "yes"
    answers = [_possible(one, case, unknown) for one in when]
    return "yes" if "yes" in answers else "open" if "open" in answers else "no"


def _possible(one: dict[str, Any], case: Case, unknown: set[str]) -> str:
    left = {path: test for path, test in one.items() if not _touches({path: test}, unknown)}
    if left and not holds([left], case):
        return "no"
    return "open" if len(left) < len(one) else "yes"


def _touches(one: dict[str, Any], unknown: set[str]) -> bool:
    return any(field_of(path) in unknown for path in paths([one]))


def case(regime: Regime, record: Record, facts: Mapping[str, Any], values: Mapping[str, str], today: Any) -> Case:
    """What conditions read: the envelope with what records knows besides, the fields as far as they are known."""
    told: Case = {"record": {**completed(regime, record.envelope()), **facts}, "today": today}
    found = regime.classes[record.class_]
    for path, value in values.items():
        part, _, name = path.partition(".")
        group = told.setdefault(part, {})
        group[name] = value
        listed = regime.lists.get(str(found.fields[path].list), {}).get(value) if path in found.fields else None
        group |= {f"{name}.{figure}": amount for figure, amount in (listed.figures if listed else {}).items()}
    return told


def narrowed(found: RecordClass, when: When, today: Any) -> list[tuple[str, str, list[str]]]:
    """Conditions that the index answers without opening anything: path, kind of piece, and the texts that fit."""
    if len(when) != 1:
        return []
    told = [(path, *_pieces(test, today)) for path, test in when[0].items() if path in found.fields]
    return [(path, kind, texts) for path, kind, texts in told if texts and path not in found.facets]


def _pieces(test: Any, today: Any) -> tuple[str, list[str]]:
    if not isinstance(test, dict):
        return "is", [folded(str(one)) for one in (test if isinstance(test, list | tuple) else [test])]
    if "coming" in test:
        last = add(today, test["coming"], EVERY_DAY)
        days = [today + timedelta(days=n) for n in range(min((last - today).days, MOST_DAYS) + 1)]
        # Who was born on 29 February has his day on the 28th of other years, which is asked for as well.
        return "day", [] if (last - today).days > MOST_DAYS else sorted({*(f"{d:%m-%d}" for d in days), "02-29"})
    return "is", []


def level_of(regime: Regime, classes: Iterable[RecordClass], paths: Iterable[str]) -> str:
    """The highest level of some fields; the lowest there is where there are none."""
    named = {found.fields[path].level for found in classes for path in paths if path in found.fields}
    lowest = min(regime.levels, key=lambda name: regime.levels[name].rank)
    return max([lowest, *sorted(named)], key=lambda name: regime.levels[name].rank)
