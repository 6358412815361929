"""Installing a Debian package whose server must not start: the policy stands before the package comes."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.nodes.processes import NodeFailed, is_root

_POLICY = Path("/usr/sbin/policy-rc.d")


def can_install() -> bool:
    return is_root() and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def install(package: str) -> None:
    """Install by apt, keeping the system's own server from starting, and say so."""
    print(f"\n{package} is not installed: installing it by apt, without starting it", file=sys.stderr, flush=True)
    with _nothing_starts():
        _apt("update", "-q")
        _apt("install", "-y", "-q", "--no-install-recommends", package)


@contextlib.contextmanager
def _nothing_starts() -> Iterator[None]:
    before = _POLICY.read_bytes() if _POLICY.exists() else None
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        if before is None:
            _POLICY.unlink()
        else:
            _POLICY.write_bytes(before)


def _apt(*arguments: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise NodeFailed(f"apt-get {arguments[0]} failed: {done.stderr.strip()[-800:]}")
