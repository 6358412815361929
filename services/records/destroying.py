"""Destruction: the one function in the suite that destroys. First the record's state, then the keys, then the rows.

Between state and keys, what the class keeps in the stub is opened and kept: afterwards nobody can.
"""

from __future__ import annotations

from typing import Any

from chassis.errors import Conflict, Forbidden
from chassis.failpoints import failpoint
from regimes import Regime
from services.records.access import destruction_probe
from services.records.classifying.levels import in_record
from services.records.events import OpenedForWork
from services.records.grants import Grant, grant_of
from services.records.model import Record
from services.records.reading import Seen
from services.records.searching.indexing import figures_left
from vault.refusals import KeyGone


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
        self._keep_stub()
        failpoint("destruction.stub_kept")
        keys = self.store.every_key([self.record])[self.record]
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
            "stub": "kept" if record.stub else "none",
        }
        done = {"record": self.record, "state": "destroyed", "copies": copies, "stub": sorted(record.stub or {})}
        return {**done, "fingerprints": fingerprints, "opened": opened}

    def _keep_stub(self) -> None:
        seen: Seen = self.store.see(self.record, None)
        if seen.record.state != "destroying" or seen.record.stub is not None:
            return
        stub = self._opened(seen, _stays(seen, self.regime))
        with self.store.begin() as work:
            record = work.record(self.record)
            record.keep(stub)
            work.save(record)

    def _opened(self, seen: Seen, paths: set[str]) -> dict[str, str]:
        """The values of these fields; what nobody can open any more, such as an erased part, does not stay."""
        parts = [part for name, part in seen.parts.items() if any(path.startswith(f"{name}.") for path in paths)]
        if not parts:
            return {}
        entry = OpenedForWork(self.record, "stub", self.certificate)
        try:
            deks = self.keys.unwrap([part.key for part in parts], self.store.record_event(entry))
        except KeyGone:
            return {}
        opened = [part.open(self.record, deks[part.key]) for part in parts]
        return {path: part.value(path).decode() for part in opened for path in paths & set(part.fields)}

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


def _stays(seen: Seen, regime: Regime) -> set[str]:
    """The fields of the stub; a value that the record's classification protects higher does not stay."""
    fields = regime.classes[seen.record.class_].fields.values()
    return {one.path for one in fields if one.stub and in_record(one, seen.record, regime) is one}
