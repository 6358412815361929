#!/usr/bin/env python3
"""Check an evidence bundle of the Muniment ledger with nothing but Python's standard library.

    python3 -I verify.py [BUNDLE] [--key LINE] [--seen CHECKPOINT]

BUNDLE is the zip or the folder it was unpacked into (default: the folder of this file). --key is the log's public key
as you got it elsewhere; --seen is a checkpoint that you kept from before. Exit: 0 sound, 1 not sound, 2 cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import json
import pathlib
import sys
import zipfile
import zlib

FILES = "README.txt checkpoint.txt entries.jsonl key.txt leaves.bin manifest.txt regimes.json verify.py".split()
CANNOT_PROVE = (
    "What this cannot prove: that every act was journalled at its source; who sat behind an account; that the\n"
    "clock of the source was right; and, without --seen, that whoever holds the log's own key has not rewritten it\n"
    "all. Keep checkpoints of your own, and the key from elsewhere (--key)."
)
SKEW = datetime.timedelta(minutes=10)
MOST = 20


class Unreadable(Exception):
    """The bundle is not one, or a part of it cannot be read at all."""


class Report:
    """What was found; the first bad entry is the one with the least index."""

    def __init__(self):
        self.problems, self.count, self.size, self.origin, self.notes = [], 0, 0, "", []

    def add(self, what, index=None):
        if len(self.problems) < MOST:
            self.problems.append((index, what))

    @property
    def sound(self):
        return not self.problems

    @property
    def first_bad(self):
        return min((index for index, _ in self.problems if index is not None), default=None)

    def lines(self):
        for index, what in self.problems:
            yield f"NOT SOUND: {what}" if index is None else f"NOT SOUND: entry {index}: {what}"
        if self.first_bad is not None:
            yield f"The first bad entry is {self.first_bad}."
        if self.sound:
            yield f"SOUND: {self.count} entries of {self.origin}, under a signed tree of {self.size}."
        yield from self.notes
        yield CANNOT_PROVE


# ---- Ed25519, RFC 8032, verification only

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _add(a, b):
    w, x = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    y, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = x - w, z - y, z + y, x + w
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = _add(total, point)
        point, n = _add(point, point), n >> 1
    return total


def _point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(public, text, signature):
    """Whether the signature over the text is the key's."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % Q
    left, right = _times(s, BASE), _add(r, _times(h, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# ---- signed notes and checkpoints (C2SP)


def read_key(line):
    """The name and the 32 bytes of a key `name+id+base64`."""
    try:
        name, shown, encoded = line.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise Unreadable("the key is not a line name+id+base64") from error
    if raw[:1] != b"\x01" or len(raw) != 33 or key_id(name, raw[1:]).hex() != shown:
        raise Unreadable("the key is not an Ed25519 key, or its id is another's")
    return name, raw[1:]


def key_id(name, public):
    return hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]


def open_note(note, key):
    """The text of a note signed by the key, else None."""
    text, blank, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines() if blank else ():
        words = line.split(" ")
        if len(words) != 3 or words[:2] != ["\u2014", key[0]]:
            continue
        try:
            raw = base64.b64decode(words[2], validate=True)
        except ValueError:
            continue
        if raw[:4] == key_id(*key) and ed25519(key[1], (text + "\n").encode(), raw[4:]):
            return text + "\n"
    return None


def read_checkpoint(text):
    """The origin, size and root of a checkpoint."""
    try:
        origin, size, root = text.split("\n")[:3]
        return origin, int(size), base64.b64decode(root, validate=True)
    except ValueError as error:
        raise Unreadable("not a checkpoint") from error


# ---- the tree (RFC 6962)


class Peaks:
    """Complete subtrees from left to right: (level, hash)."""

    def __init__(self):
        self.level, self.hash = [], []

    def add(self, hash, level=0):
        levels, hashes, sha256 = self.level, self.hash, hashlib.sha256
        while levels and levels[-1] == level:
            levels.pop()
            hash = sha256(b"\x01" + hashes.pop() + hash).digest()
            level += 1
        levels.append(level)
        hashes.append(hash)

    def root(self):
        if not self.hash:
            return hashlib.sha256(b"").digest()
        root = self.hash[-1]
        for peak in self.hash[-2::-1]:
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root


def cover(begin, end):
    """The levels of the fewest complete subtrees over [begin, end)."""
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        yield level
        begin += 1 << level


# ---- the entries


class Chains:
    """Each source's numbers and hash chain, followed through the entries."""

    def __init__(self, report, whole):
        self.report, self.whole, self.at, self.latest = report, whole, {}, {}

    def follow(self, line, index):
        """Check that an entry follows from the last one of its source."""
        try:
            self._follow(line, index)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.report.add("it is not a journal entry", index)

    def _follow(self, line, index):
        entry = json.loads(line)
        source, number, previous = entry["source"], entry["number"], entry["previous"]
        bare, start = _without_previous(line, previous)
        number_before, chain, index_before = self.at.get(source, (0 if self.whole else None, bytes(32), None))
        if number_before is not None and number != number_before + 1:
            self.report.add(self._numbering(source, number, number_before), index)
        elif number_before is not None and start != chain:
            where = "" if index_before is None else f" (entry {index_before})"
            self.report.add(f"{source} {number} does not follow from {source} {number_before}{where}", index)
        self._dated(source, entry["at"], index)
        self.at[source] = number, hashlib.sha256(start + bare).digest(), index

    def _numbering(self, source, number, before):
        if number <= before:
            return f"{source} {number} comes again or out of order, after {source} {before}"
        return f"{source} {number} follows {source} {before}: {number - before - 1} missing"

    def _dated(self, source, at, index):
        latest = self.latest.setdefault(source, at)
        if at >= latest:
            self.latest[source] = at
        elif datetime.datetime.fromisoformat(latest) - datetime.datetime.fromisoformat(at) > SKEW:
            self.report.add(f"dated {at}, but {source} had come to {latest}", index)


def _without_previous(line, previous):
    # Keys are sorted, and only plain texts and numbers come after "previous": its last mention is the entry's own.
    mark = b',"previous":"' + previous.encode() + b'"'
    start = line.rindex(mark)
    return line[:start] + line[start + len(mark) :], bytes.fromhex(previous)


def walk(bundle, manifest, report, seen, progress):
    """Read every entry once, follow the chains, and give the root over all."""
    first, size, peaks = manifest["first"], manifest["size"], Peaks()
    for level, hash in zip(cover(0, first), manifest["left"], strict=True):
        peaks.add(bytes.fromhex(hash), level)
    chains, index, earlier = Chains(report, first == 0), first, {}
    strays: list[int] = []
    with _open(bundle, "entries.jsonl") as entries, _open(bundle, "leaves.bin") as leaves:
        while True:
            if index in seen:
                earlier[index] = peaks.root()
            line = _next_line(entries, index, report)
            if not line:
                break
            leaf = hashlib.sha256(b"\x00" + line).digest()
            if leaves.read(32) != leaf and not strays:
                strays.append(index)
                report.add("it differs from what was logged", index)
            peaks.add(leaf)
            chains.follow(line, index)
            index += 1
            if index % 50_000 == 0:
                progress(index - first)
        if not strays and leaves.read(1):
            report.add("leaves.bin goes on beyond the last entry", index)
    report.count = index - first
    if index != manifest["last"] + 1:
        return report.add(f"the bundle ends here; it was made with entries to {manifest['last']}", index), earlier
    for level, hash in zip(cover(index, size), manifest["right"], strict=True):
        peaks.add(bytes.fromhex(hash), level)
    return peaks.root(), earlier


def _next_line(entries, index, report):
    try:
        line = entries.readline()
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        return report.add(f"the file is damaged here ({type(error).__name__})", index)
    if line and not line.endswith(b"\n"):
        report.add("its line is cut off", index)
    return line.rstrip(b"\n") or (report.add("an empty line", index) if line else None)


# ---- the bundle


def _open(bundle, name):
    return (bundle / name).open("rb")


def _read(bundle, name):
    try:
        with _open(bundle, name) as stream:
            return stream.read()
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise Unreadable(f"{name} cannot be read") from error


def _bundle(path):
    path = pathlib.Path(path)
    if path.is_dir():
        return path
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise Unreadable(f"{path} is not a bundle") from error
    if sorted(archive.namelist()) != sorted(FILES):
        raise Unreadable("a file is missing from the bundle, or one too many is in it")
    return zipfile.Path(archive)


def verify(path, key=None, seen=(), progress=lambda done: None):
    """Check a bundle; `key` is a key line, `seen` are texts of checkpoints kept from before."""
    try:
        return _verify(_bundle(path), key, seen, progress)
    except (ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error, OSError) as error:
        raise Unreadable(f"the bundle is damaged ({type(error).__name__})") from error


def _verify(bundle, key, seen, progress):
    report, own = Report(), read_key(_read(bundle, "key.txt").decode())
    trusted = read_key(key) if key else own
    if trusted != own:
        report.add("the bundle carries another key than the log's")
    if not key:
        report.notes.append("The key was taken from the bundle itself.")
    checkpoint = open_note(_read(bundle, "checkpoint.txt").decode(), trusted)
    manifest = open_note(_read(bundle, "manifest.txt").decode(), trusted)
    if checkpoint is None or manifest is None:
        report.add("the checkpoint or the manifest is not signed by the log's key")
        return report
    report.origin, report.size, root = read_checkpoint(checkpoint)
    manifest = _manifest(bundle, manifest, report)
    kept = _kept(seen, trusted, report)
    found, earlier = walk(bundle, manifest, report, {size for size, _ in kept}, progress)
    if found is not None and found != root:
        report.add("the entries are not those of the signed tree")
    for size, was in kept:
        _compare(size, was, earlier, report)
    return report


def _manifest(bundle, text, report):
    title, body = text.split("\n")[:2]
    manifest = json.loads(body)
    if title != "muniment evidence bundle 1" or (manifest["origin"], manifest["size"]) != (report.origin, report.size):
        raise Unreadable("the manifest belongs to another bundle")
    for name, digest in manifest["files"].items():
        if hashlib.sha256(_read(bundle, name)).hexdigest() != digest:
            raise Unreadable(f"{name} was changed after the bundle was made")
    for digest, regime in json.loads(_read(bundle, "regimes.json")).items():
        if regime is not None and hashlib.sha256(regime.encode()).hexdigest() != digest:
            report.add(f"the text of regime {digest} is another")
    return manifest


def _kept(seen, key, report):
    kept = []
    for note in seen:
        text = open_note(note, key)
        if text is None or read_checkpoint(text)[0] != report.origin:
            report.add("the checkpoint you kept is not signed by this key: the key or the log is another")
        else:
            kept.append(read_checkpoint(text)[1:])
    return kept


def _compare(size, was, earlier, report):
    if size > report.size:
        report.add(f"the log had {size} entries when you kept its checkpoint: the end is cut off", report.size)
    elif size not in earlier:
        report.add(f"the checkpoint you kept ({size}) lies outside this bundle: ask for one from entry 0")
    elif earlier[size] != was:
        report.add(f"the log was rewritten: its first {size} entries are not those of the checkpoint you kept")


def main(arguments=None):
    """Run the check and give the exit code."""
    words = argparse.ArgumentParser(description="Check an evidence bundle of the Muniment ledger.")
    words.add_argument("bundle", nargs="?", default=str(pathlib.Path(__file__).parent))
    words.add_argument("--key", help="the log's public key, got from elsewhere")
    words.add_argument("--seen", action="append", default=[], help="a file with a checkpoint kept from before")
    given = words.parse_args(arguments)
    try:
        seen = [pathlib.Path(name).read_text(encoding="utf-8") for name in given.seen]
        report = verify(given.bundle, given.key, seen, lambda done: print(f"... {done} entries", file=sys.stderr))
    except (Unreadable, OSError, ValueError) as error:
        print(f"CANNOT BE READ: {error}")
        return 2
    print("\n".join(report.lines()))
    return 0 if report.sound else 1


if __name__ == "__main__":
    sys.exit(main())
