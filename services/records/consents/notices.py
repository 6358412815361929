"""Which version of a notice was in force when: told from the regimes that were ever in force. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chassis.errors import Invalid
from regimes import Regime

ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class NoticeVersion:
    """A version of a notice, and the regime whose text pins it."""

    notice: str
    version: str
    since: datetime
    regime: str
    tells: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    en: str = ""
    zh: str = ""


@dataclass(frozen=True)
class Notices:
    """Every version of every notice, oldest first."""

    versions: tuple[NoticeVersion, ...] = field(default_factory=tuple)

    @classmethod
    def of(cls, regime: Regime) -> Notices:
        """Those of one regime alone, as if it had always been in force."""
        return cls.through([(ALWAYS, regime.digest, regime.notices)])

    @classmethod
    def through(cls, regimes: Iterable[tuple[datetime, str, Mapping[str, Any]]]) -> Notices:
        """Those of regimes that came into force one after the other: (since, digest, notices)."""
        found: list[NoticeVersion] = []
        last: dict[str, str] = {}
        for since, digest, notices in regimes:
            for name, told in notices.items():
                if last.get(name) != told["version"]:
                    last[name] = told["version"]
                    found.append(_version(name, told, since, digest))
        return cls(tuple(found))

    def in_force(self, notice: str, at: datetime | None = None) -> NoticeVersion | None:
        """The version that customers were to be given at an instant; the newest where none is named."""
        known = [one for one in self.versions if one.notice == notice and (at is None or one.since <= at)]
        return known[-1] if known else None

    def given(self, notice: str, version: str, at: datetime | None = None) -> NoticeVersion:
        """The version somebody names, or Invalid: it must be the one in force when the customer was told."""
        found = self.in_force(notice, at)
        if found is None or found.version != version:
            told = f"the notice in force then was version {found.version}" if found else "no notice was in force then"
            raise Invalid("consent.without_notice", told)
        return found


def _version(name: str, told: Mapping[str, Any], since: datetime, digest: str) -> NoticeVersion:
    listed = (tuple(told.get("tells") or ()), tuple(told.get("channels") or ()))
    return NoticeVersion(name, told["version"], since, digest, *listed, told.get("en", ""), told.get("zh", ""))
