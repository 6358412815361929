"""Facts in their table: what proves something is kept while it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from chassis.store import Work
from services.approvals.proving.model import Bearer, Fact, Need, lacking, refuse
from services.approvals.tables import facts

COLUMNS = [facts.c[name] for name in ("source", "holder", "as", "sort", "name", "until")]


class FactRows(Work):
    """The part of approvals' work that concerns proofs."""

    def keep_facts(self, kept: Iterable[Fact]) -> None:
        """Keep what holds from now on; a second time changes nothing."""
        rows = [{**{k: v for k, v in vars(fact).items() if k != "as_"}, "as": fact.as_} for fact in kept]
        if rows:
            self.connection.execute(self.database.insert(facts).values(rows).on_conflict_do_nothing())

    def drop_facts(self, source: str) -> None:
        """What this was the source of holds no longer, nor what held of it."""
        self.connection.execute(delete(facts).where(or_(facts.c.source == source, facts.c.holder == source)))

    def drop_source(self, source: str) -> None:
        """What this was the source of holds no longer."""
        self.connection.execute(delete(facts).where(facts.c.source == source))

    def move_facts(self, holder: str, to: str) -> None:
        """What held of one holds of another from now on."""
        self.connection.execute(update(facts).where(facts.c.holder == holder).values(holder=to))

    def prover(self, rulebook: Any, lacks: Iterable[str]) -> Callable[[Iterable[Need], Bearer], None]:
        """Refuses what is not proved: by what is known here, and by what records has said it does not see."""
        told = list(lacks)

        def prove(needs: Iterable[Need], bearer: Bearer) -> None:
            asked = list(needs)
            known = facts_in(self.connection, bearer.holders, bearer.brought) if asked else []
            refuse([*lacking(asked, bearer, known, rulebook.regime), *told], rulebook.regime)

        return prove


def facts_in(connection: Connection, holders: list[str], brought: Iterable[str]) -> list[Fact]:
    """What holds of these people and records, and what these entries and documents prove."""
    found = select(*COLUMNS).where(or_(facts.c.holder.in_(holders), facts.c.source.in_(list(brought))))
    return [Fact(*row) for row in connection.execute(found)]
