"""An erasure that was decided: first nothing reads the parts, then their keys go, then it is said. May be repeated."""

from __future__ import annotations

from typing import Any

from chassis.errors import Conflict
from chassis.failpoints import failpoint
from services.records import sealing
from services.records.documents.placing import placed
from services.records.erasing import model
from services.records.erasing.model import Erasure
from services.records.model import Record
from services.records.parties import model as identity
from services.records.searching.indexing import measures, pseudonym
from vault.envelope import named


def settled(service: Any, erasure_id: str, outcome: str, decided_by: list[str]) -> None:
    """Carry out once what was decided, or let it go; a hold always wins."""
    with service.store.begin() as work:
        erasure = work.erasure(erasure_id)
        if erasure is None or erasure.state != "pending":
            return
        record = work.record(erasure.record)
        why, holds = _against(work, service, record, erasure, outcome)
        if why:
            work.emit(erasure.lapse(record, why, holds, decided_by))
        else:
            _begin(work, service, record, erasure, decided_by)
        work.save_erasure(erasure)
    failpoint("erasure.begun")
    if erasure.keys:
        service.keys.destroy(list(erasure.keys.values()))  # at once; the next tick says so, as it would after a crash


def finish(service: Any, erasure_id: str) -> None:
    """Destroy the keys, then say so. Repeating it, after a crash or not, finishes it."""
    begun: Erasure = service.store.erasure(erasure_id)
    fingerprints = service.keys.destroy(list(begun.keys.values())) if begun.keys else {}
    failpoint("erasure.keys_gone")
    with service.store.begin() as work:
        erasure = work.erasure(erasure_id)
        if erasure.state == "erasing":
            told = {name: fingerprints[key] for name, key in begun.keys.items()}
            work.emit(erasure.finish(work.record(erasure.record), told, work.now))
            work.save_erasure(erasure)
    failpoint("erasure.done")


def _against(work: Any, service: Any, record: Record, erasure: Erasure, outcome: str) -> tuple[str | None, list[str]]:
    """Why it is not done, and what holds it up."""
    holds: list[str] = work.holds(record.id)
    if outcome != "approved":
        return outcome, []
    try:
        model.refuse(record, erasure.parts, service.regime().classes[record.class_])
    except Conflict as against:
        return against.code, []
    return ("hold.active", holds) if holds else (None, [])


def _begin(work: Any, service: Any, record: Record, erasure: Erasure, decided_by: list[str]) -> None:
    regime = service.regime()
    found = regime.classes[record.class_]
    gone = _taken_away(work, regime, record, erasure.parts)
    for merged in [work.record(id) for id in work.merged_ids(record.id)]:
        # What was merged is read under this record's name: it goes with it.
        gone |= {f"{name}:{merged.id}": key for name, key in _taken_away(work, regime, merged, erasure.parts).items()}
        work.save(merged)
    told = erasure.begin(record, gone, decided_by)
    _reckon(work, record, found, erasure.parts)
    work.forget_index([record.id], erasure.parts)
    figures = [path for path in measures(found) if path.split(".")[0] in erasure.parts]
    work.forget_measures(pseudonym(service.keys.blind, found.name, path, record.id) for path in figures)
    work.save(record)
    work.emit(told)
    work.score(record, regime)


def _taken_away(work: Any, regime: Any, record: Record, parts: list[str]) -> dict[str, str]:
    """Take the parts' rows and papers from one record; the keys that have to go, by what they were of."""
    found = regime.classes[record.class_]
    keys = {part: key for part, key in work.part_keys(record.id).items() if part in parts}
    kinds = [kind for kind in found.documents if placed(found, kind, regime).part in parts]
    papers = work.papers_of(record.id, kinds)
    work.take_away(record.id, parts, list(keys.values()), list(papers))
    record.facets = {path: value for path, value in record.facets.items() if path.split(".")[0] not in parts}
    return {**keys, **{f"document:{id}": key for id, key in papers.items()}}


def _reckon(work: Any, record: Record, found: Any, parts: list[str]) -> None:
    """Its customer is told by what is left, it is filed by what is left, and complete or not by what is left."""
    kinds = {_kind(found.fields[path].type) for path in identity.paths(found) if path.split(".")[0] in parts}
    work.unmark([record.id], sorted(kinds))
    if found.one_per and any(path.split(".")[0] in parts for path in found.one_per.fields):
        work.unfile(record.id)
    filled = {path for _, _, sealed in work.sealed_parts(record.id) for path in named(sealed)}
    record.complete = record.complete and sealing.complete(found, filled, record.facets)


def _kind(type: str) -> str:
    return type if type in identity.PROOF else identity.PHONE_AND_NAME
