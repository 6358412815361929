"""A regime in force: its text and digest, and everything the engines ask of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import ValidationError

from regimes import classes, model, process, references, rights, rules
from regimes.calendar import WorkCalendar
from regimes.reading import refuse
from regimes.schema import RegimeFile


class Regime:
    """The merged regime of one organisation; equal texts are equal regimes."""

    def __init__(self, merged: dict[str, Any], origins: Mapping[tuple[str, ...], str] | None = None) -> None:
        self.merged, self._origins = merged, origins or {}
        # Keys keep their order: rules join, and fields are shown, in the order they are written.
        self.text = json.dumps(merged, ensure_ascii=False, separators=(",", ":"))
        self.digest = hashlib.sha256(self.text.encode()).hexdigest()
        settings = self._settings()
        self.setting = {name: setting.value for name, setting in settings.items()}
        self._hold(self._load(self._put_in(merged)), settings)
        for path, detail in references.problems(self):
            raise self._refuse(path, detail)

    def with_settings(self, answers: dict[str, Any]) -> Regime:
        """The same regime with other answers to its open questions."""
        known = self.merged.get("settings", {})
        settings = {
            name: {**entry, "answer": answers[name]} if name in answers else entry for name, entry in known.items()
        }
        return Regime({**self.merged, "settings": settings}, self._origins)

    def rule(self, kind: str, case: dict[str, Any]) -> rules.Ruling:
        """What a request of this kind needs; Forbidden rule.none or rule.refused where it cannot be raised."""
        return rules.ruling(self, kind, case)

    def right(self, actor: Any, action: str, envelope: dict[str, Any], purpose: str | None = None) -> list[model.Right]:
        """The standing rights that allow the actor this action on the record, for the purpose."""
        return rights.standing(self, actor, action, envelope, purpose)

    def kept_apart(self, one: str, other: str) -> bool:
        """Whether nobody may be both, such as apply and decide."""
        return frozenset((one, other)) in self.apart

    def parts_for(self, purpose: str, record_class: str) -> frozenset[str]:
        """The parts to be read for the purpose: none where the class is not collected for it, else those named.

        Where none are named, all but those that are kept for a purpose of their own.
        """
        found = self.classes[record_class]
        if found.collect.purposes and purpose not in found.collect.purposes:
            return frozenset()
        form = {"form"} & found.parts.keys() if found.kind == "register" else set()  # a form is no part of a customer
        shared = (name for name, part in found.parts.items() if part.purpose in (None, purpose))
        return frozenset(self.purposes[purpose].parts or shared) | form

    def schemes_of(self, record_class: str) -> list[model.Scheme]:
        """The classifications a record of the class has, whether set or not."""
        found = self.classes[record_class]
        return [scheme for scheme in self.schemes.values() if found.is_a(scheme.of)]

    # ------------------------------------------------------------------ building

    def _settings(self) -> dict[str, model.Setting]:
        try:
            loaded = RegimeFile(only=["settings"]).load({"settings": self.merged.get("settings", {})})["settings"]
        except ValidationError as wrong:
            raise self._refuse(*first_message(wrong.messages)) from None
        for name, setting in loaded.items():
            if setting.value is None:
                raise self._refuse(f"settings.{name}", "the organisation must answer this: there is no default")
        return dict(loaded)

    def _put_in(self, value: Any, path: tuple[str, ...] = ()) -> Any:
        """Replace every {setting: NAME} by the organisation's answer."""
        if path == ("settings",) or path == ("examples",):
            return value
        if isinstance(value, list):
            return [self._put_in(entry, (*path, str(place))) for place, entry in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if set(value) == {"setting"}:
            if value["setting"] not in self.setting:
                raise self._refuse(".".join(path), f"there is no setting {value['setting']!r}")
            return self.setting[value["setting"]]
        return {key: self._put_in(entry, (*path, key)) for key, entry in value.items()}

    def _load(self, document: dict[str, Any]) -> dict[str, Any]:
        try:
            raw = document.get("classes", {})
            self._lineage = {name: classes.lineage(raw, name) for name in raw}
            inherited = classes.inherited(raw)
            for path, detail in classes.weakened(raw, inherited, document.get("levels", {})):
                raise self._refuse(path, detail)
            return dict(RegimeFile().load({**document, "classes": inherited}))
        except ValidationError as wrong:
            raise self._refuse(*first_message(wrong.messages)) from None
        except (classes.Cycle, AttributeError, TypeError) as wrong:
            raise self._refuse("classes", str(wrong)) from None

    def _hold(self, loaded: dict[str, Any], settings: dict[str, model.Setting]) -> None:
        get = loaded.get
        self.name, self.en, self.zh = loaded["regime"], get("en", ""), get("zh", "")
        self.timezone, self.currency = loaded["timezone"], loaded["currency"]
        self.settings = settings
        self.terms: dict[str, dict[str, str]] = get("terms", {})
        self.lists: dict[str, dict[str, model.CodeValue]] = get("lists", {})
        self.examples: list[dict[str, Any]] = get("examples", [])
        self.calendar: WorkCalendar = get("calendars", {}).get("work", WorkCalendar())
        self._hold_people(loaded)
        self._hold_processes(loaded)
        self._hold_classes(loaded)

    def _hold_people(self, loaded: dict[str, Any]) -> None:
        get = loaded.get
        self.levels: dict[str, model.Level] = loaded["levels"]
        self.roles: dict[str, model.Role] = loaded["roles"]
        self.bodies: dict[str, dict[str, str]] = get("bodies", {})
        self.apart = frozenset(frozenset(pair) for pair in get("apart", ()))
        self.rights: dict[str, model.Right] = get("rights", {})
        self.purposes: dict[str, model.Purpose] = get("purposes", {})
        self.notices: dict[str, dict[str, Any]] = get("notices", {})

    def _hold_processes(self, loaded: dict[str, Any]) -> None:
        get = loaded.get
        self.requests: dict[str, process.Kind] = {
            kind: replace(entry, name=kind) for kind, entry in get("requests", {}).items()
        }
        self.duties: dict[str, process.Duty] = get("duties", {})
        self.schedules: dict[str, process.Schedule] = get("schedules", {})
        self.violations: dict[str, process.Violation] = get("violations", {})
        self.tariffs: dict[str, process.Tariff] = get("tariffs", {})
        self.loans: process.Loans = get("custody", {}).get("loans", process.Loans())
        self.destruction: process.Destruction = get("destruction", process.Destruction())
        self.log: process.LogTerms = get("system", {}).get("log", process.LogTerms())

    def _hold_classes(self, loaded: dict[str, Any]) -> None:
        get = loaded.get
        self.schemes: dict[str, model.Scheme] = {
            name: classes.scheme(entry, self.terms) for name, entry in get("schemes", {}).items()
        }
        self.views: dict[str, model.View] = {
            name: classes.titled(entry, self.terms) for name, entry in get("views", {}).items()
        }
        self.all_classes = classes.resolved(get("classes", {}), self._lineage, self.levels, self.terms, self.lists)
        self.classes = {name: entry for name, entry in self.all_classes.items() if not entry.abstract}

    def _refuse(self, path: str, detail: str) -> Exception:
        keys = tuple(path.split("."))
        for length in range(len(keys), 0, -1):
            if keys[:length] in self._origins:
                return refuse(self._origins[keys[:length]], path, detail)
        return refuse(self.merged.get("regime", "regime"), path, detail)


def first_message(messages: Any, path: str = "") -> tuple[str, str]:
    """The first path and detail of marshmallow's nested messages."""
    while isinstance(messages, dict) and messages:
        key, messages = next(iter(messages.items()))
        path = path if key in ("_schema", "value", "key") else f"{path}.{key}".lstrip(".")
    if isinstance(messages, list) and messages:
        first = messages[0]
        if isinstance(first, dict):
            return first_message(first, path)
        return path, {"Unknown field.": "unknown key"}.get(str(first), str(first))
    return path, str(messages)
