"""Documents say what is: made ones are up to date, and commands, links, settings and tests that they name exist."""

from __future__ import annotations

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import click
import pytest

from cli import documents
from cli.main import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
UNRELEASED = {"docs/benchmarks.md"}  # written by a measurement on the reader's machine


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def commands(name: str) -> list[list[str]]:
    """The commands that a page shows, as words, without what follows a hash."""
    blocks = re.findall(r"^```.*?^```", read(name), re.M | re.S)
    spans = re.findall(r"`((?:make|muniment) [^`\n]+)`", re.sub(r"^```.*?^```", "", read(name), flags=re.M | re.S))
    shown = [line for block in blocks for line in block.splitlines() if re.match(r"(make|muniment) ", line)]
    return [shlex.split(text, comments=True) for text in (*shown, *spans)]


@pytest.mark.parametrize("name", sorted(documents.documents()))
def test_made_documents_are_up_to_date(name: str) -> None:
    """A code or an event that nobody can look up is half a code."""
    assert read(f"docs/{name}") == documents.documents()[name], "renew it: .venv/bin/python -m cli.documents"


def test_every_code_says_how_it_arrives() -> None:
    from gateway.problems import titles

    known = documents.statuses()
    assert [code for code in ("record.destroyed", "right.missing", "audit.lagging") if code not in known] == []
    assert known["record.destroyed"] == {"410"} and known["audit.lagging"] == {"503"}
    assert set(known) <= set(titles())


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_that_a_page_shows_exists(name: str) -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", read("Makefile")))
    shown = {words[1] for words in commands(name) if words[0] == "make"}

    assert shown - targets == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_subcommand_and_option_that_a_page_shows_exists(name: str) -> None:
    assert [" ".join(words) for words in commands(name) if words[0] == "muniment" and not known(words[1:])] == []


def known(words: list[str]) -> bool:
    """Whether our command has such a subcommand, with the options shown."""
    if words[0] not in COMMANDS:
        return False
    try:
        command = main.get_command(click.Context(main), words[0])
    except ModuleNotFoundError:
        return False
    rest = words[1:]
    if isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command, rest = command.commands.get(rest[0]), rest[1:]
    options = {option for parameter in getattr(command, "params", []) for option in parameter.opts}
    return command is not None and {word for word in rest if word.startswith("--")} <= options | {"--help"}


@pytest.mark.parametrize("name", READMES)
def test_readme_names_every_command_and_setting(name: str) -> None:
    text = read(name)
    settings = re.findall(r'env\.\w+\("([A-Z_]+)"', read("chassis/settings.py"))

    assert [command for command in COMMANDS if f"muniment {command}" not in text] == []
    assert len(settings) > 6 and [setting for setting in settings if f"`{setting}`" not in text] == []


def test_defaults_of_the_settings_are_those_of_the_code() -> None:
    defaults = re.findall(r'env\.\w+\("([A-Z_]+)", "?([^")]+)"?\)', read("chassis/settings.py"))
    rows = dict(re.findall(r"(?m)^\| `([A-Z_]+)` \| `([^`]*)`", read("README.md")))

    literal = {key: value for key, value in defaults if not value.startswith(("str(", "database_url"))}
    assert literal and {key: rows.get(key) for key in literal} == literal


def test_both_readmes_show_the_same_commands_and_rows() -> None:
    assert [words[:3] for words in commands(READMES[0])] == [words[:3] for words in commands(READMES[1])]
    assert read(READMES[0]).count("\n|") == read(READMES[1]).count("\n|")
    assert links(READMES[0]) - set(READMES) == links(READMES[1]) - set(READMES)


def links(name: str) -> set[str]:
    """Where a page leads to inside the tree."""
    found = re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(name))
    return {link for link in found if "://" not in link}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    here = (ROOT / name).parent

    assert [link for link in links(name) if not (here / link).exists()] == []


@cache
def functions_of(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_a_guarantee_names_exists() -> None:
    """A promise that leans on a test which is not there leans on nothing."""
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", read("docs/guarantees.md"))
    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (ROOT / "tests" / path).is_file() or test not in functions_of(ROOT / "tests" / path)
    ]

    assert len(named) > 30
    assert missing == []


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("docs/") or name in READMES])
def test_files_that_a_page_names_exist(name: str) -> None:
    spans = re.findall(r"`((?:chassis|vault|regimes|services|gateway|cli|demo|tests|ops|docs)/[\w./-]*)`", read(name))

    assert [span for span in spans if span not in UNRELEASED and not (ROOT / span).exists()] == []


def test_no_page_gives_a_figure_that_was_measured_elsewhere() -> None:
    """Rates belong to the run and the machine that they were measured on."""
    for name in (*READMES, "docs/architecture.md", "docs/guarantees.md"):
        assert re.findall(r"\d[\d,.]*\s*(?:req/s|rows/s|/s\b|ms\b)", read(name)) == [], name
