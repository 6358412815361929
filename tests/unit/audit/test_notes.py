"""Checkpoints and signed notes, and the verifier's own Ed25519 against the library's."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.ledger import verify
from services.audit.ledger.checkpoint import BadNote, Checkpoint, SigningKey, VerifierKey, opened, parse
from tests.unit.audit.ledgers import KEY, OTHER_KEY

# RFC 8032, 7.1, tests 1 to 3: seed, public key, message, signature.
RFC8032 = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),  # noqa: E501
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),  # noqa: E501
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize("seed, public, message, signature", RFC8032)
def test_published_signatures_are_taken(seed, public, message, signature):
    given = [bytes.fromhex(text) for text in (public, message, signature)]
    assert verify.ed25519(*given)


def test_the_verifiers_own_ed25519_agrees_with_the_library_and_takes_no_flipped_bit():
    for length in range(0, 60, 20):
        private, text = Ed25519PrivateKey.generate(), os.urandom(length)
        public, signature = private.public_key().public_bytes_raw(), private.sign(text)
        assert verify.ed25519(public, text, signature)
        for at in range(0, 64, 7):
            flipped = bytearray(signature)
            flipped[at] ^= 1
            assert not verify.ed25519(public, text, bytes(flipped))
        assert not verify.ed25519(public, text + b"x", signature)


def test_a_signature_with_the_group_order_added_is_refused():
    """
    RFC 8032 wants s below the order, or a signature could be changed without the key.
    """
    private = Ed25519PrivateKey.generate()
    signature = private.sign(b"text")
    longer = int.from_bytes(signature[32:], "little") + verify.Q
    forged = signature[:32] + longer.to_bytes(32, "little")
    assert not verify.ed25519(private.public_key().public_bytes_raw(), b"text", forged)


def test_a_checkpoint_is_three_lines_a_blank_one_and_a_signature():
    text = Checkpoint("test.example/ledger", 7, bytes(32)).text()
    note = KEY.sign(text)
    lines = note.split("\n")
    assert lines[:3] == ["test.example/ledger", "7", "A" * 43 + "="]
    assert lines[3] == "" and lines[4].startswith("\u2014 test.example/ledger ") and lines[5:] == [""]
    assert opened(note, KEY.verifier) == text and parse(text).size == 7
    assert verify.open_note(note, verify.read_key(KEY.verifier.line())) == text


def test_a_note_of_another_key_is_not_opened():
    note = OTHER_KEY.sign("text\n")
    with pytest.raises(BadNote):
        opened(note, KEY.verifier)
    assert verify.open_note(note, verify.read_key(KEY.verifier.line())) is None


def test_a_note_is_opened_among_the_signatures_of_others():
    note = KEY.sign("text\n")
    cosigned = note + SigningKey.from_seed("witness.example", bytes(32)).sign("text\n").split("\n\n")[1]
    assert opened(cosigned, KEY.verifier) == "text\n"
    assert verify.open_note(cosigned, verify.read_key(KEY.verifier.line())) == "text\n"


def test_the_published_example_key_of_signed_notes_has_its_published_id():
    """
    From the documentation of golang.org/x/mod/sumdb/note.
    """
    line = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert VerifierKey.parse(line).line() == line


@pytest.mark.parametrize("line", ["x", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"])
def test_a_key_with_another_id_is_refused(line):
    with pytest.raises(ValueError):
        VerifierKey.parse(line)
    with pytest.raises(verify.Unreadable):
        verify.read_key(line)


@pytest.mark.parametrize("size", ["-1", "01", "1_0", " 1", "+1", "\u0661", ""])
def test_a_size_that_is_no_plain_number_is_refused(size):
    with pytest.raises(ValueError):
        parse(f"origin\n{size}\n{'A' * 43}=\n")
