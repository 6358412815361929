"""The key file: private, never overwritten, rotated without losing what older versions sealed."""

from __future__ import annotations

import os

import pytest

from vault.kek import KeyFile, unwrap, wrap
from vault.refusals import SealBroken

DEK = os.urandom(32)


@pytest.fixture
def path(tmp_path):
    KeyFile.create(tmp_path / "kek")
    return tmp_path / "kek"


def test_a_key_file_is_private_and_made_only_when_asked(tmp_path):
    with pytest.raises(FileNotFoundError):
        KeyFile(tmp_path / "kek")

    KeyFile.create(tmp_path / "kek")

    assert (tmp_path / "kek").stat().st_mode & 0o777 == 0o600


def test_an_existing_key_file_is_never_overwritten(path):
    with pytest.raises(FileExistsError):
        KeyFile.create(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(path, mode):
    path.chmod(mode)

    with pytest.raises(PermissionError, match="chmod 600"):
        KeyFile(path)


@pytest.mark.parametrize("text", ["", "1 " + "00" * 32, "0 " + "00" * 32 + "\n1 00"])
def test_a_file_that_is_no_key_file_is_refused(path, text):
    path.write_text(text)

    with pytest.raises(ValueError):
        KeyFile(path)


def test_every_bit_flip_of_a_wrapped_key_is_refused(path):
    kek = bytes(32)
    wrapped = wrap(kek, 1, "key-1", DEK)

    for bit in range(len(wrapped) * 8):
        changed = bytearray(wrapped)
        changed[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(SealBroken):
            unwrap(kek, 1, "key-1", bytes(changed))


@pytest.mark.parametrize(("version", "key_id"), [(2, "key-1"), (1, "key-2")])
def test_a_wrapped_key_opens_only_under_its_id_and_version(version, key_id):
    wrapped = wrap(bytes(32), 1, "key-1", DEK)

    with pytest.raises(SealBroken):
        unwrap(bytes(32), version, key_id, wrapped)


@pytest.mark.parametrize("wrapped", [b"", b"short", b"\0" * 12])
def test_rubbish_is_refused_like_a_broken_seal(wrapped):
    with pytest.raises(SealBroken):
        unwrap(bytes(32), 1, "key-1", wrapped)


def test_a_rotation_is_seen_by_a_process_that_had_read_the_file_before(path):
    mine, theirs = KeyFile(path), KeyFile(path)
    old = mine.wrap("key-1", DEK)

    theirs.rotate()
    version, wrapped = theirs.wrap("key-1", DEK)

    assert version == 2
    assert mine.unwrap(version, "key-1", wrapped) == DEK
    assert theirs.unwrap(old[0], "key-1", old[1]) == DEK
    assert mine.wrap("key-2", DEK)[0] == 2


def test_a_retired_version_opens_nothing_and_the_index_key_stays(path):
    kek = KeyFile(path)
    index_key, (version, wrapped) = kek.index_key, kek.wrap("key-1", DEK)

    kek.rotate()
    kek.retire(before=2)

    with pytest.raises(SealBroken):
        KeyFile(path).unwrap(version, "key-1", wrapped)
    assert KeyFile(path).index_key == index_key
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_newest_version_cannot_be_retired(path):
    kek = KeyFile(path)
    kek.retire(before=99)

    assert KeyFile(path).version == 1


def test_the_index_key_is_no_data_key(path):
    _, wrapped = KeyFile(path).wrap("key-1", DEK)

    with pytest.raises(SealBroken):
        KeyFile(path).unwrap(0, "key-1", wrapped)


def test_many_keys_are_wrapped_like_one_under_a_version_that_another_process_made(path):
    ours, theirs = KeyFile(path), KeyFile(path)
    theirs.rotate()

    version, wrapped = ours.wrap_all((f"key{number}", DEK) for number in range(3))

    assert version == 2 and len(set(wrapped)) == 3
    assert all(theirs.unwrap(version, f"key{number}", one) == DEK for number, one in enumerate(wrapped))
    with pytest.raises(SealBroken):
        theirs.unwrap(version, "key1", wrapped[0])
