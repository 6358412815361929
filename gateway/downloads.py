"""Downloads: collected piece by piece from a service before the first byte leaves, so that a failure is an answer."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

from werkzeug.wrappers import Response

from gateway.desk import arguments
from gateway.exchange import Exchange

IN_MEMORY = 1024 * 1024
READ = 256 * 1024


def bundle(exchange: Exchange) -> Response:
    """GET /v1/audit/bundles/{id}: the zip, or 409 while it is being made."""
    asked = arguments(exchange)
    room: Any = SpooledTemporaryFile(IN_MEMORY)
    for piece in _pieces(exchange, "audit.bundle_chunk", asked):
        room.write(piece)
    size = room.tell()
    room.seek(0)
    answer = Response(_blocks(room), mimetype="application/zip", direct_passthrough=True)
    answer.headers["Content-Length"] = str(size)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = f'attachment; filename="evidence-{asked["bundle"]}.zip"'
    return answer


def _pieces(exchange: Exchange, target: str, asked: dict[str, Any]) -> Iterator[bytes]:
    offset = 0
    while True:
        found = exchange.call({**asked, "offset": offset}, target)
        piece = b64decode(found["bytes"])
        yield piece
        offset += len(piece)
        if found.get("last", not piece):
            return


def _blocks(room: Any) -> Iterator[bytes]:
    with room:
        while block := room.read(READ):
            yield block
