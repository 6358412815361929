"""One sealed part version: a key of its own, one AES-256-GCM value per field, all bound to where they belong.

    header   algorithm 1 | salt 32 | commitment 32 | count 2 | per slot: length of name 2, name, role 1, length 4
    body     the sealed values in the order of the slots

The header goes into the key derivation, so a slot cannot be added, renamed, moved or taken away. Values and masks are
sealed under different keys: whoever holds only the mask key cannot open a value.
"""

from __future__ import annotations

import hmac
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.framing import framed
from vault.refusals import seal_broken

ALGORITHM = 1  # AES-256-GCM, HKDF-SHA-256, 32 bytes of commitment
VALUE, MASK = b"v", b"m"
SALT, KEY, TAG = 32, 32, 16
SLOTS_AT = 1 + SALT + KEY
# Framing is joining: what stands first in it may be made ready.
PART, FIELD = framed("muniment.part", ALGORITHM), framed("muniment.field", ALGORITHM)

Slot = tuple[str, bytes]


@dataclass(frozen=True)
class PartContext:
    """Where sealed values belong; opening them for anything else is refused."""

    record: str
    part: str
    version: int


@dataclass(frozen=True)
class SealedPart:
    """What is stored of one part version."""

    header: bytes
    body: bytes

    @property
    def packed(self) -> bytes:
        """Header and body in one piece, for one column."""
        return len(self.header).to_bytes(4, "big") + self.header + self.body

    @classmethod
    def unpack(cls, blob: bytes) -> SealedPart:
        """The parts of a packed blob, not verified yet."""
        size = int.from_bytes(blob[:4], "big")
        if len(blob) < 4 + size:
            raise seal_broken()
        return cls(bytes(blob[4 : 4 + size]), bytes(blob[4 + size :]))


class OpenedPart:
    """A part version whose header has been verified; each value is opened alone and only when asked for."""

    def __init__(self, dek: bytes, context: PartContext, sealed: SealedPart) -> None:
        place = _place(context)
        self._bound = FIELD + place
        self._places = _places(sealed)
        self._body = sealed.body
        salt, commitment = sealed.header[1 : 1 + SALT], sealed.header[1 + SALT : SLOTS_AT]
        expected, self._keys = _derive(dek, salt, place, sealed.header[SLOTS_AT:])
        if not hmac.compare_digest(expected, commitment):
            raise seal_broken()

    def value(self, field: str) -> bytes:
        """The protected value of one field."""
        return self._open(field, VALUE)

    def mask(self, field: str) -> bytes:
        """The masked form of one field, computed when the value was written."""
        return self._open(field, MASK)

    @property
    def fields(self) -> list[str]:
        """Names of the fields that have a value."""
        return [field for field, role in self._places if role == VALUE]

    @property
    def masked(self) -> list[str]:
        """Names of the fields that have a mask."""
        return [field for field, role in self._places if role == MASK]

    def _open(self, field: str, role: bytes) -> bytes:
        place = self._places.get((field, role))
        if place is None:
            raise seal_broken()
        index, start, end = place
        try:
            return self._keys[role].decrypt(_nonce(index), self._body[start:end], self._bound + _named(field, role))
        except InvalidTag:
            raise seal_broken() from None


def seal_part(
    dek: bytes, context: PartContext, values: Mapping[str, bytes], masks: Mapping[str, bytes] | None = None
) -> SealedPart:
    """Seal the fields of one part version, and their masks beside them."""
    slots = [((field, VALUE), raw) for field, raw in values.items()]
    slots += [((field, MASK), raw) for field, raw in (masks or {}).items()]
    directory = _directory(slots)
    salt = os.urandom(SALT)
    place = _place(context)
    commitment, keys = _derive(dek, salt, place, directory)
    bound = FIELD + place
    body = b"".join(
        [
            keys[role].encrypt(_nonce(index), raw, bound + _named(field, role))
            for index, ((field, role), raw) in enumerate(slots)
        ]
    )
    return SealedPart(bytes([ALGORITHM]) + salt + commitment + directory, body)


def open_part(dek: bytes, context: PartContext, sealed: SealedPart | bytes) -> OpenedPart:
    """Verify the header once (one HKDF); the fields are opened one by one afterwards."""
    return OpenedPart(dek, context, sealed if isinstance(sealed, SealedPart) else SealedPart.unpack(sealed))


def open_field(dek: bytes, context: PartContext, sealed: SealedPart | bytes, field: str) -> bytes:
    """Open one value and nothing else."""
    return open_part(dek, context, sealed).value(field)


def open_mask(dek: bytes, context: PartContext, sealed: SealedPart | bytes, field: str) -> bytes:
    """Open one mask and nothing else."""
    return open_part(dek, context, sealed).mask(field)


def named(sealed: bytes) -> list[str]:
    """Names of the fields that have a value, as the header says; nothing is opened, and nothing verified."""
    return [field for field, role in _places(SealedPart.unpack(sealed)) if role == VALUE]


def _derive(dek: bytes, salt: bytes, place: bytes, directory: bytes) -> tuple[bytes, dict[bytes, AESGCM]]:
    info = PART + place + framed(directory)
    okm = HKDF(SHA256(), length=3 * KEY, salt=salt, info=info).derive(dek)
    return okm[:KEY], {VALUE: AESGCM(okm[KEY : 2 * KEY]), MASK: AESGCM(okm[2 * KEY :])}


@lru_cache(maxsize=4096)
def _named(field: str, role: bytes) -> bytes:
    """A slot's name as it is bound to; names of fields are few and come again with every record."""
    return framed(field, role)


@lru_cache(maxsize=1024)
def _nonce(index: int) -> bytes:
    # The key is new with every salt, so the place of a value in its part version is nonce enough and never repeats.
    return index.to_bytes(12, "big")


def _place(context: PartContext) -> bytes:
    """Where a part version belongs, framed once: its key and each of its values are bound to it."""
    return framed(context.record, context.part, context.version)


def _directory(slots: list[tuple[Slot, bytes]]) -> bytes:
    lines = [struct.pack(">H", len(slots))]
    for (field, role), raw in slots:
        lines += (_entry(field, role), (len(raw) + TAG).to_bytes(4, "big"))
    return b"".join(lines)


@lru_cache(maxsize=4096)
def _entry(field: str, role: bytes) -> bytes:
    """A slot's name as the directory has it."""
    name = field.encode()
    return struct.pack(">H", len(name)) + name + role


def _places(sealed: SealedPart) -> dict[Slot, tuple[int, int, int]]:
    """Where each slot lies in the body; anything that does not add up is refused like a broken seal."""
    if len(sealed.header) < SLOTS_AT + 2 or sealed.header[0] != ALGORITHM:
        raise seal_broken()
    places, start = {}, 0
    try:
        for index, (slot, size) in enumerate(_slots(sealed.header[SLOTS_AT:])):
            places[slot] = (index, start, start + size)
            start += size
    except (struct.error, UnicodeDecodeError):
        raise seal_broken() from None
    if start != len(sealed.body):
        raise seal_broken()
    return places


def _slots(directory: bytes) -> Iterator[tuple[Slot, int]]:
    (count,), at = struct.unpack_from(">H", directory), 2
    for _ in range(count):
        (length,) = struct.unpack_from(">H", directory, at)
        role, size = struct.unpack_from(">cI", directory, at + 2 + length)
        yield (directory[at + 2 : at + 2 + length].decode(), role), size
        at += 2 + length + 5
    if at != len(directory):
        raise seal_broken()
