"""What the entrypoints of every engine of records stand on."""

from __future__ import annotations

from chassis.call import CallingActor
from chassis.rpc import Remote
from chassis.texts import InForce
from regimes import Regime, parse
from regimes.people import Organisation
from services.records.assigning.model import parse as organisation_of
from services.records.keys import KeysProvider
from services.records.store import RecordStore

# What a write came to: done at once, or waiting for a decision that comes first.
DONE = {"outcome": "done"}
WAITING = {"outcome": "waiting"}


class Entrypoints:
    """The caller, the store, the keys and the regime in force; an engine adds its own calls."""

    caller = CallingActor()
    store = RecordStore()
    keys = KeysProvider()
    regime = InForce[Regime]("regime", "approvals", parse)
    organisation = InForce[Organisation]("organisation", "approvals", organisation_of)
    approvals = Remote("approvals")
