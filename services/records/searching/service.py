"""Entrypoints of search and statistics."""

from __future__ import annotations

from typing import Any

from chassis.entrypoints import every, rpc
from chassis.published import load
from services.records.entrypoints import Entrypoints
from services.records.searching import saved, schemas
from services.records.searching.asking import Asked
from services.records.searching.counting import statistics
from services.records.searching.events import SearchDropped, SearchSaved
from services.records.searching.finding import Search
from services.records.searching.renewing import Renewing


class Searching(Entrypoints):
    """By value, over what is sealed; as far as the caller may read, and every record that is opened is named."""

    @rpc
    def search(self, args: dict[str, Any]) -> dict[str, Any]:
        """Records that fit all conditions, newest first; one entry names every one that was opened (promise 1)."""
        args, regime = saved.asked(self, load(schemas.SearchArgs, args)), self.regime()
        return Search(self, regime).page(Asked.of(args, regime), args["limit"], args.get("after"))

    @rpc
    def save_search(self, args: dict[str, Any]) -> dict[str, Any]:
        """Keep a search, sealed; refused where it could not be run."""
        args = load(schemas.SaveSearchArgs, args)
        Asked.of(args, self.regime())
        kept = saved.Saved.of(args, self.caller, self.keys)
        with self.store.begin() as work:
            work.add_search(kept)
            work.emit(SearchSaved(kept.id, kept.class_, kept.department))
            return work.answer({"id": kept.id})

    @rpc
    def searches(self, args: dict[str, Any]) -> dict[str, Any]:
        """The caller's kept searches, and those that his department shares."""
        args, caller = load(schemas.SearchesArgs, args), self.caller
        found = self.store.saved_for(caller.person, caller.department, args.get("after"), args["limit"] + 1)
        page = found[: args["limit"]]
        items = schemas.SavedSearch(many=True).dump(saved.shown(self, page))
        return {"items": items, "next": page[-1].id if len(found) > len(page) else None}

    @rpc
    def drop_search(self, args: dict[str, Any]) -> dict[str, Any]:
        """Forget a search of the caller's own; its key goes with it."""
        args = load(schemas.DropSearchArgs, args)
        kept = saved.mine(self, args["search"])
        if kept.owner != self.caller.person:
            raise saved.unknown(kept.id)
        with self.store.begin() as work:
            work.drop_search(kept.id)
            work.emit(SearchDropped(kept.id))
            answer = work.answer({"id": kept.id})
        self.keys.destroy([kept.key])  # last: a row without its key would shut the whole list
        return answer

    @rpc
    def statistics(self, args: dict[str, Any]) -> dict[str, Any]:
        """How many records there are by facet or classification; counts what the caller may see, and no more."""
        return statistics(self, load(schemas.StatisticsArgs, args))

    @every(10)
    def renew_index(self) -> None:
        """Index under the newest key what is still under an older one; stopped anywhere, it goes on from there."""
        oldest, newest = self.store.oldest_generation(), self.keys.blind.search.generation
        if not self.store.looked or oldest is not None and oldest < newest:
            Renewing(self).carry_on()
            self.store.has_looked()
