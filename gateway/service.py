"""The gateway service: every request to one entrypoint, answered by the desk."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from gateway.front import Front
from gateway.road import Road
from gateway.server import everything


class GatewayService:
    """HTTP in front of the four services."""

    name = "gateway"

    desk = Front()
    services = Road()

    @everything
    def handle(self, request: Request) -> Response:
        """Answer one HTTP request."""
        return self.desk.answer(request, self.services)
