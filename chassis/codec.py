"""The one codec: strict JSON. What the suite says to itself is sealed, what other departments read is clear."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import count
from typing import Any

import kombu.serialization
import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

OURS = "application/vnd.muniment+json"
CLOUDEVENTS = "application/cloudevents+json"
NAMES = {"muniment": OURS, "cloudevents": CLOUDEVENTS}

_STRICT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_ALGORITHM = b"\x01"  # AES-256-GCM under HKDF-SHA256(message key, salt of the sending process)
_SALT, _NONCE = 16, 12
_FINITE = {str, int, bool, type(None)}


class NotJson(ValueError):
    """The value or text is not strict JSON. Says what is wrong, never holds the contents."""


class Unreadable(ValueError):
    """A sealed body was not made with this installation's message key, or was changed."""


def dumps(value: Any) -> bytes:
    """Encode; NaN, infinities, lone surrogates and keys that are not text are refused."""
    return _encode(value, _STRICT)


def canonical(value: Any) -> bytes:
    """Encode so that equal values give equal bytes: sorted keys, no spaces, UTF-8."""
    return _encode(value, _STRICT | orjson.OPT_SORT_KEYS)


def loads(text: bytes | str) -> Any:
    """Decode; what `dumps` refuses is refused here too, and no object has a meaning of its own."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as wrong:
        reason = wrong.msg
    # Raised outside the handler: the decoder's exception holds the whole document.
    raise NotJson(reason)


def _encode(value: Any, option: int) -> bytes:
    try:
        text = orjson.dumps(value, option=option)
    except TypeError:
        text = _named_plainly(value, option)
    if not text:
        raise NotJson("not a strict JSON value")
    # orjson writes null for what JSON has no word for; only then is the value walked.
    if b"null" in text and _endless(value):
        raise NotJson("NaN and infinities are not JSON")
    return text


def _named_plainly(value: Any, option: int) -> bytes:
    # SQLAlchemy's column names are a kind of str that orjson takes for no key.
    try:
        return orjson.dumps(_plain(value), option=option)
    except TypeError:
        return b""


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key) if isinstance(key, str) else key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _endless(value: Any) -> bool:
    inside = [value]
    while inside:  # no recursion: most of what is encoded has a null somewhere, and this took longer than encoding it
        one = inside.pop()
        if type(one) in _FINITE:
            continue
        if isinstance(one, dict):
            inside += one.values()
        elif isinstance(one, (list, tuple)):
            inside += one
        elif isinstance(one, float) and one - one != 0:
            return True
    return False


class _Seal:
    """AES-256-GCM. Each process has a salt, thus a key, of its own, so that its counter never repeats a nonce."""

    def __init__(self, message_key: bytes) -> None:
        if len(message_key) != 32:
            raise ValueError("the message key has 32 bytes")
        self.message_key = message_key
        self.cipher = lru_cache(maxsize=512)(self._cipher)
        self.renew()

    def renew(self) -> None:
        """Take a fresh salt: at start, and in a forked child, which would repeat its parent's nonces."""
        self.salt, self.numbers = os.urandom(_SALT), count()

    def seal(self, plain: bytes) -> bytes:
        nonce = next(self.numbers).to_bytes(_NONCE, "big")
        return b"".join((_ALGORITHM, self.salt, nonce, self.cipher(self.salt).encrypt(nonce, plain, _ALGORITHM)))

    def open(self, body: bytes) -> bytes:
        salt, nonce = body[1 : 1 + _SALT], body[1 + _SALT : 1 + _SALT + _NONCE]
        if body[:1] != _ALGORITHM or len(nonce) != _NONCE:
            raise Unreadable("not a sealed body")
        try:
            return self.cipher(salt).decrypt(nonce, body[1 + _SALT + _NONCE :], _ALGORITHM)
        except InvalidTag:
            raise Unreadable("not sealed by this installation") from None

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(HKDF(SHA256(), 32, salt, b"muniment message").derive(self.message_key))


_seal: _Seal | None = None


def register(message_key: bytes) -> None:
    """Make the two content types known to kombu; nothing is sealed or opened before this."""
    global _seal
    _seal = _Seal(message_key)
    kombu.serialization.register("muniment", seal, unseal, OURS, "binary")
    kombu.serialization.register("cloudevents", dumps, loads, CLOUDEVENTS, "utf-8")


def seal(value: Any) -> bytes:
    """A value as a body of type OURS."""
    return _registered().seal(dumps(value))


def unseal(body: bytes) -> Any:
    """The value of a body of type OURS."""
    return loads(_registered().open(bytes(body)))


def encode(value: Any, content_type: str) -> bytes:
    """A value as a body of one of the two content types."""
    return {OURS: seal, CLOUDEVENTS: dumps}[content_type](value)


def _registered() -> _Seal:
    if _seal is None:
        raise RuntimeError("codec.register(message_key) has not been called")
    return _seal


def _after_fork() -> None:
    if _seal is not None:
        _seal.renew()


os.register_at_fork(after_in_child=_after_fork)


def nameko_config(amqp_uri: str, workers: int = 32, **more: Any) -> dict[str, Any]:
    """The configuration every container runs with: these two content types and no other."""
    config = {
        "AMQP_URI": amqp_uri,
        "max_workers": workers,
        "HEARTBEAT": 10,
        "serializer": "muniment",
        "ACCEPT": list(NAMES),
        "SERVICE_CONTAINER_CLS": "chassis.containers.SafeContainer",
    }
    return {**config, **more}
