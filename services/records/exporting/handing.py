"""Handing a file out: piece by piece, and only while all that stands in it may still leave."""

from __future__ import annotations

from typing import Any

from chassis.errors import Conflict, Forbidden
from services.records.access import refuse_behind
from services.records.exporting import allowing, events, making
from services.records.exporting.lines import Lines
from services.records.exporting.model import Export
from vault.envelope import open_field
from vault.refusals import seal_broken


def piece(service: Any, export: Export, number: int) -> bytes:
    """One piece, journalled before it is opened; after the last there is nothing left to fetch."""
    export.refuse_unready(service.store.clock.now())
    refuse_behind(service.store, service.regime())
    _refuse_overtaken(service, export)
    sealed = service.store.export_piece(export.id, number)
    if sealed is None:
        raise seal_broken()
    ticket = service.store.record_event(events.ExportFetched(export.id, number))
    dek = service.keys.unwrap([export.key], ticket)[export.key]
    raw = open_field(dek, making.place(export.id, number), sealed, making.CONTENT)
    if number == export.pieces - 1:
        _gone(service, export.id)
    return raw


def _refuse_overtaken(service: Any, export: Export) -> None:
    """A consent taken back, an erasure, a revoked grant: each is asked after before every piece (Q-013)."""
    try:
        making.refuse_revoked(service.store, export)
    except Forbidden as refusal:
        _stop(service, export.id, refusal)
        raise
    allowed = allowing.of(export, export.asked.get("grant"), service, service.caller)
    lines = Lines(service, export, allowed).overtaken()
    if lines:
        _begin_anew(service, export.id, [line.record for line in lines])
        raise Conflict("export.overtaken", "something in the file may not leave any more; it is being made anew")


def _stop(service: Any, export_id: str, refusal: Forbidden) -> None:
    with service.store.begin() as work:
        export = work.export(export_id)
        if export.state == "ready":
            export.fail(refusal.code, refusal.detail)
            work.drop_pieces(export.id)
            work.save_export(export)


def _begin_anew(service: Any, export_id: str, records: list[str]) -> None:
    with service.store.begin() as work:
        export = work.export(export_id)
        if export.state == "ready":
            work.emit(export.overtaken(records))
            work.drop_pieces(export.id)
            work.save_export(export)


def _gone(service: Any, export_id: str) -> None:
    with service.store.begin() as work:
        export = work.export(export_id)
        if export.state == "ready":
            export.fetched()
            work.save_export(export)
    service.keys.destroy([export.key])
    with service.store.begin() as work:
        work.drop_file(export_id)
