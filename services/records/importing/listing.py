"""Imports in a list: whose they are, who could release them, and whom one awaits now."""

from __future__ import annotations

from typing import Any

from chassis.errors import Refused
from services.records.access import ASKING
from services.records.importing.model import Import

COUNTED = ("accepted", "rejected", "duplicates")
AWAITED = {"waiting": "import", "recalling": "withdrawal"}  # what approvals decides about an import in this state
LOOKED_AT = 500  # imports of one page that are somebody else's


def page(service: Any, args: dict[str, Any]) -> dict[str, Any]:
    """Those that the caller may see, newest first; what nobody shows him does not make a page shorter."""
    shown: list[Import] = []
    limit, after, state = args["limit"], args.get("after"), args.get("state")
    while len(shown) <= limit:
        found = service.store.imports_page(after, state, LOOKED_AT)
        mine = awaiting(service, [one for one in found if not reaches(service, one)])
        shown += [one for one in found if one.id in mine or reaches(service, one)]
        if len(found) < LOOKED_AT:
            break
        after = found[-1].id
    items = [{**vars(one), "rows": sum(getattr(one, name) for name in COUNTED)} for one in shown[:limit]]
    return {"items": items, "next": shown[limit - 1].id if len(shown) > limit else None}


def reaches(service: Any, taken: Import) -> bool:
    """Whether it is the caller's, or his right to import reaches it."""
    envelope = {"class": taken.class_, "state": "pending", "department": taken.department, "responsible": taken.by}
    return taken.by == service.caller.person or bool(service.regime().right(service.caller, "import", envelope))


def awaiting(service: Any, imports: list[Import]) -> set[str]:
    """Those of which the open step is the caller's; none while approvals does not say so."""
    found: set[str] = set()
    for state, about in AWAITED.items():
        if subjects := [one.id for one in imports if one.state == state]:
            found |= _decides(service, about, subjects)
    return found


def _decides(service: Any, about: str, subjects: list[str]) -> set[str]:
    asked = {"person": service.caller.person, "about": about, "subjects": subjects}
    try:
        return set(service.approvals.deciding(asked, deadline=ASKING)["requests"])
    except Refused:
        return set()
