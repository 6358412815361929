"""An envelope made whole: each scheme of the class, set or not, and who keeps the record."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from regimes.model import RecordClass, Scheme, SchemeValue

if TYPE_CHECKING:
    from regimes.regime import Regime


def completed(regime: Regime, envelope: dict[str, Any]) -> dict[str, Any]:
    """The envelope with the unset value of each scheme that nobody set, and with the record's keeper."""
    found = regime.classes.get(envelope.get("class") or "")
    if found is None:
        return envelope
    values = {scheme.name: envelope.get(scheme.name) or scheme.unset for scheme in schemes_of(regime, found.name)}
    return {**envelope, **values, "keeper": keeper(regime, found, values) or envelope.get("keeper")}


def keeper(regime: Regime, found: RecordClass, values: dict[str, str]) -> Any:
    """Who keeps a record with these scheme values: whom a value names before whom the class names."""
    named = [value.keeper for value in values_of(regime, found.name, values) if value.keeper]
    return named[0] if named else found.keeper


def values_of(regime: Regime, record_class: str, values: dict[str, str]) -> list[SchemeValue]:
    """What a record of the class is in each of its schemes; where nothing is set, what the scheme says of that."""
    schemes = schemes_of(regime, record_class)
    named = [(scheme, values.get(scheme.name) or scheme.unset) for scheme in schemes]
    return [scheme.values[value] for scheme, value in named if value in scheme.values]


@lru_cache(maxsize=512)
def schemes_of(regime: Regime, record_class: str) -> tuple[Scheme, ...]:
    """The schemes of a class, looked up once: every decision about a record asks for them."""
    return tuple(regime.schemes_of(record_class))
