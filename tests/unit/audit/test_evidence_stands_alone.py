"""What a stranger does with a bundle: one file of Python, no package of ours, an exit code."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.audit import audit
from services.audit.ledger import verify
from tests.unit.audit.ledgers import KEY, a_bundle, a_checkpoint, a_log, with_entries

LOG = a_log(40)


@pytest.fixture
def unpacked(tmp_path):
    """A bundle unpacked into an empty folder."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(a_bundle(LOG))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "evidence")
    return tmp_path / "evidence"


def run(folder, *arguments):
    """Run the verifier that came in the bundle, alone and in isolated mode."""
    command = [sys.executable, "-I", "-S", "verify.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PYTHONUTF8": "1"})


def test_the_verifier_needs_the_standard_library_only():
    tree = ast.parse(Path(verify.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names | froms <= set(sys.stdlib_module_names)


def test_an_unpacked_bundle_checks_itself(unpacked):
    done = run(unpacked, "--key", KEY.verifier.line())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SOUND: 40 entries" in done.stdout and "cannot prove" in done.stdout


def test_one_changed_byte_is_named_and_gives_an_exit_code(unpacked):
    lines = (unpacked / "entries.jsonl").read_bytes().splitlines(keepends=True)
    lines[17] = lines[17].replace(b'"ana"', b'"anb"', 1)
    (unpacked / "entries.jsonl").write_bytes(b"".join(lines))
    done = run(unpacked)
    assert done.returncode == 1 and "The first bad entry is 17." in done.stdout


def test_what_is_no_bundle_gives_another_exit_code(unpacked):
    (unpacked / "manifest.txt").unlink()
    assert run(unpacked).returncode == 2
    assert run(unpacked, "nowhere.zip").returncode == 2


def test_the_command_runs_the_same_verifier(tmp_path):
    sound, spoiled, seen = tmp_path / "a.zip", tmp_path / "b.zip", tmp_path / "seen.txt"
    sound.write_bytes(a_bundle(LOG))
    spoiled.write_bytes(with_entries(a_bundle(LOG), LOG[:3] + LOG[4:]))
    seen.write_text(a_checkpoint(LOG[:9]), encoding="utf-8")
    given = ["--key", KEY.verifier.line(), "--seen", str(seen)]
    assert CliRunner().invoke(audit, ["verify", str(sound), *given]).exit_code == 0
    answer = CliRunner().invoke(audit, ["verify", str(spoiled), *given])
    assert answer.exit_code == 1 and "The first bad entry is 3." in answer.output
    assert CliRunner().invoke(audit, ["verify"]).exit_code == 2
