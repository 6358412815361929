"""Which version of a notice was in force when: told from the regimes that were ever in force. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from regimes import Regime
from services.records.refusals import wrong

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

    def given(
        self, notice: str, version: str, at: datetime | None = None, pointers: tuple[str, str] = ("/notice", "/told_at")
    ) -> NoticeVersion:
        """The version somebody names, or Invalid: it must be the one in force when the customer was told.

        `pointers` = where the version stands in what was sent, and where the time does.
        """
        found, known = self.in_force(notice, at), [one for one in self.versions if one.notice == notice]
        if found and found.version == version:
            return found
        versions = list(dict.fromkeys(one.version for one in known))
        if at and all(one.since > at for one in known if one.version == version) and version in versions:
            said = f"version {version} of the notice was not yet in force then"
            raise wrong(pointers[1], "consent.before_notice", said, versions=versions)
        told = f"the notice in force then was version {found.version}" if found else "no notice was in force then"
        raise wrong(pointers[0], "consent.without_notice", told, versions=versions)


def _version(name: str, told: Mapping[str, Any], since: datetime, digest: str) -> NoticeVersion:
    listed = (tuple(told.get("tells") or ()), tuple(told.get("channels") or ()))
    return NoticeVersion(name, told["version"], since, digest, *listed, told.get("en", ""), told.get("zh", ""))
