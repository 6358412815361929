"""Destruction: the one function in the suite that destroys. First the record's state, then the keys, then the rows."""

from __future__ import annotations

from typing import Any

from chassis.errors import Conflict, Forbidden
from chassis.failpoints import failpoint
from services.records.access import destruction_probe
from services.records.grants import Grant, grant_of
from services.records.model import Record
from services.records.searching.indexing import figures_left


class Destruction:
    """One item of an approved list being destroyed."""

    def __init__(self, service: Any, record: str, disposal: str, certificate: str) -> None:
        self.store, self.keys, self.regime = service.store, service.keys, service.regime()
        self.record, self.disposal, self.certificate = record, disposal, certificate

    def begin(self, version: int, grant: dict[str, Any]) -> None:
        """Pass the point of no return: from its commit on no route reads the record, whatever dies."""
        with self.store.begin() as work:
            record = work.record(self.record)
            if record.certificate == self.certificate:
                return  # begun before: only the rest is left
            self._granted(grant, record)
            work.refuse_revoked(grant)
            work.emit(record.begin_destruction(version, self.disposal, self.certificate, work.holds(record.id)))
            work.save(record)
        failpoint("destruction.begun")

    def finish(self) -> dict[str, Any]:
        """Destroy the keys, try to open, take the rows away; what the certificate may say. May be repeated."""
        keys = self.store.keys_of(self.record) | self.store.document_keys(self.record)
        fingerprints = self._fingerprints(keys)
        failpoint("destruction.keys_gone")
        opened = self._probe(keys)
        failpoint("destruction.probed")
        with self.store.begin() as work:
            record = work.record(self.record)
            if record.state == "destroying":
                work.wipe(record.id)
                work.forget_measures(figures_left(record.id, self.regime.classes[record.class_], self.keys.blind))
                work.emit(record.finish_destruction(self.disposal, fingerprints))
                work.save(record)
        failpoint("destruction.finished")
        copies = {
            "keys": "destroyed",
            **dict.fromkeys(("values", "documents", "tokens", "facets", "changes"), "deleted"),
        }
        done = {"record": self.record, "state": "destroyed", "copies": copies}
        return {**done, "fingerprints": fingerprints, "opened": opened}

    def _fingerprints(self, keys: dict[str, str]) -> dict[str, str]:
        by_id = self.keys.destroy(list(keys.values()))
        return {part: by_id[key] for part, key in keys.items()}

    def _probe(self, keys: dict[str, str]) -> str:
        """Ask for the keys once more, as a reader would; the certificate tells what came of it."""
        ticket = self.store.record_event(destruction_probe(self.record, self.certificate))
        try:
            self.keys.unwrap(list(keys.values()), ticket)
        except Conflict as gone:
            return gone.code
        raise RuntimeError("a destroyed key was handed out")

    def _granted(self, body: dict[str, Any], record: Record) -> None:
        grant = grant_of(body, self.store.settings.key("grant.public"))
        if grant is None or not self._covers(grant, body, record):
            raise Forbidden("right.missing", "no live grant to destroy this record", {"request_kind": None})

    def _covers(self, grant: Grant, body: dict[str, Any], record: Record) -> bool:
        now = self.store.clock.now()
        return grant.mode == "destroy" and record.id in grant.records and grant.start <= now < grant.until
