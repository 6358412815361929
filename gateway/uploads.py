"""Uploads: multipart, streamed on in calls of 256 KiB; never a whole file in memory, never a worker for long."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
from werkzeug.sansio.multipart import File
from werkzeug.wrappers import Response

from chassis.errors import Refused, Unavailable
from chassis.settings import Settings
from gateway import answers, metrics, published, reading
from gateway.exchange import Exchange
from gateway.forms import FIELDS, Form
from gateway.problems import Declined, wrong

PIECE = 256 * 1024
SHARE = 3 / 8  # of a process's workers, so that slow senders leave the others to those who only ask
FINISH = 20.0  # seconds to close a large document: every piece of it is looked at once more
LISTS = ("signed_by",)
WHOLE = ("sides", "pages")
FLAGS = ("paper",)

Put = Callable[[int, bytes], None]


class Uploads:
    """Takes in files, each kind on its road, a few at a time."""

    def __init__(self, settings: Settings) -> None:
        self.limit, self.open = settings.upload_limit, 0
        self.most = max(1, int(settings.workers * SHARE))

    def imports(self, exchange: Exchange) -> Response:
        """POST /v1/imports: the text parts begin it, the file's bytes follow as they come, then it starts."""
        return self._taken(exchange, _import)

    def documents(self, exchange: Exchange) -> Response:
        """POST /v1/records/{id}/documents: the same road; an upload that broke off goes on where it stopped."""
        return self._taken(exchange, _document)

    def _taken(self, exchange: Exchange, road: Callable[[Exchange, Form], Response]) -> Response:
        length = exchange.request.content_length
        if length is not None and length > self.limit + 2 * FIELDS:
            raise too_large(self.limit)
        if self.open >= self.most:
            raise Unavailable("gateway.busy", "too many files are coming in", {"retry_after": 10})
        self.open += 1
        try:
            with metrics.UPLOADS.track_inprogress():
                return road(exchange, Form(exchange.request, self.limit + 2 * FIELDS))
        finally:
            self.open -= 1


def too_large(limit: int) -> Declined:
    """413, at once, before anything of it is read."""
    return Declined(413, "body.too_large", f"a file may have {limit / (1 << 20):g} MiB", {"Connection": "close"})


# ---------------------------------------------------------------------- imports


def _import(exchange: Exchange, form: Form) -> Response:
    texts, file = form.begin()
    begun = exchange.call(_import_args(texts, file), "records.begin_import", key="begin")

    def put(offset: int, piece: bytes) -> None:
        args = {"upload": begun["upload"], "offset": offset, "bytes": b64encode(piece).decode()}
        exchange.call(args, "records.put_chunk", key=f"chunk:{offset}")

    try:
        size = _send(form, put)
    except Declined:  # nothing of what will never be whole is kept; who sent it learns why, even if that fails
        with suppress(Refused):
            exchange.call({"upload": begun["upload"]}, "records.withdraw_import", key="withdraw")
        raise
    started = exchange.call({"upload": begun["upload"], "size": size}, "records.start_import", key="start")
    return answers.json(started, 202)


def _import_args(form: dict[str, str], file: File) -> dict[str, Any]:
    published.load_own("ImportForm", {**form, "file": ""})
    args: dict[str, Any] = {"class": form["class"], "name": (file.filename or "file")[:200]}
    if form.get("encoding"):
        args["encoding"] = form["encoding"]
    if form.get("mapping"):
        args["mapping"] = _object("mapping", form["mapping"])
    if form.get("collection"):
        args["collection"] = _object("collection", form["collection"])
    if form.get("force"):
        args["force"] = [published.whole("force", one.strip()) for one in form["force"].split(",") if one.strip()]
    return args | {"dry_run": form.get("dry_run") == "true"}


def _object(name: str, text: str) -> dict[str, Any]:
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise wrong(f"/{name}", f"{name}.invalid", "a JSON object")
    reading.check(given, f"/{name}")
    reading.refuse_twice(text)
    return given


# ---------------------------------------------------------------------- documents


def _document(exchange: Exchange, form: Form) -> Response:
    texts, file = form.begin()
    upload, offset = _begun(exchange, texts, file)

    def put(at: int, piece: bytes) -> None:
        # A piece needs no key: the same one again changes nothing, and other bytes in its place are refused.
        args = {"upload": upload, "offset": at, "bytes": b64encode(piece).decode()}
        exchange.call(args, "records.put_document_chunk", keyed=False)

    size = _send(form, put, offset)
    done = exchange.call({"upload": upload, "size": size}, "records.finish_document", FINISH, key="finish")
    return answers.json(done, 201)


def _begun(exchange: Exchange, texts: dict[str, str], file: File) -> tuple[str, int]:
    """The upload and where its next byte belongs: a new one, or one that goes on."""
    if "upload" in texts:
        asked = published.load_own("ResumeForm", {**texts, "file": ""})
        return asked["upload"], asked["offset"]
    published.load_own("DocumentForm", {**texts, **exchange.path, "file": ""})
    args: dict[str, Any] = {name: _typed(name, text) for name, text in texts.items() if text}
    asked = {**args, **exchange.path, "name": (file.filename or "")[-200:]}
    begun = exchange.call(asked, "records.begin_document", key="begin")
    return begun["upload"], begun["offset"]


def _typed(name: str, text: str) -> Any:
    if name in LISTS:
        return [one.strip() for one in text.split(",") if one.strip()]
    if name in WHOLE:
        return published.whole(name, text)
    return text == "true" if name in FLAGS else text


# ---------------------------------------------------------------------- the file's bytes


def _send(form: Form, put: Put, offset: int = 0) -> int:
    """Hand the file's bytes on, a piece at a time; how many there are in all."""
    waiting = bytearray()
    for data in form.file():
        waiting += data
        while len(waiting) >= PIECE:
            offset = _put(put, offset, waiting)
    form.end()
    return _put(put, offset, waiting) if waiting else offset


def _put(put: Put, offset: int, waiting: bytearray) -> int:
    piece = bytes(waiting[:PIECE])
    del waiting[:PIECE]
    put(offset, piece)
    return offset + len(piece)
