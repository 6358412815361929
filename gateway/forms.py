"""A multipart form as it arrives: text parts first, then one file; within limits of size and time."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

from eventlet import Timeout
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

from gateway import reading
from gateway.problems import Declined, wrong

READ = 32 * 1024  # below FIELDS: the decoder counts what is left of the piece before as well
FIELDS = 64 * 1024  # bytes of all text parts together
READ_SECONDS = 10.0  # for each of these reads: who sends more slowly holds up others
ALL_SECONDS = 900.0  # for the whole file


class Form:
    """One form; to be read once, from its beginning to its end."""

    def __init__(self, request: Request, limit: int) -> None:
        self.request, self.limit = request, limit
        self.parts = self._parts()

    def begin(self) -> tuple[dict[str, str], File]:
        """The text parts, and the head of the file."""
        texts: dict[str, str] = {}
        for event in self.parts:
            if isinstance(event, File):
                return texts, _named(event)
            if not isinstance(event, Field) or event.name in texts:
                raise wrong(f"/{reading.escape(event.name or '')}", "field.invalid", "a part is given twice")
            texts[event.name] = self._text(event.name, FIELDS - sum(map(len, texts.values())))
        raise wrong("/file", "field.missing", "the form has no file")

    def file(self) -> Iterator[bytes]:
        """The file's bytes as they come."""
        for event in self.parts:
            if not isinstance(event, Data):
                raise wrong("/file", "file.last", "the file is the last part of the form")
            yield event.data
            if not event.more_data:
                return

    def end(self) -> None:
        """Nothing may follow the file."""
        for _ in self.parts:
            raise wrong("/file", "file.last", "the file is the last part of the form")

    def _text(self, name: str, left: int) -> str:
        raw = b""
        for event in self.parts:
            raw += event.data
            if len(raw) > left:
                told = "the text parts of the form are too large"
                raise Declined(413, "body.too_large", told, {"Connection": "close"})
            if not event.more_data:
                break
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise wrong(f"/{reading.escape(name)}", "text.encoding", "text parts are UTF-8") from None
        reading.check(text, f"/{reading.escape(name)}")
        return text

    def _parts(self) -> Iterator[Any]:
        """The parts of the form as they arrive, without the end."""
        decoder = self._decoder()
        try:
            for chunk in self._chunks():
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

    def _decoder(self) -> MultipartDecoder:
        boundary = self.request.mimetype_params.get("boundary", "")
        if self.request.mimetype != "multipart/form-data" or not 0 < len(boundary) <= 200 or not boundary.isascii():
            told = "send multipart/form-data with a part named `file`"
            raise Declined(415, "body.media", told, {"Connection": "close"})
        return MultipartDecoder(boundary.encode(), max_form_memory_size=READ + FIELDS, max_parts=20)

    def _chunks(self) -> Iterator[bytes | None]:
        seen, end = 0, monotonic() + ALL_SECONDS
        while chunk := self._read(end):
            seen += len(chunk)
            if seen > self.limit:
                raise Declined(413, "body.too_large", "the file is too large", {"Connection": "close"})
            yield chunk
        yield None

    def _read(self, end: float) -> bytes:
        """The next bytes; who sends none in time, or takes too long over the whole, is not waited for."""
        left = min(READ_SECONDS, end - monotonic())
        if left <= 0:
            raise reading.unfinished()
        try:
            with Timeout(left):
                return bytes(self.request.environ["wsgi.input"].read(READ))
        except (OSError, ValueError, Timeout):
            raise reading.unfinished() from None


def _named(file: File) -> File:
    if file.name != "file":
        raise wrong(f"/{reading.escape(file.name or '')}", "field.unknown", "the file's part is named `file`")
    return file
