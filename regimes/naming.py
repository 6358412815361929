"""What any part of a regime may name: words, titles, people, proofs, conditions. A misspelt name never matches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from regimes.conditions import DATED
from regimes.model import Field, Needs, RecordClass, Scheme, When, Who
from regimes.schema import KINDS, MODES, STATES

if TYPE_CHECKING:
    from regimes.regime import Regime

Problem = tuple[str, str]
ENVELOPE = ("class", "state", "level", "department", "complete", "responsible", "keeper", "creator", "number")
# What records knows besides; it stays inside records.
INSIDE = ("created", "changed", "activated", "verified", "duplicate", "milestone")
GROUPS = ("record", "applicant", "request", "event", "item", "offender", "setting", "person")
PERSONS = (
    "responsible", "keeper", "creator", "applicant", "subject", "agent", "giver", "receiver", "borrower", "executor",
    "witness", "owner", "actor", "escort", "host", "offender",
)  # fmt: skip
APPLICANTS = (
    "responsible", "own_department", "other_department", "subject", "agent", "outside_unit", "partner", "authority",
    "application",
)  # fmt: skip
BASES = ("consent", "contract", "law", "protects_subject")
EXPLICIT = ("simple", "express", "own")


def known(path: str, names: Iterable[str], there: Collection[str]) -> Iterator[Problem]:
    """The names that are not among what there is, with the nearest ones that are."""
    for name in names:
        if name not in there:
            yield path, f"there is no {name!r}{_near(name, there)}"


def _near(name: str, there: Collection[str]) -> str:
    close = get_close_matches(name, list(there), n=2, cutoff=0.7)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def one(path: str, name: str | None, there: Collection[str]) -> Iterator[Problem]:
    """The same for a word that may be left out."""
    yield from known(path, [name] if name else [], there)


def titled(path: str, entry: Any) -> Iterator[Problem]:
    """Everything people see has a title in both languages."""
    if not (entry.en and entry.zh):
        yield path, f"{entry.name!r} has no title in English and Chinese, here or in terms"


def titled_word(regime: Regime, path: str, word: str) -> Iterator[Problem]:
    """A bare word, such as an event, has its title in terms."""
    if word not in regime.terms:
        yield path, f"{word!r} has no title in terms"


def who(regime: Regime, path: str, named: Who) -> Iterator[Problem]:
    """Roles and persons that exist; departments and bodies are checked with the organisation."""
    for single in named.get("any_of") or named.get("all_of") or ():
        yield from who(regime, path, single)
    if "role" in named:
        yield from known(path, [named["role"]], regime.roles)
    yield from known(path, [named[key] for key in ("person", "superior") if key in named], PERSONS)


def needs(regime: Regime, path: str, proofs: Needs, fields: Collection[str] | None = None) -> Iterator[Problem]:
    """Proofs that somebody could bring: registers, documents, classes and fields that are there."""
    registers = [name for name, entry in regime.all_classes.items() if entry.kind == "register"]
    for proof in proofs:
        if "entry" in proof:
            yield from known(path, [proof["entry"]], registers)
            yield from one(path, proof.get("by"), PERSONS)
        if "document" in proof:
            yield from titled_word(regime, path, proof["document"])
        if "read" in proof:
            yield from known(path, [proof["read"]], regime.all_classes)
        if "consent" in proof:
            yield from known(path, [proof["consent"]], EXPLICIT)
        if "basis" in proof:
            yield from known(path, _listed(proof["basis"]), BASES)
        if fields is not None:
            yield from known(path, _listed(proof.get("verified")) + _listed(proof.get("filled"), "core"), fields)


def _listed(value: Any, *besides: str) -> list[str]:
    return [word for word in (value if isinstance(value, list) else [value]) if word and word not in besides]


def outside(regime: Regime, path: str, when: When, of: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Outside records a condition reads only what events may carry, and only values that exist."""
    schemes = {name: scheme for name, scheme in regime.schemes.items() if _shared(regime, scheme.of, of)}
    for alternative in when:
        for name, test in alternative.items():
            where, (group, _, word) = f"{path}.{name}", name.partition(".")
            if group not in GROUPS or (group == "record" and word not in (*ENVELOPE, *schemes)):
                yield where, _unread(regime, group, word)
            elif group == "setting":
                yield from known(where, [word], regime.settings)
            if isinstance(test, dict) and next(iter(test)) in DATED:
                yield where, f"{next(iter(test))!r} compares dates of records, so it stands in views only"
            yield from _values(regime, where, test, _words(regime, name, schemes))


def _unread(regime: Regime, group: str, word: str) -> str:
    if group == "record" and word in regime.schemes:
        return f"the scheme {word!r} is not one of the classes this is about"
    return (
        "a condition here reads record, applicant, request, event, item, offender or setting; of a record only "
        f"{', '.join(ENVELOPE)} and its schemes. Make a scheme of what a rule must know"
    )


def _shared(regime: Regime, of: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether some class is both one of `of` and one of `wanted`; nothing wanted = any."""
    return not wanted or any(one.is_a(of) and one.is_a(wanted) for one in regime.all_classes.values())


def _words(regime: Regime, name: str, schemes: dict[str, Scheme]) -> Collection[str] | None:
    closed: dict[str, Collection[str]] = {
        "record.state": STATES,
        "record.class": regime.all_classes,
        "record.level": regime.levels,
        **{f"record.{word}": ("true", "false") for word in ("complete", "verified", "duplicate")},
        "request.kind": KINDS,
        "request.change": MODES,
        "applicant.class": APPLICANTS,
        "applicant.role": regime.roles,
        "offender.role": regime.roles,
        **{f"record.{scheme}": entry.values for scheme, entry in schemes.items()},
    }
    return closed.get(name)


def _values(regime: Regime, path: str, test: Any, words: Collection[str] | None) -> Iterator[Problem]:
    word, wanted = next(iter(test.items())) if isinstance(test, dict) else ("", test)
    if words is None or word not in ("", "not", "has", "lacks"):
        return
    yield from known(path, wanted if isinstance(wanted, list) else [wanted], words)


def inside(regime: Regime, path: str, when: When, classes: list[RecordClass], dated: bool = False) -> Iterator[Problem]:
    """Inside records a condition may read every field of the classes; only a view knows what day it is."""
    for alternative in when:
        for name, test in alternative.items():
            word = next(iter(test)) if isinstance(test, dict) else ""
            if word in DATED and not dated:
                yield f"{path}.{name}", f"{word!r} asks what day it is, so it stands in views only"
            for entry in classes:
                yield from _inside(regime, f"{path}.{name}", name, test, entry)


def _inside(regime: Regime, path: str, name: str, test: Any, entry: RecordClass) -> Iterator[Problem]:
    schemes = {scheme.name: scheme for scheme in regime.schemes.values() if entry.is_a(scheme.of)}
    group, _, word = name.partition(".")
    if group == "setting":
        yield from known(path, [word], regime.settings)
    elif group == "record":
        yield from known(path, [word], (*ENVELOPE, *INSIDE, *schemes))
        yield from _values(regime, path, test, _words(regime, name, schemes))
    elif name not in entry.fields:
        yield path, f"{entry.name} has no field {name!r}{_near(name, entry.fields)}"
    else:
        yield from _values(regime, path, test, coded(regime, entry.fields[name]))


def coded(regime: Regime, field: Field) -> Collection[str] | None:
    """The values a field may have, where they are a closed list."""
    if field.type == "check":
        return ("passed", "failed")
    return regime.lists.get(field.list) if field.list else None
