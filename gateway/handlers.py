"""The routes that one generic handler cannot serve: several services, streams, pages, the gateway's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.clock import rfc3339
from chassis.errors import Forbidden, NotFound, Unavailable
from chassis.settings import Settings
from gateway import answers, downloads, pages, schemas, uploads, wording
from gateway.desk import Handler, arguments
from gateway.exchange import Exchange
from gateway.health import Health
from gateway.openapi import document
from gateway.problems import unauthorised, wrong
from gateway.route import Route
from gateway.throttle import Throttle

LATEST = datetime(2200, 1, 1, tzinfo=UTC)  # of the demo's clock, which never goes back
MINE, WAITING = 3.0, 1.5  # seconds that /v1/me waits for approvals, and for each of what may be missing


def handlers(settings: Settings, routes: tuple[Route, ...]) -> dict[str, Handler]:
    """By the name that the route table calls them."""
    health, described = Health(), pages.Described(document(routes))
    files = uploads.Uploads(settings)
    return {
        "gateway.sign_in": SignIn(),
        "gateway.admit": admit,
        "approvals.close_session": sign_out,
        "gateway.me": me,
        "records.timeline": timeline,
        "gateway.upload": files.imports,
        "gateway.add_document": files.documents,
        "gateway.document_content": downloads.document,
        "gateway.bundle": downloads.bundle,
        "gateway.certificate": pages.certificate,
        "gateway.entry_page": pages.entry,
        "gateway.register_file": downloads.register_file,
        "gateway.view_file": downloads.view_file,
        "gateway.report_file": downloads.report_file,
        "gateway.import_report": downloads.import_report,
        "gateway.import_workbook": downloads.import_workbook,
        "gateway.template": downloads.whole("records.template"),
        "gateway.export_content": downloads.export,
        "gateway.home": pages.Home(settings.mode == "demo"),
        "gateway.openapi": described.openapi,
        "gateway.docs": pages.docs,
        "gateway.docs_file": pages.docs_file,
        "gateway.live": health.live,
        "gateway.ready": health.ready,
        "gateway.metrics": health.metrics,
        "gateway.advance": Advance(settings),
    }


class SignIn:
    """POST /v1/sessions: approvals checks the password, the gateway signs the token."""

    def __init__(self) -> None:
        self.throttle = Throttle()

    def __call__(self, exchange: Exchange) -> Any:
        """A token, 401, or 429 after too many failures."""
        asked = arguments(exchange)
        self.throttle.check(asked["account"])
        try:
            opened = exchange.call(asked, "approvals.open_session")
        except (Forbidden, NotFound):
            self.throttle.failed(asked["account"])
            raise unauthorised("session.refused", "account and password do not match") from None
        return _token(exchange, asked["account"], opened["session"])


def admit(exchange: Exchange) -> Any:
    """POST /demo/sessions: a token without a password; approvals refuses it outside a demo, too."""
    asked = arguments(exchange)
    return _token(exchange, asked["account"], exchange.call(asked, "approvals.admit")["session"])


def sign_out(exchange: Exchange) -> Any:
    """DELETE /v1/sessions/{id}: from now on this process asks who the account is before it lets it in."""
    answer = exchange.desk.ask(exchange)
    if exchange.caller and exchange.caller.actor.account:
        exchange.desk.identity.forget(exchange.caller.actor.account)
    return answer


def _token(exchange: Exchange, account: str, session: str) -> Any:
    token, expires = exchange.desk.identity.tokens.issue(account, session)
    ends = rfc3339(datetime.fromtimestamp(expires, UTC))
    return answers.json({"token": token, "session": session, "expires": ends}, 201)


def me(exchange: Exchange) -> Any:
    """GET /v1/me: who I am and may, and what waits for me; a part that is away is null, not an error."""
    arguments(exchange)
    mine = exchange.call({}, "approvals.me", MINE)
    waits: dict[str, tuple[str, dict[str, Any]]] = {
        "requests": ("approvals.requests", {"awaiting": "me", "limit": 50}),
        "duties": ("retention.duties", {"owner": "me", "state": "open", "limit": 50}),
    }
    return answers.json({**mine, "waiting": {name: _waiting(exchange, *ask) for name, ask in waits.items()}})


def _waiting(exchange: Exchange, target: str, args: dict[str, Any]) -> Any:
    try:
        found = exchange.call(args, target, WAITING)
        return found.get("items", found.get("requests"))
    except Unavailable:
        return None


def timeline(exchange: Exchange) -> Any:
    """GET /v1/records/{id}/timeline: codes of refusals stand there by their titles, in both languages."""
    args = arguments(exchange)
    bound = exchange.open_cursor(args)
    told = exchange.call(args)
    return answers.of(exchange, {**told, "items": [wording.sentence(line) for line in told["items"]]}, bound)


class Advance:
    """POST /demo/clock: time passes for all processes at once."""

    def __init__(self, settings: Settings) -> None:
        self.clock = settings.clock

    def __call__(self, exchange: Exchange) -> Any:
        """The time it is then."""
        by = period(arguments(exchange)["advance"])
        if by > LATEST - self.clock.now():
            raise wrong("/advance", "field.invalid", f"not beyond {LATEST.date()}")
        return answers.json({"now": rfc3339(self.clock.advance(by))})


def period(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds."""
    found = schemas.DURATION.fullmatch(text)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0,) * 5
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
