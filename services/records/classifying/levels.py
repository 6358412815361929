"""The level of a record: as high as its highest field and its classification, and never silently lower. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from regimes import Regime
from regimes.envelopes import schemes_of
from regimes.model import Field, RecordClass, Scheme
from services.records.model import Record


def highest(regime: Regime, levels: Iterable[str | None]) -> str | None:
    """The highest of some levels; None where there is none."""
    named = [level for level in levels if level]
    return max(named, key=lambda name: regime.levels[name].rank) if named else None


def of_value(regime: Regime, scheme: Scheme, value: str | None) -> str | None:
    """The level that a scheme's value names; what is not classified, or counted so once, is the highest (Q-099)."""
    found = scheme.values.get(value or scheme.unset)
    if found is None:
        return highest(regime, (one.level for one in scheme.values.values()))
    return found.level


def classified(record: Record, regime: Regime) -> str | None:
    """What the record's schemes, and whoever raised it, demand of every field of it; None where nothing does."""
    schemes = schemes_of(regime, record.class_)
    demanded = [of_value(regime, scheme, record.schemes.get(scheme.name)) for scheme in schemes]
    return highest(regime, [*demanded, record.raised]) if demanded or record.raised else None


def of_record(record: Record, fields: str, regime: Regime) -> str:
    """The least level of a record whose fields are at `fields`."""
    return highest(regime, [fields, classified(record, regime)]) or fields


def risen(record: Record, fields: str, regime: Regime) -> str:
    """The level after a change: a change raises it and never lowers it, for earlier versions stay (Q-098)."""
    return highest(regime, [record.level, of_record(record, fields, regime)]) or fields


def protected(entry: Field, demanded: str | None, regime: Regime) -> Field:
    """A field as it is protected in a record whose classification demands a level."""
    if demanded is None or regime.levels[entry.level].rank >= regime.levels[demanded].rank:
        return entry
    return replace(entry, level=demanded, mask=stricter(entry.mask, regime.levels[demanded].mask))


def in_record(entry: Field, record: Record, regime: Regime) -> Field:
    """A field as it is protected in this record, whatever its class says of it."""
    return protected(entry, classified(record, regime), regime)


MASKS = ("none", "name", "last4", "all")


def stricter(one: str, other: str) -> str:
    """Of two masks the one that shows less. A stored mask is of the field's own style; any other shows nothing."""
    return one if one == other or MASKS.index(one) >= MASKS.index(other) else "all"


def of_fields(found: RecordClass, paths: Iterable[str], regime: Regime) -> str:
    """As high as the highest field; an empty record as the lowest level there is."""
    lowest = min(regime.levels, key=lambda name: regime.levels[name].rank)
    return highest(regime, [lowest, *(found.fields[path].level for path in paths if path in found.fields)]) or lowest
