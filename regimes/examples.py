"""Run a regime's own examples: the chain a request must get, the day a deadline must fall on, the fines of a row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from chassis.errors import Forbidden
from regimes import dates, rules, supervision

if TYPE_CHECKING:
    from regimes.regime import Regime

Example = dict[str, Any]


def failures(regime: Regime) -> Iterator[tuple[str, str]]:
    """Each example that does not come out, with what came instead."""
    for number, example in enumerate(regime.examples):
        where = f"examples.{number}"
        try:
            wrong = run(regime, example)
        except (KeyError, ValueError) as broken:
            wrong = f"cannot be run: {broken!r}"
        if wrong:
            yield where, f"{title(example)}: {wrong}"


def title(example: Example) -> str:
    """An example in a few words."""
    word = next(word for word in ("request", "due", "schedule", "offences") if word in example)
    given = ", ".join(f"{path}={value}" for path, value in example.get("given", {}).items())
    return f"{word} {example[word]} {example.get('of', '')} {{{given}}}"


def run(regime: Regime, example: Example) -> str | None:
    """What came instead of what the example says, or None."""
    regime = answered(regime, example)
    if "request" in example:
        return _request(regime, example)
    if "offences" in example:
        found = [one.amount for one in supervision.fines(regime, example["offences"], example["by"])]
        return None if found == list(example["fines"]) else f"fines {found}"
    return _date(regime, example)


def answered(regime: Regime, example: Example) -> Regime:
    """The regime with its default answers and those the example gives, whatever the organisation chose."""
    given = {
        path.removeprefix("setting."): value
        for path, value in example.get("given", {}).items()
        if path.startswith("setting.")
    }
    defaults = {name: one.default for name, one in regime.settings.items() if one.default is not None}
    wanted = {**defaults, **given}
    changed = {name: value for name, value in wanted.items() if regime.setting.get(name) != value}
    return regime.with_settings(changed) if changed else regime


def case(example: Example) -> dict[str, Any]:
    """The case an example describes."""
    found: dict[str, Any] = {"record": {"class": example["of"]}, "applicant": {}, "request": {}, "setting": {}}
    for path, value in example.get("given", {}).items():
        group, _, word = path.partition(".")
        found.setdefault(group, {})[word] = value
    return found


def _request(regime: Regime, example: Example) -> str | None:
    try:
        ruling = regime.rule(example["request"], case(example))
    except Forbidden as refusal:
        reason = refusal.facts.get("reason", refusal.code)
        return None if reason == example.get("refused") else f"refused: {reason}"
    chain = [(step.who, step.act) for step in ruling.chain]
    if "decided_by" not in example or chain != [(step.who, step.act) for step in example["decided_by"]]:
        return f"decided by {chain}"
    if "needed" in example and ruling.needs != example["needed"]:
        return f"needs {ruling.needs}"
    return None


def _date(regime: Regime, example: Example) -> str | None:
    words = regime.duties[example["due"]].due if "due" in example else regime.schedules[example["schedule"]].words
    start = next(value for path, value in example["given"].items() if not path.startswith("setting."))
    begun = datetime.fromisoformat(start) if "T" in start else date.fromisoformat(start)  # hours count from a moment
    found = dates.due(words, begun, regime.calendar).isoformat()
    return None if found == example.get("date") else f"falls on {found}"


def covered(regime: Regime) -> set[str]:
    """The names of the rules, duties, schedules and violations that some example is about."""
    found: set[str] = set()
    for example in regime.examples:
        if "request" in example:
            kind = example["request"]
            full = rules.filled_in(answered(regime, example), case(example))
            found |= {f"requests.{kind}.rules.{rule.name}" for rule in rules.covering(regime, kind, full)}
        found |= {
            f"{section}.{example[word]}"
            for word, section in (("due", "duties"), ("schedule", "schedules"))
            if word in example
        }
        found |= {f"violations.{name}" for name in example.get("offences", ())}
    return found
