"""One request on its way to its answer: what is known of it, and how it calls a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from werkzeug.wrappers import Request

from gateway.cursors import bound_to
from gateway.published import whole
from gateway.reading import idempotency_key, wrong
from gateway.route import Route

if TYPE_CHECKING:
    from gateway.desk import Desk
    from gateway.identity import Caller

LIMIT, MOST = 50, 500
IDENTIFY = 3.0  # seconds; with the call itself and the wait for a worker, every answer comes within ten
NOWHERE = Route("", "", "gateway.nowhere")


class Calls(Protocol):
    """The road to the services."""

    def call(self, service: str, method: str, args: dict[str, Any], context: dict[str, Any], deadline: float) -> Any:
        """Call and wait; raises what the service refused, or Unavailable."""


class Exchange:
    """A request, who sent it, which route it is on."""

    def __init__(self, request: Request, id: str, language: str, calls: Calls, desk: Desk) -> None:
        self.request, self.id, self.language, self.calls, self.desk = request, id, language, calls, desk
        self.route: Route = NOWHERE
        self.path: Mapping[str, Any] = {}
        self.caller: Caller | None = None

    def call(
        self, args: dict[str, Any], target: str | None = None, deadline: float | None = None, key: str | None = None,
        keyed: bool = True,
    ) -> Any:  # fmt: skip
        """Call the route's service, or another, on the caller's behalf; `keyed` = it takes effect once by its key."""
        service, _, method = (target or self.route.call).partition(".")
        context: dict[str, Any] = {"request_id": self.id, "language": self.language}
        if self.caller:
            context["actor"] = self.desk.identity.assertion(self.caller, service)
        if keyed and not self.route.reads and self.route.keyed:
            given = idempotency_key(self.request, self.id)
            context["idempotency_key"] = f"{given}:{key}" if key else given
        return self.calls.call(service, method, args, context, deadline or self.route.deadline)

    def identify(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Ask approvals who an account is."""
        context = {"request_id": self.id, "language": self.language}
        return self.calls.call("approvals", "identify", asked, context, IDENTIFY)

    @property
    def person(self) -> str | None:
        """The caller's person id."""
        return self.caller.actor.person if self.caller else None

    def page(self, paging: dict[str, str]) -> dict[str, Any]:
        """`limit` and `cursor` as a list takes them."""
        if not self.route.paged:
            return {}
        limit = whole("limit", paging["limit"]) if "limit" in paging else LIMIT
        if not 0 < limit <= MOST:
            raise wrong("/limit", "limit.invalid", f"from 1 to {MOST}")
        return {"limit": limit} | ({"cursor": paging["cursor"]} if "cursor" in paging else {})

    def open_cursor(self, args: dict[str, Any]) -> bytes:
        """Put the place where the list goes on into the arguments; what its next cursor is bound to."""
        cursor = args.pop("cursor", None)
        filters = {name: value for name, value in args.items() if name != "limit"}
        bound = bound_to(self.route.call, filters, self.person)
        if cursor is not None:
            args["after"] = self.desk.cursors.open(cursor, bound)
        return bound
