"""What a file is, told from its first bytes and never from its name; the name must only not contradict it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chassis.errors import Invalid

ZIP, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
LOCAL = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)  # a file in a ZIP, and how long its name is
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
MARKUP = re.compile(r"\s*<(?:[!?a-z]|/)", re.IGNORECASE)
WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class FileType:
    """One type that is taken: its media type and the endings that its files have, the usual one first."""

    media: str
    endings: tuple[str, ...]


PDF = FileType("application/pdf", ("pdf",))
TEXT = FileType("text/plain", ("txt", "csv", "md"))
OLD_OFFICE = FileType("application/x-ole-storage", ("doc", "xls", "ppt", "wps", "et", "dps"))
OPEN_XML = "application/vnd.openxmlformats-officedocument."
# Bytes at the start, and bytes at a place behind it where the start alone does not tell.
SIGNED = (
    (PDF, b"%PDF-", 0, b""),
    (FileType("image/jpeg", ("jpg", "jpeg", "jpe")), b"\xff\xd8\xff", 0, b""),
    (FileType("image/png", ("png",)), b"\x89PNG\r\n\x1a\n", 0, b""),
    (FileType("image/tiff", ("tif", "tiff")), b"II*\x00", 0, b""),
    (FileType("image/tiff", ("tif", "tiff")), b"MM\x00*", 0, b""),
    (FileType("image/gif", ("gif",)), b"GIF8", 0, b""),
    (FileType("image/webp", ("webp",)), b"RIFF", 8, b"WEBP"),
    (FileType("image/heic", ("heic", "heif")), b"", 4, b"ftyphei"),
    (FileType("image/heic", ("heic", "heif")), b"", 4, b"ftypmif1"),
    (FileType("audio/wav", ("wav",)), b"RIFF", 8, b"WAVE"),
    (FileType("audio/mpeg", ("mp3",)), b"ID3", 0, b""),
    (FileType("video/mp4", ("mp4", "m4a", "m4v", "mov")), b"", 4, b"ftyp"),
    (OLD_OFFICE, OLE, 0, b""),
)
# A name in the ZIP that only this type has.
PACKED = (
    (FileType(f"{OPEN_XML}wordprocessingml.document", ("docx",)), b"word/"),
    (FileType(f"{OPEN_XML}spreadsheetml.sheet", ("xlsx",)), b"xl/"),
    (FileType(f"{OPEN_XML}presentationml.presentation", ("pptx",)), b"ppt/"),
    (FileType("application/ofd", ("ofd",)), b"OFD.xml"),
)
# What the first file of a ZIP, named mimetype, says.
DECLARED = {
    b"application/vnd.oasis.opendocument.text": ("odt",),
    b"application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    b"application/vnd.oasis.opendocument.presentation": ("odp",),
}
ENDINGS = {
    **{one.media: one.endings for one, *_ in SIGNED},
    **{one.media: one.endings for one, _ in PACKED},
    **{media.decode(): endings for media, endings in DECLARED.items()},
    TEXT.media: TEXT.endings,
}
KNOWN = sorted({ending for endings in ENDINGS.values() for ending in endings})


def type_of(head: bytes, suffix: str) -> str:
    """The media type of a file that begins so, or Invalid: of no type that is taken, or named as something else."""
    found = _signed(head) or _packed(head) or _text(head, suffix)
    if found is None:
        said = "the contents are of no type that is kept here"
        raise Invalid("document.type_refused", f"{said}; send one of: {', '.join(KNOWN)}")
    if suffix and suffix not in found.endings:
        named = f"the file is named .{suffix}, but its contents are {found.media}"
        raise Invalid("document.type_mismatch", f"{named}; send it as what it is")
    return found.media


def ending_of(media: str | None) -> str:
    """The usual ending of a file of this type."""
    return ENDINGS.get(media or "", ("bin",))[0]


def suffix_of(name: str) -> str:
    """The ending of a file's name, which is all that is looked at of it."""
    found = re.search(r"\.([A-Za-z0-9]{1,12})$", name.strip())
    return found[1].lower() if found else ""


def _signed(head: bytes) -> FileType | None:
    return next((one for one, start, at, more in SIGNED if head.startswith(start) and _at(head, at, more)), None)


def _at(head: bytes, place: int, wanted: bytes) -> bool:
    return head[place : place + len(wanted)] == wanted


def _packed(head: bytes) -> FileType | None:
    if not head.startswith(ZIP):
        return None
    names = [head[found.end() : found.end() + int.from_bytes(found[1], "little")] for found in LOCAL.finditer(head)]
    if names[:1] == [b"mimetype"]:
        said = head[38 : 38 + 80].partition(b"PK")[0]
        return FileType(said.decode(), DECLARED[said]) if said in DECLARED else None
    return next((one for one, mark in PACKED if any(name.startswith(mark) for name in names)), None)


def _text(head: bytes, suffix: str) -> FileType | None:
    """Plain text only: what a browser or a shell would carry out is no document."""
    if suffix and suffix not in TEXT.endings:
        return None
    text = _decoded(head)
    return None if not text or MARKUP.match(text) or text.startswith("#!") else TEXT


def _decoded(head: bytes) -> str | None:
    if head.startswith(WIDE):
        return head[: len(head) // 2 * 2].decode("utf-16", "ignore")
    if CONTROL.search(head):
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        # The last character may be cut in two where a piece ends.
        for cut in range(4):
            try:
                return head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
    return None
