"""Entrypoints of classification."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import rpc
from chassis.published import load
from services.records import permits, reasons, schemas
from services.records.classifying import events, grading, presenting
from services.records.classifying.model import Wanted, scheme_named
from services.records.classifying.settling import Setting
from services.records.entrypoints import Entrypoints


class Classifying(Entrypoints):
    """Several classifications beside each other, each with its history; lowering one waits for approval."""

    @rpc
    def set_scheme(self, args: dict[str, Any]) -> dict[str, Any]:
        """Set a record's value in a scheme: done at once, or waiting where it protects less."""
        args, regime = load(schemas.SetSchemeArgs, args), self.regime()
        why = reasons.seal(self, self.store.record(args["record"]), args["reason"])
        with self.store.begin() as work:
            record = work.record(args["record"])
            scheme = scheme_named(record, regime, args["name"])
            Wanted(record, regime, args["value"], scheme).refuse(self.caller)
            record.expect(args.get("version", record.version))
            suggested = work.suggestion(args["suggestion"]) if "suggestion" in args else None
            wanted = grading.wanted(record, regime, scheme, args["value"], suggested)
            return work.answer(Setting(work, regime, self.caller).set(wanted, why))

    @rpc
    def set_level(self, args: dict[str, Any]) -> dict[str, Any]:
        """Raise a record above what its fields make it, or ask for a lower level."""
        args, regime = load(schemas.SetLevelArgs, args), self.regime()
        why = reasons.seal(self, self.store.record(args["record"]), args["reason"])
        with self.store.begin() as work:
            record = work.record(args["record"])
            permits.may_one_of(self, ("change", "receive"), record)
            record.expect(args.get("version", record.version))
            return work.answer(Setting(work, regime, self.caller).set(Wanted(record, regime, args["level"]), why))

    @rpc
    def suggest_scheme(self, args: dict[str, Any]) -> dict[str, Any]:
        """What the scheme's criteria come to for the record's own fields; who sets the scheme may ask."""
        args, regime = load(schemas.SuggestSchemeArgs, args), self.regime()
        seen = self.store.see(args["record"], None)
        scheme = scheme_named(seen.record, regime, args["name"])
        Wanted(seen.record, regime, scheme.unset, scheme).refuse(self.caller)
        made = grading.suggest(self, seen, scheme)
        told: dict[str, Any] = {
            "suggestion": made.id,
            "scheme": made.scheme,
            "value": made.value,
            "criteria": made.criteria,
        }
        with self.store.begin() as work:
            work.add_suggestion(made)
            work.emit(events.SchemeSuggested(**seen.record.told(), **told))
            return work.answer({**told, "version": made.record_version})

    @rpc
    def schemes(self, args: dict[str, Any]) -> dict[str, Any]:
        """What a record counts as, and how that came about: who, when, from, to, and why for whom that is meant."""
        args, record = load(schemas.SchemesArgs, args), self.store.record(args["record"])
        permits.may(self, "view", record)
        return presenting.schemes(self, record, args)
