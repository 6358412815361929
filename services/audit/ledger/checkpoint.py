"""Checkpoints (C2SP tlog-checkpoint) and signed notes (C2SP signed-note) with Ed25519. No I/O but the key file."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"


class BadNote(ValueError):
    """The note is malformed, or none of its signatures is the key's."""


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log that its operator commits to."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The body that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class VerifierKey:
    """The public half, in the one-line form that a stranger keeps: name+id+key."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, line: str) -> VerifierKey:
        """Read a line `name+id+key`, refusing an id that does not belong to it."""
        name, shown, encoded = line.strip().split("+", 2)
        raw = b64decode(encoded, validate=True)
        if raw[:1] != ED25519 or len(raw) != 33 or cls(name, raw[1:]).id.hex() != shown:
            raise BadNote("not an Ed25519 verifier key")
        return cls(name, raw[1:])

    @property
    def id(self) -> bytes:
        """The four bytes by which a note names this key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def line(self) -> str:
        """The key as one line."""
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode()}"


@dataclass(frozen=True)
class SigningKey:
    """The log's own key and the name it signs under."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> SigningKey:
        """The key whose 32 secret bytes are given."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The text as a signed note."""
        signed = b64encode(self.verifier.id + self.private.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.name} {signed}\n"


def opened(note: str, key: VerifierKey) -> str:
    """The text of a note that carries this key's signature."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        if _signed(text, line, key):
            return text
    raise BadNote("not signed by this key")


def _signed(text: str, line: str, key: VerifierKey) -> bool:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.rpartition(" ")
    if dash != "\u2014" or name != key.name:
        return False
    try:
        raw = b64decode(encoded, validate=True)
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], text.encode())
    except (InvalidSignature, binascii.Error):
        return False
    return raw[:4] == key.id


def parse(text: str) -> Checkpoint:
    """Read a checkpoint's body."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
        raise BadNote("not a checkpoint")
    root = b64decode(lines[2], validate=True)
    if len(root) != 32:
        raise BadNote("not a checkpoint")
    return Checkpoint(lines[0], int(lines[1]), root)
