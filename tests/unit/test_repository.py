"""Checks of the tree itself: what may not stand in it, and what must agree."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("chassis", "vault", "regimes", "services", "gateway", "cli", "demo")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".yaml",
    ".yml",
    ".json",
    ".html",
    ".css",
    ".js",
    ".sh",
    ".conf",
    ".csv",
    "",
}
REFUSAL = re.compile(r"\b(?:Refused|Invalid|Forbidden|NotFound|Conflict|Unavailable)\(\s*[\"']([a-z_]+\.[a-z_.]+)[\"']")
# Written in pieces, so that this file does not hold what it looks for.
REGISTRIES = [
    "pypi." + "org",
    "pythonhosted." + "org",
    "npmjs." + "org",
    "npmjs." + "com",
    "crates." + "io",
    "deb.debian." + "org",
]
MACHINE_PATHS = ["/" + "work/", "/" + "root/", "/home/" + "user", "/opt/" + "wheels", "/opt/" + "pypi"]
WAITING = re.compile(r"\bsleep" + r"\(")


def tracked() -> list[Path]:
    """Every file that is, or would be, part of the repository."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True)
    if listed.returncode == 0:
        return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]
    return [p for p in ROOT.rglob("*") if p.is_file() and not {".venv", "build", "__pycache__"} & set(p.parts)]


FILES = tracked()


def lines() -> Iterator[tuple[str, str]]:
    """Each line of text in the tree, with its place."""
    for path in (p for p in FILES if p.suffix in TEXT and p.stat().st_size < 4_000_000):
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def sources(*folders: str) -> list[Path]:
    return [p for p in FILES if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in folders]


@pytest.mark.parametrize("banned", [REGISTRIES, MACHINE_PATHS], ids=["registry addresses", "paths of one machine"])
def test_tree_names_no_registry_and_no_machine(banned: list[str]) -> None:
    """A clone must install from whatever registry its owner trusts, on whatever machine."""
    found = [f"{place}: {word}" for place, line in lines() for word in banned if word in line]

    assert found == []


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert len(entries) > 40
    assert [e for e in entries if not re.match(r"\S+==\S+ \\\n +--hash=sha256:[0-9a-f]{64}", e)] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    said = [re.sub(r"s$", "", part) for p in FILES if p.suffix == ".py" for part in (p.stem, p.parent.name)]

    assert {"util", "common", "helper", "manager", "base", "misc"} & set(said) == set()


def test_no_test_waits_for_time() -> None:
    """Tests wait for a condition; a nap is either too short or too long."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("tests")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if WAITING.search(line) and "pg_sleep" not in line
    ]

    assert found == []


# It goes out with every evidence bundle and runs alone at a stranger's, with nothing but Python: one file, read whole.
SHIPPED_ALONE = {"services/audit/ledger/verify.py": 420}


def budget(path: Path) -> int:
    """How many lines a file may have."""
    name = path.relative_to(ROOT)
    return SHIPPED_ALONE.get(str(name), 500 if name.parts[0] == "tests" else 300)


def test_files_keep_to_their_budget() -> None:
    long = [p for p in sources(*PACKAGES, "tests") if len(p.read_text().splitlines()) > budget(p)]

    assert [str(p.relative_to(ROOT)) for p in long] == []


def test_every_module_says_in_a_line_what_it_is_for() -> None:
    modules = [p for p in sources(*PACKAGES) if p.name != "__init__.py" and "versions" not in p.parts]

    assert [str(p.relative_to(ROOT)) for p in modules if not ast.get_docstring(ast.parse(p.read_text()))] == []


def test_every_code_has_a_title_in_both_languages() -> None:
    """A refusal reaches people through its title; the code alone is for programs."""
    titles = yaml.safe_load((ROOT / "gateway" / "titles.yaml").read_text("utf-8"))
    used = {code for path in sources(*PACKAGES) for code in REFUSAL.findall(path.read_text())}
    titled = {code for code, title in titles.items() if title.get("en") and title.get("zh")}

    assert sorted(used - titled) == []
    assert sorted(set(titles) - titled) == []


def headings(path: Path) -> list[int]:
    """The levels of a document's headings, in order; code blocks are not looked into."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.M | re.S)
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]


def test_both_readmes_have_the_same_parts() -> None:
    assert headings(ROOT / "README.md") == headings(ROOT / "README.zh-CN.md") != []


def test_the_process_dies_in_a_test_at_every_failpoint() -> None:
    """What is called a place to die at is one: each is told to a process in a fault test, and none is told in vain."""
    passed = re.compile(r"\bfailpoint\((.*?)\)")
    told = re.compile(r"[\"']([a-z_]+\.[a-z_]+):(?:\d+|\{)")
    code = "\n".join(path.read_text() for path in sources(*PACKAGES) if path.name != "failpoints.py")
    tests = "\n".join(path.read_text() for path in FILES if path.match("tests/faults/test_*_crashes.py"))

    assert {*passed.findall(code)} == {f'"{place}"' for place in told.findall(tests)}
