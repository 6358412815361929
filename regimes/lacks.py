"""What is still needed, as people call it: "filled form.cause" is a field that is not filled in yet, by its title."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from regimes.model import RecordClass, Titled

if TYPE_CHECKING:
    from regimes.regime import Regime

SAID = {
    "filled": "not filled in yet",
    "verified": "not confirmed with the customer since it last changed",
    "read": "read one for this first",
    "entry": "a valid entry of this register comes first",
    "consent": "the customer's consent to it comes first",
    "document": "hand in this document first",
}


def told(lack: str, regime: Regime, found: RecordClass | None = None) -> dict[str, Any]:
    """What is missing in a sentence and as programs know it, with the label of what it is about.

    `found` is the class whose record lacks it, where one does.
    """
    sort, _, names = lack.partition(" ")
    titles = [one for name in names.split(" or ") if (one := _title(name, sort, regime, found))]
    said = SAID[sort] if sort in SAID and titles else f"{lack} is asked for first"
    if not titles:
        return {"detail": said, "missing": lack}
    label = {"en": " / ".join(one.en for one in titles), "zh": "／".join(one.zh for one in titles)}
    return {"detail": said, "missing": lack, "label": label}


def _title(name: str, sort: str, regime: Regime, found: RecordClass | None) -> Titled | None:
    term = regime.terms.get(name)
    named = next(_known(name, sort, regime, found), None)
    return named or (Titled(name, term.get("en", ""), term.get("zh", "")) if term else None)


def _known(name: str, sort: str, regime: Regime, found: RecordClass | None) -> Iterator[Titled]:
    """What has this name: a class, or a field or document of the class, or of the first that has one."""
    if sort in ("entry", "read"):
        yield from (one for one in [regime.all_classes.get(name)] if one)
        return
    for one in [found] if found else regime.all_classes.values():
        known: dict[str, Any] = one.documents if sort == "document" else one.fields
        yield from (known[name],) if name in known else ()
