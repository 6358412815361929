"""What must hold whatever died: nothing lost, nothing doubled, no ghost event, no write or read without its entry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.evidence import Evidence, published_types
from tests.faults.history import History, Operation

CREATED = "records.created"
WRITES = {
    "create": CREATED,
    "change": "records.change_proposed",
    "consent": "records.consent_given",
    "request": "approvals.request_raised",
    "decide": "approvals.request_decided",
}
SHOWN = ("records.read", "records.history_read")


@dataclass
class Findings:
    """What did not hold, by kind; an empty one is what a run is for."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    missing_events: list[str] = field(default_factory=list)
    extra_events: list[str] = field(default_factory=list)
    unjournalled: list[str] = field(default_factory=list)
    ledger: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def kinds(self) -> set[str]:
        """The kinds of which there are any."""
        return {name for name, found in vars(self).items() if found}

    def lines(self) -> list[str]:
        """Each kind with its number and the first few."""
        return [f"{name} {len(found)}: {'; '.join(map(str, found[:5]))}" for name, found in vars(self).items() if found]


def check(history: History, evidence: Evidence, delivered: Counter[str] | None = None) -> Findings:
    """All checkers; `delivered` are the event ids that a subscriber of records' events got."""
    findings = Findings()
    _effects(history, evidence, findings)
    _ghosts(history, evidence, findings)
    _entries(history, evidence, findings)
    _reads(history, evidence, findings)
    _ledger(evidence, findings)
    if delivered is not None:
        _events(evidence, delivered, findings)
    findings.stuck += [line["what"] for line in history.stuck]
    findings.unexpected += [f"{o.name} refused: {o.code}" for o in history.operations.values() if o.outcome == "fail"]
    findings.unexpected += [f"500 for {line['name']}" for line in history.failures]
    return findings


def traces(evidence: Evidence) -> Counter[str]:
    """How often each operation's name stands in the data that it should have left once."""
    found: Counter[str] = Counter()
    for id, record in evidence.records.items():
        found[record.get("name") or ""] += 1
        found.update({version["reason"] for version in record["versions"] if version["change"] is None} - {None})
        found.update(version["reason"] for version in record["versions"] if version["change"] is not None)
        found.update(f"consent-{id}" for consent in record["consents"] if consent["purpose"] == "marketing")
    for request in evidence.requests.values():
        found[request["reason"] or ""] += 1
        found.update(decision["reason"] for decision in request["decisions"])
    return found


def _effects(history: History, evidence: Evidence, findings: Findings) -> None:
    """Acknowledged = there, once. (Names say whose it was; each record has one consent.)"""
    found = traces(evidence)
    for operation in history.operations.values():
        times = found[operation.name]
        if times == 0 and operation.acknowledged:
            findings.lost.append(operation.name)
        if times > 1:
            findings.doubled.append(f"{operation.name} x{times}")
        if times and operation.outcome == "fail":
            findings.unexpected.append(f"{operation.name} took effect though it was refused")
    for record, seen in evidence.records.items():
        if "missing" in seen:
            findings.lost.append(f"record {record}: {seen['missing']}")


def _ghosts(history: History, evidence: Evidence, findings: Findings) -> None:
    """No request about a record that nobody made, no second one, no message given up."""
    made = {entry["record"] for entry in evidence.of_type(CREATED)}
    known = {operation.answer["id"] for operation in history.acknowledged("create")}
    subjects = Counter(r["subject"] for r in evidence.requests.values() if r["kind"] == "create")
    findings.extra_events += [f"a request about the unknown record {s}" for s in subjects if s not in made]
    findings.doubled += [f"{n} requests to create {s}" for s, n in subjects.items() if n > 1]
    unknown = any(not o.acknowledged for o in history.operations.values() if o.kind == "create")
    if not unknown:
        findings.doubled += [f"record {record} that nobody was told of" for record in made - known]
    if evidence.dead_letters:
        findings.lost.append(f"{evidence.dead_letters} events were given up")


def _entries(history: History, evidence: Evidence, findings: Findings) -> None:
    """Every write has one entry: under its Request-Id, or under that of the attempt whose answer was lost."""
    by_request: Counter[tuple[str, str]] = Counter((e["type"], e["request"]) for e in evidence.entries)
    by_subject: Counter[tuple[str, str]] = Counter((e["type"], _subject(e)) for e in evidence.entries)
    for operation in history.acknowledged():
        kind = WRITES[operation.kind]
        times = by_request[kind, operation.request]
        if operation.unknown and not times and operation.kind != "decide":
            times = by_subject[kind, _answered(operation)]
        elif operation.unknown and not times:
            continue  # the decision itself is traced by its reason
        if times != 1:
            findings.unjournalled.append(f"{operation.name} has {times} entries of {kind}")


def _reads(history: History, evidence: Evidence, findings: Findings) -> None:
    """Whatever was shown in clear has an entry with the Request-Id of the answer."""
    shown = {entry["request"] for entry in evidence.of_type(*SHOWN)}
    findings.unjournalled += [
        f"read {r['request']} of {r['record']}" for r in history.reads if r["request"] not in shown
    ]


def _ledger(evidence: Evidence, findings: Findings) -> None:
    """It verifies, holds no entry twice, and raised no alarm."""
    if not evidence.sound:
        findings.ledger.append(evidence.verdict.strip()[:400])
    ids = Counter(entry["id"] for entry in evidence.entries)
    findings.ledger += [f"entry {id} x{n}" for id, n in ids.items() if n > 1]
    findings.ledger += [f"alarm {entry['data']}" for entry in evidence.of_type("audit.alarm_raised")]


def _events(evidence: Evidence, delivered: Counter[str], findings: Findings) -> None:
    """A subscriber got exactly the events that the ledger knows; one delivered again is the same event."""
    types = published_types()
    published = {e["id"]: e["type"] for e in evidence.entries if e["source"] == "records" and e["type"] in types}
    findings.missing_events += [f"{type} {id}" for id, type in published.items() if id not in delivered]
    findings.extra_events += [id for id in delivered if id not in published]


def _subject(entry: dict[str, Any]) -> str:
    data = entry["data"]
    by_type = {
        "records.change_proposed": "change",
        "records.consent_given": "consent",
        "approvals.request_raised": "request",
    }
    return str(data.get(by_type.get(entry["type"], ""), "") or entry["record"] or "")


def _answered(operation: Operation) -> str:
    names = {"create": "id", "change": "change", "consent": "consent", "request": "request"}
    return str(operation.answer.get(names[operation.kind], ""))
