"""The key-encryption key. `wrap` and `unwrap` are the seam for a key service; here the key lies in a file.

Guarantee: a wrapped key opens only under its own id and the version of the key that wrapped it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.framing import framed
from vault.refusals import seal_broken
from vault.tokens import search_key

KEY, NONCE = 32, 12
# Version 0 is the index key, which no rotation changes; below it are the keys of search, -1 the second generation.
Secrets = dict[int, bytes]


def wrap(kek: bytes, kek_version: int, key_id: str, dek: bytes) -> bytes:
    """Seal a data key under one version of the key-encryption key."""
    return _wrap(AESGCM(kek), kek_version, key_id, dek)


def _wrap(cipher: AESGCM, kek_version: int, key_id: str, dek: bytes) -> bytes:
    nonce = os.urandom(NONCE)  # one wrap per data key: far below the 2**32 that random nonces allow per version
    return nonce + cipher.encrypt(nonce, dek, _bound(key_id, kek_version))


def unwrap(kek: bytes, kek_version: int, key_id: str, wrapped: bytes) -> bytes:
    """Open a data key; refused when anything was changed or exchanged."""
    try:
        return AESGCM(kek).decrypt(wrapped[:NONCE], wrapped[NONCE:], _bound(key_id, kek_version))
    except (InvalidTag, ValueError):
        raise seal_broken() from None


def _bound(key_id: str, kek_version: int) -> bytes:
    return framed("muniment.dek", key_id, kek_version)


class KeyFile:
    """A file of mode 0600 with the versions of the key-encryption key and the index key, one `version hex` a line."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._secrets = self._read()
        self._first_search = search_key(self.index_key)  # no rotation changes the index key

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> KeyFile:
        """Make a new file; never over an old one, because what the old key sealed would be lost."""
        secrets = {0: os.urandom(KEY), 1: os.urandom(KEY)}
        _write_new(Path(path), secrets)
        return cls(path)

    @property
    def version(self) -> int:
        """The version new keys are wrapped under, also one that another process has made since."""
        if self._stamp() != self._seen:
            self._secrets = self._read()
        return max(self._secrets)

    @property
    def index_key(self) -> bytes:
        """The key of blind tokens, which is never a data key."""
        return self._secrets[0]

    def search_keys(self) -> dict[int, bytes]:
        """The keys of search by generation, also those that another process has made since."""
        if self._stamp() != self._seen:
            self._secrets = self._read()
        return {0: self._first_search} | {-n: key for n, key in self._secrets.items() if n < 0}

    def rotate_search(self) -> int:
        """Add a generation of the search key; records are indexed anew under it by and by."""
        secrets = self._read()
        newest = min(0, *secrets) - 1
        self._replace({**secrets, newest: os.urandom(KEY)})
        return -newest

    def retire_search(self, before: int) -> None:
        """Forget the generations below `before`, under which nothing is indexed any more."""
        self._replace({n: key for n, key in self._read().items() if n >= 0 or -n >= before})

    def wrap(self, key_id: str, dek: bytes) -> tuple[int, bytes]:
        """The version used and the wrapped key; looks whether another process has rotated since."""
        version, [wrapped] = self.wrap_all([(key_id, dek)])
        return version, wrapped

    def wrap_all(self, keys: Iterable[tuple[str, bytes]]) -> tuple[int, list[bytes]]:
        """The same for many keys under one version, looking once."""
        if self._stamp() != self._seen:
            self._secrets = self._read()
        version = self.version
        cipher = AESGCM(self._secrets[version])
        return version, [_wrap(cipher, version, key_id, dek) for key_id, dek in keys]

    def unwrap(self, kek_version: int, key_id: str, wrapped: bytes) -> bytes:
        """Open a data key; a version made by another process since is looked up in the file."""
        if kek_version not in self._secrets:
            self._secrets = self._read()
        if kek_version < 1 or kek_version not in self._secrets:
            raise seal_broken()
        return unwrap(self._secrets[kek_version], kek_version, key_id, wrapped)

    def rotate(self) -> int:
        """Add a version; old ones stay readable until `retire`."""
        secrets = self._read()
        secrets[max(secrets) + 1] = os.urandom(KEY)
        self._replace(secrets)
        return self.version

    def retire(self, before: int) -> None:
        """Forget every version below `before`: what is still wrapped under them anywhere, backups included, is gone."""
        kept = self._read()
        newest = max(kept)
        self._replace({n: key for n, key in kept.items() if n <= 0 or n == newest or n >= before})

    def _replace(self, secrets: Secrets) -> None:
        beside = self.path.with_name(self.path.name + ".new")
        beside.unlink(missing_ok=True)
        _write_new(beside, secrets)
        os.replace(beside, self.path)
        self._secrets = self._read()

    def _stamp(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns

    def _read(self) -> Secrets:
        self._seen = self._stamp()
        found = self.path.stat()
        mode = stat.S_IMODE(found.st_mode)
        # A mounted secret belongs to somebody else: who may read it is the platform's to say.
        if mode & 0o077 and found.st_uid == os.getuid():
            raise PermissionError(f"{self.path} is readable by others (mode {mode:04o}); chmod 600 it")
        lines = (line.split() for line in self.path.read_text("ascii").splitlines() if line)
        secrets = {int(version): bytes.fromhex(key) for version, key in lines}
        if 0 not in secrets or max(secrets) < 1 or any(len(key) != KEY for key in secrets.values()):
            raise ValueError(f"{self.path} is not a key file")
        return secrets


def _write_new(path: Path, secrets: Secrets) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.writelines(f"{version} {key.hex()}\n" for version, key in sorted(secrets.items()))
        file.flush()
        os.fsync(file.fileno())
