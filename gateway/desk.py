"""One generic handler for all routes: authenticate, arguments, validate, call one service, answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from werkzeug.wrappers import Request, Response

from chassis.errors import Refused
from chassis.ids import new_id
from chassis.logs import log
from gateway import answers, metrics, published, reading
from gateway.cursors import Cursors
from gateway.exchange import Calls, Exchange
from gateway.identity import Identity
from gateway.problems import Declined, failed, language_of, problem
from gateway.route import Route, Router

Handler = Callable[[Exchange], Response]


class Desk:
    """Answers requests; holds what all of them share."""

    def __init__(
        self, routes: Iterable[Route], identity: Identity, cursors: Cursors, handlers: dict[str, Handler]
    ) -> None:
        self.router, self.identity, self.cursors, self.handlers = Router(routes), identity, cursors, handlers

    def answer(self, request: Request, calls: Calls) -> Response:
        """The answer; whatever goes wrong, it is one, and it carries the Request-Id."""
        begun, request_id = perf_counter(), new_id()
        exchange = Exchange(request, request_id, language_of(request.headers.get("Accept-Language", "")), calls, self)
        try:
            response = self._answer(exchange)
        except Refused as refused:
            response = problem(moved(exchange.request, refused), request_id, exchange.language)
        except Exception as error:
            # why: a bug must not end the connection without an answer; its text may hold data, so its name is kept.
            log.error("gateway.failed", request=request_id, error=type(error).__name__)
            response = problem(failed(), request_id, exchange.language)
        response.headers["Request-Id"] = request_id
        response.headers["X-Content-Type-Options"] = "nosniff"
        metrics.count(exchange.route, request.method, response.status_code, perf_counter() - begun)
        return response

    def _answer(self, exchange: Exchange) -> Response:
        request = exchange.request
        method = "GET" if request.method == "HEAD" else request.method
        exchange.route, exchange.path = self.router.find(method, reading.path_of(request.environ))
        if not exchange.route.open:
            exchange.caller = self.identity.caller(request.headers.get("Authorization"), exchange.identify)
        special = self.handlers.get(exchange.route.call)
        return special(exchange) if special else self.ask(exchange)

    def ask(self, exchange: Exchange) -> Response:
        """Call the service that the route names, and answer with what it says."""
        args = arguments(exchange)
        bound = exchange.open_cursor(args) if exchange.route.paged else None
        return answers.of(exchange, exchange.call(args), bound)


def moved(request: Request, refused: Refused) -> Refused:
    """The way to the record that stands for a merged one, where the path names the merged one; the call is repeated."""
    old, new = refused.facts.get("record"), refused.facts.get("survivor")
    path, query = request.path, request.environ.get("QUERY_STRING", "")
    if refused.code != "record.merged" or not old or not new or old not in path:
        return refused
    headers = {"Location": path.replace(old, new) + (f"?{query}" if query else "")}
    return Declined(308, refused.code, refused.detail, headers, refused.facts)


def arguments(exchange: Exchange) -> dict[str, Any]:
    """The call's arguments from path, query or body, and headers; valid as far as form goes."""
    route, request = exchange.route, exchange.request
    given = {**dict(route.fixed), **exchange.path}
    matched = route.match or (route.heeds if "If-Match" in request.headers else None)
    if matched:
        given[matched] = reading.version_of(request)
    args = sent(exchange)
    clash = [name for name in given if name in args]
    if clash:
        raise reading.wrong(f"/{clash[0]}", "field.unknown", "this stands in the path or in a header")
    args |= given
    if route.purpose and not args.get("purpose"):
        raise reading.wrong("/purpose", "purpose.missing", "name what you need the data for")
    published.validate(route, {name: value for name, value in args.items() if name != "cursor"})
    return args


def sent(exchange: Exchange) -> dict[str, Any]:
    """What the client sent, of the one place where this route takes it from."""
    route, request = exchange.route, exchange.request
    query = reading.query_of(request.environ)
    if not route.reads:
        if query:
            raise reading.wrong("/query", "query.unknown", "this resource takes its arguments in the body")
        return reading.json_of(request)
    if request.content_length:
        reading.body_of(request)
        raise Declined(400, "request.malformed", "this resource takes no body")
    paging: dict[str, str] = {name: query.pop(name) for name in ("limit", "cursor") if route.paged and name in query}
    return published.from_query(route, query) | exchange.page(paging)
