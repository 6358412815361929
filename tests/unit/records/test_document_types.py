"""What a file is, told from its bytes; what is no document, or not what its name says, is refused by name."""

from __future__ import annotations

import io
import zipfile

import pytest

from chassis.errors import Invalid
from services.records.documents.filetypes import suffix_of, type_of

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\0" * 200


def a_zip(*names: str, mimetype: str = "") -> bytes:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as packed:
        if mimetype:
            packed.writestr("mimetype", mimetype)
        for name in names:
            packed.writestr(name, "x" * 100)
    return room.getvalue()


WORD, SHEET = a_zip("[Content_Types].xml", "word/document.xml"), a_zip("_rels/.rels", "xl/workbook.xml")
KNOWN = [
    (b"%PDF-1.7\n...", "pdf", "application/pdf"),
    (b"\xff\xd8\xff\xe0....", "JPG", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n....", "png", "image/png"),
    (b"II*\x00....", "tif", "image/tiff"),
    (b"MM\x00*....", "tiff", "image/tiff"),
    (b"\0\0\0\x18ftypheic....", "heic", "image/heic"),
    (b"\0\0\0\x18ftypisom....", "mp4", "video/mp4"),
    (b"RIFF\0\0\0\0WAVE", "wav", "audio/wav"),
    (OLE + b"\0" * 100, "doc", "application/x-ole-storage"),
    (WORD, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (SHEET, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (a_zip("OFD.xml", "Doc_0/Document.xml"), "ofd", "application/ofd"),
    (
        a_zip("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
        "odt",
        "application/vnd.oasis.opendocument.text",
    ),
    ("客户来信，一切正常。".encode(), "txt", "text/plain"),
    ("客户来信，一切正常。".encode("gb18030"), "txt", "text/plain"),
    ("客户来信".encode("utf-16"), "txt", "text/plain"),
    (("字" * 90_000).encode()[: 256 * 1024], "txt", "text/plain"),  # cut in the middle of a character
]


@pytest.mark.parametrize(("head", "ending", "media"), KNOWN, ids=[f"{k[1]}-{n}" for n, k in enumerate(KNOWN)])
def test_a_file_is_what_its_first_bytes_say(head: bytes, ending: str, media: str) -> None:
    assert type_of(head, suffix_of(f"扫描.{ending}")) == media
    assert type_of(head, "") == media


REFUSED = [
    (EXE, "pdf", "document.type_refused"),
    (EXE, "", "document.type_refused"),
    (a_zip("setup.exe", "readme.txt"), "xlsx", "document.type_refused"),
    (a_zip("anything", mimetype="application/java-archive"), "odt", "document.type_refused"),
    (b"\x89PNG\r\n\x1a\n", "pdf", "document.type_mismatch"),
    (WORD, "xlsx", "document.type_mismatch"),
    (b"%PDF-1.7", "exe", "document.type_mismatch"),
    (b"<html><script>", "txt", "document.type_refused"),
    (b"  <!DOCTYPE html>", "", "document.type_refused"),
    (b"#!/bin/sh\nrm", "txt", "document.type_refused"),
    (b"echo off", "bat", "document.type_refused"),
    (b"\x7fELF\x02\x01\x01", "", "document.type_refused"),
    (b"plain\x00text", "txt", "document.type_refused"),
    (b"PK\x03\x04", "docx", "document.type_refused"),
]


@pytest.mark.covers("Q-170")
@pytest.mark.parametrize(("head", "ending", "code"), REFUSED, ids=[f"{r[1]}-{n}" for n, r in enumerate(REFUSED)])
def test_what_is_no_document_or_named_as_another_is_refused(head: bytes, ending: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        type_of(head, suffix_of(f"contract.{ending}"))

    assert refusal.value.code == code
    assert "contract" not in str(refusal.value), "a file's name may be a customer's"


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.PDF", "pdf"),
        ("a.tar.gz", "gz"),
        ("张伟", ""),
        ("..", ""),
        ("a.p df", ""),
        ("a.pdf\u202e", ""),
        ("x." + "a" * 13, ""),
    ],
)
def test_of_a_name_only_its_ending_is_looked_at(name: str, ending: str) -> None:
    assert suffix_of(name) == ending
