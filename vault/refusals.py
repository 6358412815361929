"""What the vault says when it cannot or will not open something; never a value, never a key."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.errors import Conflict, Unavailable, deserialize_to_instance


@deserialize_to_instance
class KeyGone(Conflict):
    """The key was destroyed or never existed: what it sealed cannot be opened by anybody."""


@deserialize_to_instance
class SealBroken(Unavailable):
    """What is stored is not what was sealed here: one answer for every manipulation, so that none can be told apart."""


def key_gone(ids: Iterable[str]) -> KeyGone:
    """The refusal that names the missing keys by id."""
    return KeyGone("key.gone", "the key was destroyed or never existed", {"keys": sorted(ids)})


def seal_broken() -> SealBroken:
    """The one refusal for everything that does not open."""
    return SealBroken("seal.broken", "the stored value is not what was sealed here")
