"""Taking a file in: who may, its key, its pieces, and carrying on with what a crash interrupted."""

from __future__ import annotations

from typing import Any

from chassis import codec
from chassis.actor import Actor
from chassis.breathing import gently
from chassis.errors import Forbidden, Invalid
from chassis.failpoints import failpoint
from chassis.ids import new_id
from regimes import Regime
from regimes.model import RecordClass
from services.records.creating import owner
from services.records.importing import listing, mapping, running, withdrawing
from services.records.importing.checking import labels, purposes
from services.records.importing.model import Import, refuse_crowd
from services.records.importing.running import Run
from services.records.importing.store import RELEASING, RUNNING
from services.records.verifying import validity

RELEASED_AT_ONCE = 50  # whoever writes meanwhile waits as long
NOT_YOURS = Forbidden("right.missing", "this import is somebody else's")


class Intake:
    """The entrypoints' side of imports."""

    LARGEST = 64 << 20

    @classmethod
    def of(cls, args: dict[str, Any], found: RecordClass, caller: Actor, regime: Regime, keys: Any) -> Import:
        """A new import; refuses who may not import the class, and classes that need each customer's own consent."""
        department = owner(found, caller)
        envelope = {"class": found.name, "state": "pending", "department": department, "responsible": caller.person}
        if not regime.right(caller, "import", envelope):
            raise Forbidden("right.missing", f"no right to import {found.name}", {"request_kind": None})
        if found.signed_by:
            raise Forbidden("entry.unsigned", f"each {found.name} is signed by its people; it is not imported")
        if found.collect.purposes and not purposes(found, regime):
            raise Invalid("consent.missing", f"{found.name} is only collected with each customer's own consent")
        if args.get("mapping"):
            mapping.fitted(mapping.parse(codec.dumps(args["mapping"]).decode()), found.name, labels(found))
        settings = {name: args[name] for name in ("encoding", "collection", "force") if args.get(name)}
        settings["roles"] = sorted(caller.roles)
        key = keys.create(1)[0].id
        return Import(new_id(), found.name, "receiving", args["dry_run"], key, settings, str(caller.person), department)

    @classmethod
    def stored(cls, service: Any, import_id: str) -> Import:
        """An import of the caller's, or of anybody's for whoever releases imports."""
        taken: Import = service.store.import_(import_id)
        if not listing.reaches(service, taken):
            raise NOT_YOURS
        return taken

    @classmethod
    def seen(cls, service: Any, import_id: str) -> Import:
        """The same to look at: also for whoever has to decide about it now."""
        taken: Import = service.store.import_(import_id)
        if not listing.reaches(service, taken) and not listing.awaiting(service, [taken]):
            raise NOT_YOURS
        return taken

    @classmethod
    def seal(cls, service: Any, taken: Import, offset: int, raw: bytes) -> bytes:
        """A piece of the file, sealed under the import's key."""
        where = running.chunk_context(taken.id, offset)
        return bytes(service.keys.sealer([taken.key]).seal(taken.key, where, {running.PIECE: raw}).packed)

    @classmethod
    def keep(cls, service: Any, work: Any, taken: Import, meant: dict[str, Any] | None) -> None:
        """Keep a new import where there is room; what its columns mean may hold values, so it is sealed like a file."""
        refuse_crowd(work.receiving_of(taken.by))
        work.add_import(taken)
        if meant:
            sealed = cls.seal(service, taken, running.MAPPING, codec.dumps(meant))
            work.put_chunk(taken.id, running.MAPPING, sealed)

    @classmethod
    def carry_on(cls, service: Any) -> None:
        """Run what runs, release what is being released: in every replica, in batches that notice each other."""
        for taken in service.store.imports_in(RUNNING):
            caller = Actor(taken.by, department=taken.department, roles=frozenset(taken.settings["roles"]))
            Run(service, taken, caller, service.regime()).run()
        for taken in service.store.unswept():
            running.sweep(service.store, service.keys, taken)
        for taken in service.store.imports_in(RELEASING):
            while _release(service, taken.id):
                failpoint("import.released_some")
        withdrawing.carry_on(service)


def _release(service: Any, import_id: str) -> bool:
    regime = service.regime()
    with service.store.begin() as work:
        taken = work.import_(import_id)
        waiting = work.pending_of(import_id, RELEASED_AT_ONCE)
        if taken.state != RELEASING or not waiting:
            if taken.state == RELEASING:
                taken.released()
                work.save_import(taken)
            return False
        today = service.store.clock.today(regime.timezone)
        records = work.records(waiting)
        for record in gently(records):
            validity.approved(work, record, regime, today, score=False)
        work.save(*records)
    return True
