"""Uploads: multipart, streamed on in calls of 256 KiB; never a whole file in memory."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import orjson
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Response

from gateway import answers, published, reading
from gateway.exchange import Exchange
from gateway.problems import Declined, wrong

PIECE = 256 * 1024
READ = 32 * 1024  # below FIELDS: the decoder counts what is left of the piece before as well
LARGEST = 1024**3
FIELDS = 64 * 1024  # bytes of all text parts together


def upload(exchange: Exchange) -> Response:
    """POST /v1/imports: the text parts begin it, the file's bytes follow as they come, then it starts."""
    events = _events(exchange)
    form, file = _form(events)
    begun = exchange.call(_begin_args(form, file), "records.begin_import", key="begin")
    size = _send(exchange, events, begun["upload"])
    started = exchange.call({"upload": begun["upload"], "size": size}, "records.start_import", key="start")
    return answers.json(started, 202)


def _begin_args(form: dict[str, str], file: File) -> dict[str, Any]:
    published.load_own("ImportForm", {**form, "file": ""})
    args: dict[str, Any] = {"class": form["class"], "name": (file.filename or "file")[:200]}
    if form.get("encoding"):
        args["encoding"] = form["encoding"]
    if form.get("mapping"):
        args["mapping"] = _mapping(form["mapping"])
    return args | {"dry_run": form.get("dry_run") == "true"}


def _mapping(text: str) -> dict[str, Any]:
    try:
        mapping = orjson.loads(text)
    except orjson.JSONDecodeError:
        mapping = None
    if not isinstance(mapping, dict):
        raise wrong("/mapping", "mapping.invalid", "a JSON object: column to field")
    reading.check(mapping, "/mapping")
    return mapping


def _send(exchange: Exchange, events: Iterator[Any], upload: str) -> int:
    """Hand the file's bytes on, a piece at a time; how many they were."""
    offset, waiting = 0, bytearray()
    for event in events:
        if not isinstance(event, Data):
            raise wrong("/file", "file.last", "the file is the last part of the form")
        waiting += event.data
        while len(waiting) >= PIECE or (not event.more_data and waiting):
            piece = bytes(waiting[:PIECE])
            del waiting[:PIECE]
            _put(exchange, upload, offset, piece)
            offset += len(piece)
        if not event.more_data:
            break
    _nothing_after(events)
    return offset


def _nothing_after(events: Iterator[Any]) -> None:
    for _ in events:
        raise wrong("/file", "file.last", "the file is the last part of the form")


def _put(exchange: Exchange, upload: str, offset: int, piece: bytes) -> None:
    args = {"upload": upload, "offset": offset, "bytes": b64encode(piece).decode()}
    exchange.call(args, "records.put_chunk", key=f"chunk:{offset}")


def _form(events: Iterator[Any]) -> tuple[dict[str, str], File]:
    form: dict[str, str] = {}
    for event in events:
        if isinstance(event, File):
            return form, _named(event)
        if not isinstance(event, Field) or event.name in form:
            raise wrong(f"/{reading.escape(event.name or '')}", "field.invalid", "a part is given twice")
        form[event.name] = _text(event.name, events, FIELDS - sum(map(len, form.values())))
    raise wrong("/file", "field.missing", "the form has no file")


def _named(file: File) -> File:
    if file.name != "file":
        raise wrong(f"/{reading.escape(file.name or '')}", "field.unknown", "the file's part is named `file`")
    return file


def _text(name: str, events: Iterator[Any], left: int) -> str:
    raw = b""
    for event in events:
        raw += event.data
        if len(raw) > left:
            raise Declined(413, "body.too_large", "the text parts of the form are too large", {"Connection": "close"})
        if not event.more_data:
            break
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise wrong(f"/{reading.escape(name)}", "text.encoding", "text parts are UTF-8") from None
    reading.check(text, f"/{reading.escape(name)}")
    return text


def _events(exchange: Exchange) -> Iterator[Any]:
    """The parts of the form as they arrive, without the end."""
    decoder = _decoder(exchange)
    try:
        for chunk in _chunks(exchange):
            decoder.receive_data(chunk)
            event = decoder.next_event()
            while not isinstance(event, (NeedData, Epilogue)):
                if isinstance(event, (Field, File, Data)):
                    yield event
                event = decoder.next_event()
            if isinstance(event, Epilogue):
                return
    except (ValueError, HTTPException):
        raise reading.malformed("the multipart form cannot be read") from None
    raise reading.unfinished()


def _decoder(exchange: Exchange) -> MultipartDecoder:
    options = exchange.request.mimetype_params
    boundary = options.get("boundary", "")
    if exchange.request.mimetype != "multipart/form-data" or not 0 < len(boundary) <= 200 or not boundary.isascii():
        raise Declined(415, "body.media", "send multipart/form-data with a part named `file`", {"Connection": "close"})
    return MultipartDecoder(boundary.encode(), max_form_memory_size=READ + FIELDS, max_parts=20)


def _chunks(exchange: Exchange) -> Iterator[bytes | None]:
    stream, seen = exchange.request.environ["wsgi.input"], 0
    while True:
        try:
            chunk = stream.read(READ)
        except (OSError, ValueError):
            raise reading.unfinished() from None
        if not chunk:
            break
        seen += len(chunk)
        if seen > LARGEST:
            raise Declined(413, "body.too_large", "the file is too large", {"Connection": "close"})
        yield chunk
    yield None
