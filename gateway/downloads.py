"""Downloads: an evidence bundle collected before it leaves; a document's pieces fetched as fast as they are taken."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

from werkzeug.wrappers import Response

from gateway.desk import Handler, arguments
from gateway.exchange import Exchange

IN_MEMORY = 1024 * 1024
READ = 256 * 1024
ENTRY_SECONDS = 6.0  # a read of the highest level waits for the ledger
STRANGE = re.compile(r"[^A-Za-z0-9_-]+")
# Whatever a document holds, a browser carries nothing of it out.
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


def bundle(exchange: Exchange) -> Response:
    """GET /v1/audit/bundles/{id}: the zip, or 409 while it is being made."""
    asked = arguments(exchange)
    room: Any = SpooledTemporaryFile(IN_MEMORY)
    for piece in _pieces(exchange, "audit.bundle_chunk", asked):
        room.write(piece)
    size = room.tell()
    room.seek(0)
    return _file(_blocks(room), size, "application/zip", f"evidence-{asked['bundle']}.zip")


def document(exchange: Exchange) -> Response:
    """GET /v1/documents/{id}/content: journalled once, then streamed; one piece in memory, no worker held."""
    asked = arguments(exchange)
    opened = exchange.call(asked, "records.open_document", ENTRY_SECONDS)
    pieces = _document_pieces(exchange, {**asked, "entry": opened["entry"]}, opened["pieces"])
    first = next(pieces)  # what cannot be opened is an answer, not half a file
    name = f"{STRANGE.sub('-', opened['kind'])}-{asked['document']}.{opened['ending']}"
    answer = _file(_after(first, pieces), opened["size"], opened["media"], name)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


def import_report(exchange: Exchange) -> Response:
    """GET /v1/imports/{id}/report.csv: what became of each row, as fast as it is taken; one piece in memory."""
    pieces = (found["csv"].encode() for found in _one_by_one(exchange, "records.import_report"))
    return _file(_after(next(pieces), pieces), None, f"{exchange.route.media}; charset=utf-8", _report(exchange, "csv"))


def import_workbook(exchange: Exchange) -> Response:
    """GET /v1/imports/{id}/report.xlsx: the same as a workbook that is made while it leaves."""
    pieces = (b64decode(found["file"]) for found in _one_by_one(exchange, "records.import_workbook"))
    return _file(_after(next(pieces), pieces), None, exchange.route.media, _report(exchange, "xlsx"))


def _report(exchange: Exchange, ending: str) -> str:
    return f"import-{exchange.path['upload']}.{ending}"


def _one_by_one(exchange: Exchange, target: str) -> Iterator[dict[str, Any]]:
    """A file whose length nobody knows before its end: each piece says where the next one begins."""
    asked = arguments(exchange)
    while True:
        found = exchange.call(asked, target)
        yield found
        if found["next"] is None:
            return
        asked = {**asked, "after": found["next"]}


def _file(content: Iterator[bytes], size: int | None, media: str, name: str) -> Response:
    answer = Response(content, mimetype=media, direct_passthrough=True)
    answer.headers["Content-Type"] = media
    if size is not None:
        answer.headers["Content-Length"] = str(size)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _document_pieces(exchange: Exchange, asked: dict[str, Any], count: int) -> Iterator[bytes]:
    for number in range(count):
        yield b64decode(exchange.call({**asked, "number": number}, "records.document_chunk")["bytes"])


def _after(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


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


def whole(target: str) -> Handler:
    """A file that a service makes in one answer, such as a template."""

    def answer(exchange: Exchange) -> Response:
        found = exchange.call(arguments(exchange), target)
        raw = b64decode(found["file"])
        return _file(iter([raw]), len(raw), exchange.route.media, STRANGE.sub("-", found["name"][:-5]) + ".xlsx")

    return answer


def export(exchange: Exchange) -> Response:
    """GET /v1/exports/{id}/content: the pieces in their order; with the last one the file is gone."""
    asked = arguments(exchange)
    first = exchange.call(asked, "records.export_chunk")
    pieces = _export_pieces(exchange, asked, first["pieces"])
    name = f"export-{asked['export']}.{first['ending']}"
    return _file(_after(b64decode(first["bytes"]), pieces), first["size"], first["media"], name)


def _export_pieces(exchange: Exchange, asked: dict[str, Any], count: int) -> Iterator[bytes]:
    for number in range(1, count):
        yield b64decode(exchange.call({**asked, "number": number}, "records.export_chunk")["bytes"])


def register_file(exchange: Exchange) -> Response:
    """GET /v1/registers/{class}/register.xlsx: the register as its reader may see it, under a mark of its own.

    Where it is locked, its password stands for an hour at the export that the mark names, for nobody but its reader.
    """
    return _marked(exchange, "records.register_file")


def view_file(exchange: Exchange) -> Response:
    """GET /v1/views/{view}/view.xlsx: a list or analysis, under a mark of its own."""
    return _marked(exchange, "records.view_file")


def report_file(exchange: Exchange) -> Response:
    """GET /v1/reports/{id}/report.xlsx: an analysis on file, under a mark of its own."""
    return _marked(exchange, "records.report_file")


def _marked(exchange: Exchange, target: str) -> Response:
    found = exchange.call(arguments(exchange), target)
    raw = b64decode(found["file"])
    answer = _file(iter([raw]), len(raw), exchange.route.media, STRANGE.sub("-", found["name"][:-5]) + ".xlsx")
    answer.headers["Muniment-Mark"] = found["mark"]
    if found.get("locked"):
        answer.headers["Muniment-Password-At"] = f"/v1/exports/{found['mark']}"
    return answer
