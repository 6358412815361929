"""The road to the services: RPC with a context and a deadline of the request's own."""

from __future__ import annotations

from typing import Any

from chassis.rpc import Remote


class Road(Remote):
    """`services = Road()`: calls any service on behalf of whom the context names."""

    def __init__(self) -> None:
        super().__init__("any")

    def get_dependency(self, worker_ctx: Any) -> Road:
        """The same road for every worker: the context comes with each call."""
        return self

    def call(self, service: str, method: str, args: dict[str, Any], context: dict[str, Any], deadline: float) -> Any:
        """The service's answer; raises what it refused, or Unavailable when it does not answer in time."""
        replies = self.rpc_reply_listener
        return replies.wire.call(f"{service}.{method}", args, deadline, context, replies.routing_key)
