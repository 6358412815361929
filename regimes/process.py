"""What a regime says of acts, as plain values: rules and chains, duties, loans, schedules, violations."""

from __future__ import annotations

from dataclasses import dataclass, field

from regimes.dates import DateWords
from regimes.model import Needs, Titled, When, Who


@dataclass(frozen=True)
class Step:
    """One step of a chain, as a request stores it."""

    who: Who
    act: str = "approve"
    due: DateWords | None = None


@dataclass(frozen=True)
class Tell:
    who: Who
    due: DateWords | None = None


@dataclass(frozen=True)
class GrantTerms:
    """What an approval gives; `lasts` is the word `for`."""

    to: Who | None = None
    lasts: str | None = None
    until: str | None = None
    once: bool = False
    renewals: int | None = None
    place: str | None = None
    opened_by: Who | None = None


@dataclass(frozen=True)
class Rule(Titled):
    of: tuple[str, ...] = ()
    when: When = field(default_factory=list)
    needs: Needs = ()
    chain: tuple[Step, ...] | None = None
    grant: GrantTerms = GrantTerms()
    refuse: str | None = None
    tell: tuple[Tell, ...] = ()
    always: bool = False


@dataclass(frozen=True)
class Kind(Titled):
    """A kind of request with its rules; a rule's grant is its own words over these."""

    grant: GrantTerms = GrantTerms()
    rules: dict[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True)
class Often:
    every: str
    each: str | None = None
    months: tuple[int, ...] = ()


@dataclass(frozen=True)
class Escalation:
    after: str
    to: Who


@dataclass(frozen=True)
class Duty(Titled):
    """Who does what by when; `opens` is an event (CLASS.event, loan.made ..) or an Often."""

    opens: str | Often = ""
    of: tuple[str, ...] = ()
    when: When = field(default_factory=list)
    owner: Who = field(default_factory=dict)
    due: DateWords = DateWords()
    remind: tuple[DateWords, ...] = ()
    escalate: Escalation | None = None
    done: str | None = None
    needs: Needs = ()
    confirm: Who | None = None
    missed: dict[str, str] = field(default_factory=dict)
    again: str | None = None


@dataclass(frozen=True)
class Loans:
    counted: tuple[str, ...] = ()
    signed_by: tuple[Who, ...] = ()
    lost: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Schedule(Titled):
    """How long a part is kept, counted from an event (`words`), and what then; `at_most` is the ceiling."""

    words: DateWords = DateWords()
    at_most: str | None = None
    confirm: str | None = None
    then: str = "review"
    mandate: str = ""


@dataclass(frozen=True)
class Destruction:
    of: tuple[str, ...] = ()
    witnesses: int = 1
    cool_off: str = "P0D"
    signed_by: tuple[Who, ...] = ()
    methods: dict[str, str] = field(default_factory=dict)
    blocked_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Violation(Titled):
    clause: str = ""
    offender: Who = field(default_factory=dict)
    opens: str | None = None
    when: When = field(default_factory=list)
    fine: str | None = None
    per: str = "occasion"
    tariff: str = ""


@dataclass(frozen=True)
class Tariff(Titled):
    """What a fine becomes; `doubles` = from the n-th offence of a role within the time."""

    unit: str = "record_only"
    decided_by: Who = field(default_factory=dict)
    appeal: str | None = None
    within: str = "month"
    doubles: dict[str, int] = field(default_factory=dict)
    sanctions: tuple[str, ...] = ()
    tell: tuple[Tell, ...] = ()


@dataclass(frozen=True)
class LogTerms:
    keep: str | None = None
    lag: str = "PT60S"
    checkpoint: str = "PT60S"
