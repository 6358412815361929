"""The entrypoints a service may have: `@rpc`, `@on_event(s)`, `@every`. What all calls need is done here, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from time import perf_counter
from typing import Any

from nameko.timer import Timer

from chassis.breathing import served
from chassis.errors import Refused, Unavailable
from chassis.events import Event, event
from chassis.inbox import OnEvent, OnEvents
from chassis.logs import log
from chassis.metrics import REQUEST_SECONDS, REQUESTS
from chassis.rpc import SafeRpc
from chassis.store import Handled, Replayed

Method = Callable[..., Any]
_counter, _timer = cache(REQUESTS.labels), cache(REQUEST_SECONDS.labels)


def rpc(method: Method | None = None, *, internal: bool = False) -> Any:
    """A query or short command: `def name(self, args) -> answer`.

    A proven person must call, unless `internal`. A refusal that leaves is journalled in a commit of its own.
    """
    if method is None:
        return lambda found: rpc(found, internal=internal)
    return SafeRpc.decorator(_measured(_answering(method, internal)))


def on_event(source: str, type: str) -> Callable[[Method], Any]:
    """Consume another service's event: `def name(self, event)`; `store.begin()` inside takes effect once."""

    def decorate(method: Method) -> Any:
        return OnEvent.decorator(source, type)(_measured(_consuming(method)))

    return decorate


def on_events(source: str, type: str) -> Callable[[Method], Any]:
    """Consume another service's events, those that wait together: `def name(self, events)`.

    Inside `store.begin()` those that `work.fresh(events)` gives take effect once. Where it fails they come one by one.
    """

    def decorate(method: Method) -> Any:
        return OnEvents.decorator(source, type)(_measured(_consuming_many(method)))

    return decorate


def every(seconds: float) -> Callable[[Method], Any]:
    """Call a method again and again, in every replica; what it does must be safe to do twice."""

    def decorate(method: Method) -> Any:
        return Timer.decorator(interval=seconds)(_ticking(_measured(method)))

    return decorate


def _answering(method: Method, internal: bool) -> Method:
    @wraps(method)
    def answer(service: Any, args: dict[str, Any]) -> Any:
        call = service.store.call
        try:
            if call.unproven and not internal:
                raise call.unproven
            with served():
                return method(service, args)
        except Replayed as replayed:
            return replayed.answer
        except Refused as refusal:
            if isinstance(refusal, Unavailable):
                raise
            before = None if call.unproven else service.store.answered()
            if before is not None:
                return before
            service.store.record_event(refused(call, args, refusal))
            raise

    return answer


def _consuming(method: Method) -> Method:
    @wraps(method)
    def consume(service: Any, event: dict[str, Any]) -> None:
        service.store.call.message = event["id"]
        try:
            method(service, event)
        except Handled:
            return

    return consume


def _consuming_many(method: Method) -> Method:
    @wraps(method)
    def consume(service: Any, events: list[dict[str, Any]]) -> None:
        service.store.call.messages = tuple(event["id"] for event in events)
        try:
            method(service, events)
        except Handled:
            return

    return consume


def _ticking(method: Method) -> Method:
    @wraps(method)
    def tick(service: Any) -> None:
        try:
            method(service)
        except Refused as refusal:  # the next tick tries again
            log.warning("tick.refused", service=service.name, method=method.__name__, code=refusal.code)

    return tick


def _measured(method: Method) -> Method:
    @wraps(method)
    def measured(service: Any, *args: Any) -> Any:
        start, outcome = perf_counter(), "error"
        try:
            result = method(service, *args)
            outcome = "ok"
            return result
        except Refused as refusal:
            outcome = "refused"
            raise refusal
        finally:
            _counter(service.name, method.__name__, outcome).inc()
            _timer(service.name, method.__name__).observe(perf_counter() - start)

    return measured


@event("refused", published=False)
@dataclass(frozen=True)
class CallRefused(Event):
    """A rule said no, and the call changed nothing."""

    record: str | None
    call: str
    code: str


def refused(call: Any, args: Any, refusal: Refused) -> Event:
    """The journal entry of a refusal: which call, which code, about which record."""
    record = args.get("record") if isinstance(args, dict) else None
    known = record if isinstance(record, str) and len(record) == 36 else None
    return CallRefused(known, call.method, refusal.code)


__all__ = ["every", "on_event", "on_events", "rpc"]
