"""What a piece of work knows of the call it serves: who, on whose request, under which key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nameko.extensions import DependencyProvider

from chassis.actor import NOBODY, Actor, ActorCheck
from chassis.errors import Refused
from chassis.ids import new_id
from chassis.settings import Settings

_checks: dict[tuple[str, bytes], ActorCheck] = {}


@dataclass
class Call:
    """One call of one entrypoint. `key` is the Idempotency-Key, `message` the delivered event's id, or `messages`
    those of several that are handled together.
    """

    service: str
    method: str
    request: str
    actor: Actor = NOBODY
    unproven: Refused | None = None
    key: str | None = None
    language: str = "en"
    args: Any = None
    message: str | None = None
    messages: tuple[str, ...] = ()


def call_of(worker_ctx: Any, settings: Settings) -> Call:
    """The call of this worker, made once. An unproven caller is kept as a refusal for the entrypoint to raise."""
    if not hasattr(worker_ctx, "muniment_call"):
        worker_ctx.muniment_call = _call(worker_ctx, settings)
    known: Call = worker_ctx.muniment_call
    return known


def _call(worker_ctx: Any, settings: Settings) -> Call:
    data = worker_ctx.data
    call = Call(
        service=worker_ctx.service_name,
        method=worker_ctx.entrypoint.method_name,
        request=data.get("request_id") or new_id(),
        key=data.get("idempotency_key"),
        language=data.get("language") or "en",
        args=worker_ctx.args[0] if worker_ctx.args else None,
    )
    try:
        call.actor = _check(call.service, settings).actor(data.get("actor"), settings.clock.now())
    except Refused as unproven:
        call.unproven = unproven
    return call


def _check(service: str, settings: Settings) -> ActorCheck:
    public = settings.key("actor.public") if not _checks else None
    for (known, _), check in _checks.items():
        if known == service and public is None:
            return check
    public = public or settings.key("actor.public")
    return _checks.setdefault((service, public), ActorCheck(service, public))


class CallingActor(DependencyProvider):
    """`caller = CallingActor()`: the proven Actor of this call, NOBODY where the suite calls itself."""

    def get_dependency(self, worker_ctx: Any) -> Actor:
        """The caller; entrypoints that need a person have refused before the method runs."""
        return call_of(worker_ctx, self.container.config["MUNIMENT"]).actor
