"""A gateway process with invented services behind it, for tests that speak to its socket."""

from __future__ import annotations

import chassis.green  # noqa: F401  # isort: skip  (first: makes the process cooperative)

import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

from eventlet.event import Event
from nameko.runners import ServiceRunner

from chassis import codec
from chassis.errors import Forbidden
from chassis.rpc import SafeRpc
from gateway.front import Front
from gateway.server import GatewayServer
from gateway.service import GatewayService
from tests.unit.gateway.conftest import SUN, settings_in

rpc = SafeRpc.decorator


class ApprovalsService:
    name = "approvals"

    @rpc
    def identify(self, args: dict[str, Any]) -> dict[str, Any]:
        return SUN

    @rpc
    def departments(self, args: dict[str, Any]) -> dict[str, Any]:
        raise Forbidden("right.missing", "ask for it", {"request": "view"})

    @rpc
    def regimes(self, args: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("a secret value")


class RecordsService:
    name = "records"
    pieces: dict[int, int] = {}
    asked: list[int] = []
    broken: list[bool] = []

    @rpc
    def classes(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"items": []}

    @rpc
    def begin_import(self, args: dict[str, Any]) -> dict[str, Any]:
        self.pieces.clear()
        return {"upload": "u"}

    @rpc
    def put_chunk(self, args: dict[str, Any]) -> dict[str, Any]:
        self.pieces[args["offset"]] = len(args["bytes"])
        return {}

    @rpc
    def withdraw_import(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"upload": args["upload"], "state": "withdrawn"}

    @rpc
    def begin_document(self, args: dict[str, Any]) -> dict[str, Any]:
        self.pieces.clear()
        return {"upload": args["kind"], "offset": 0}

    @rpc
    def put_document_chunk(self, args: dict[str, Any]) -> dict[str, Any]:
        return self.put_chunk(args)

    @rpc
    def finish_document(self, args: dict[str, Any]) -> dict[str, Any]:
        return {**args, "offsets": sorted(self.pieces)}

    @rpc
    def open_document(self, args: dict[str, Any]) -> dict[str, Any]:
        size = 40 * 262_144
        return {"entry": "e", "kind": "green card", "media": "text/plain", "ending": "txt", "size": size, "pieces": 40}

    @rpc
    def document_chunk(self, args: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(args["number"])
        if self.broken and args["number"] == 3:
            raise Forbidden("right.missing", "taken back meanwhile")
        return {"bytes": b64encode(b"x" * 262_144).decode()}

    @rpc
    def import_report(self, args: dict[str, Any]) -> dict[str, Any]:
        if args["after"]:
            raise Forbidden("right.missing", "taken back meanwhile")
        return {"csv": "row\r\n" * 50_000, "next": 50_000}

    @rpc
    def timeline(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"items": [], "asked": len(self.asked)}

    @rpc
    def checklist(self, args: dict[str, Any]) -> dict[str, Any]:
        self.asked.clear()
        self.broken[:] = [True]
        return {}

    @rpc
    def start_import(self, args: dict[str, Any]) -> dict[str, Any]:
        return {**args, "offsets": sorted(self.pieces)}


def main(folder: str) -> None:
    codec.register(b"m" * 32)
    runner = ServiceRunner(codec.nameko_config("inproc://", 8, MUNIMENT=settings_in(Path(folder))))
    for service in (ApprovalsService, RecordsService, GatewayService):
        runner.add_service(service)
    runner.start()
    found = next(c for c in runner.containers if c.service_name == "gateway").extensions
    server = next(e for e in found if isinstance(e, GatewayServer))
    desk = next(e for e in found if isinstance(e, Front)).desk
    print(server.port, desk.identity.tokens.issue("sun", "s")[0], flush=True)
    Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
