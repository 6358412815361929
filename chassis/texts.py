"""Texts that one service publishes and others work by: kept by digest, asked for when missing, parsed once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any, Generic, TypeVar

from nameko.extensions import DependencyProvider
from sqlalchemy import select

from chassis import tables
from chassis.db import MANY, Database, database
from chassis.errors import Unavailable
from chassis.gathering import Gathering
from chassis.rpc import Replies, Service
from chassis.settings import Settings

T = TypeVar("T")
LOOK_AGAIN = 1.0  # seconds until a text that was put on the shelf is seen
ASK_AGAIN = 30.0  # seconds until the publisher is asked whether there is a newer one


class Shelf:
    """The texts in one service's database."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.clock = database, settings.clock
        self.seen: dict[str, str] = {}  # a text never changes under its digest

    def in_force(self, kind: str) -> tuple[str, str] | None:
        """Digest and text of that kind in force now."""
        t = tables.texts.c
        found = select(t.digest).where(t.kind == kind, t.in_force_from <= self.clock.now())
        with self.database.read() as connection:
            digest = connection.execute(found.order_by(t.in_force_from.desc(), t.digest).limit(1)).scalar()
        return (digest, str(self.by_digest(digest))) if digest else None

    def by_digest(self, digest: str) -> str | None:
        """The text of that digest, in force or not."""
        if digest not in self.seen:
            with self.database.read() as connection:
                text = connection.execute(select(tables.texts.c.text).where(tables.texts.c.digest == digest)).scalar()
            if text is None:
                return None
            self.seen[digest] = text
        return self.seen[digest]

    def keep(self, kind: str, digest: str, text: str, in_force_from: datetime) -> None:
        """Keep a published text; a second time changes nothing."""
        row = {"digest": digest, "kind": kind, "text": text, "in_force_from": in_force_from}
        with self.database.write() as connection:
            connection.execute(self.database.insert(tables.texts).values(row).on_conflict_do_nothing())


class InForce(DependencyProvider, Generic[T]):
    """`regime = InForce("regime", "approvals", regimes.parse)`: `self.regime()` is what is in force now, parsed.

    On a miss the publisher is asked once (`<publisher>.<kind>` -> {digest, text, in_force_from}).
    """

    replies = Replies()

    def __init__(self, kind: str, publisher: str, parse: Callable[[str], T]) -> None:
        self.kind, self.publisher, self.parse = kind, publisher, parse
        self.parsed: dict[str, T] = {}
        self.current: tuple[float, str] = (0.0, "")
        self.asked = monotonic()

    def setup(self) -> None:
        """Find the shelf."""
        settings: Settings = self.container.config["MUNIMENT"]
        self.shelf = Shelf(database(settings.database(self.container.service_name)), settings)
        self.gathering = Gathering[None, "tuple[str, str] | None"](self._look, MANY)

    def get_dependency(self, worker_ctx: Any) -> Callable[..., T]:
        """A callable: without arguments what is in force, with a digest that very text."""
        remote = Service(self.replies, self.publisher, worker_ctx.data)

        def text(digest: str | None = None, fresh: bool = False) -> T:
            return self._of(digest, remote) if digest else self._now(remote, fresh)

        return text

    def _now(self, remote: Any, fresh: bool) -> T:
        looked, digest = self.current
        if fresh or not digest or monotonic() - looked > LOOK_AGAIN:
            found = self.gathering.ask(None)
            digest = self._newest(remote, found[0]) if found and not fresh else self._ask(remote, {})
            self.current = (monotonic(), digest)
        return self._of(digest, remote)

    def _newest(self, remote: Any, known: str) -> str:
        """What is in force now; what is known while the publisher is away, or was asked a moment ago.

        Nobody is asked from within a transaction: others would wait for the answer, and on SQLite who keeps it as well.
        """
        if monotonic() - self.asked < ASK_AGAIN or self.shelf.database.writing:
            return known
        try:
            return self._ask(remote, {})
        except Unavailable:
            self.asked = monotonic()
            return known

    def _look(self, asked: list[None]) -> list[tuple[str, str] | None]:
        # Every second all who are at work would look at the same moment.
        return [self.shelf.in_force(self.kind)] * len(asked)

    def _of(self, digest: str, remote: Any) -> T:
        if digest not in self.parsed:
            text = self.shelf.by_digest(digest)
            if text is None:
                self._ask(remote, {"digest": digest})
                text = self.shelf.by_digest(digest)
            self.parsed[digest] = self.parse(text or "")
        return self.parsed[digest]

    def _ask(self, remote: Any, args: dict[str, Any]) -> str:
        answer = getattr(remote, self.kind)(args)
        if not answer.get("digest"):
            raise Unavailable(f"{self.kind}.none", f"no {self.kind} is in force")
        at = datetime.fromisoformat(answer["in_force_from"])
        self.shelf.keep(self.kind, answer["digest"], answer["text"], at)
        self.asked = monotonic()
        return str(answer["digest"])
