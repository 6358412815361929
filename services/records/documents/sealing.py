"""How a document is sealed: each piece by itself under a key of the document's own, then how many there must be.

A piece is bound to its record, document and number, the closing seal to the count: what is missing, exchanged, moved
or cut off does not open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from vault.envelope import PartContext, open_field, open_part
from vault.keystore import Sealer
from vault.refusals import seal_broken
from vault.tokens import Blind

Place = tuple[str, str]  # the record a document belongs to, and its id
PIECE = 256 * 1024
BYTES, SIZE, ADDRESS, REASON = "bytes", "size", "address", "reason"


def pieces_of(size: int) -> int:
    """How many pieces a document of this size has."""
    return -(-size // PIECE)


def seal_piece(sealer: Sealer, key: str, document: Place, number: int, raw: bytes) -> bytes:
    """One piece, sealed; the same piece never gives the same bytes twice."""
    return sealer.seal(key, _piece(document, number), {BYTES: raw}).packed


def mark_of(blind: Blind, document: str, offset: int, raw: bytes) -> bytes:
    """By what a repeated piece is known: of no use without the key, never the same for another document or place."""
    return blind.token(f"document:{document}:{offset}", hashlib.sha256(raw).hexdigest())


def open_piece(dek: bytes, document: Place, number: int, sealed: bytes) -> bytes:
    """One piece; refused where it is another's, or another number's."""
    return open_field(dek, _piece(document, number), sealed, BYTES)


def seal_whole(sealer: Sealer, key: str, document: Place, size: int, address: str) -> bytes:
    """The closing seal: bound to the number of pieces, it holds their size and address."""
    told = {SIZE: str(size).encode(), ADDRESS: address.encode()}
    return sealer.seal(key, _whole(document, pieces_of(size)), told).packed


def check_whole(dek: bytes, document: Place, stored: tuple[int, int, str], sealed: bytes) -> None:
    """Refuse a document with more or fewer pieces than it was closed with; `stored` = pieces, size, address."""
    pieces, size, address = stored
    opened = open_part(dek, _whole(document, pieces), sealed)
    if opened.value(SIZE) != str(size).encode() or opened.value(ADDRESS) != address.encode():
        raise seal_broken()


def seal_reason(sealer: Sealer, key: str, document: Place, act: str, reason: str) -> bytes:
    """Why somebody returned or withdrew a document."""
    return sealer.seal(key, _act(document, act), {REASON: reason.encode()}).packed


def open_reason(dek: bytes, document: Place, act: str, sealed: bytes) -> str:
    """The words again."""
    return open_field(dek, _act(document, act), sealed, REASON).decode()


def address_of(pieces: Iterable[bytes]) -> str:
    """What a document is called by: SHA-256 over its sealed pieces; of the contents no hash is made."""
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(piece)
    return whole.hexdigest()


def _piece(document: Place, number: int) -> PartContext:
    return PartContext(document[0], f"document:{document[1]}", number)


def _whole(document: Place, pieces: int) -> PartContext:
    return PartContext(document[0], f"document:{document[1]}:whole", pieces)


def _act(document: Place, act: str) -> PartContext:
    return PartContext(document[0], f"document:{document[1]}:act:{act}", 0)
