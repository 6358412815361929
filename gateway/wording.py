"""What is said to people in their language: a code by title and remedy, a detail with its limits, a field by name."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
PLACE = re.compile(r"\{(\w+)\}")
SPACED = re.compile(
    r" ?\{(\w+)\} ?"
)  # a name in Latin letters stands apart from the Chinese around it; a word does not
JOINED = {", ": "、", " or ": "或", " and ": "和"}
# What is wrong in a table is told with its place: "row 2, Date (日期): …".
ROW = re.compile(r"row (?P<row>\d+)(?:, (?P<en>[^:]+?) \((?P<zh>[^:]+?)\))?: (?P<said>.+)", re.DOTALL)


@lru_cache(maxsize=1)
def titles() -> dict[str, dict[str, Any]]:
    """Every code with its title and remedy in both languages."""
    return yaml.safe_load((HERE / "titles.yaml").read_text(encoding="utf-8"))


def of(code: str) -> dict[str, Any]:
    """Title and remedy of a code; a code without any is a bug, and says at least that it is a refusal."""
    return titles().get(code) or titles()["refusal.untitled"]


def detail(code: str, said: str, language: str) -> str:
    """What a rule says, with its limits and names; where there are no words for it, the title of its code."""
    if placed := ROW.fullmatch(said):
        return _in_row(placed, detail(code, placed["said"], language), language)
    if language == "en":
        return said
    return chinese(said) or str(of(code)[language])


def _in_row(placed: re.Match[str], said: str, language: str) -> str:
    """The same, of a row and column of a table."""
    if language == "en":
        return f"row {placed['row']}{', ' + placed['en'] if placed['en'] else ''}: {said}"
    return f"第 {placed['row']} 行{'，' + placed['zh'] if placed['zh'] else ''}：{said}"


def line(error: dict[str, Any], language: str) -> dict[str, Any]:
    """One thing that is wrong: where, by which rule, what to do; the field also by the name that people know."""
    code = str(error.get("code"))
    named = {"field": error["label"][language]} if "label" in error else {}
    said = detail(code, str(error.get("detail") or ""), language) or of(code)[language]
    plain = {name: value for name, value in error.items() if name != "label"}
    return {**plain, **named, "detail": said, "remedy": of(code)["remedy"][language]}


def told(refusal: dict[str, Any], language: str) -> dict[str, Any]:
    """Why something that runs in the background came to no end."""
    known = of(refusal["code"])
    said = detail(refusal["code"], refusal["detail"], language)
    return {**refusal, "title": known[language], "detail": said, "remedy": known["remedy"][language]}


def sentence(line: dict[str, Any]) -> dict[str, Any]:
    """A line of a timeline in which the code of a refusal is said in words; a code without words stays as it is."""
    code, known = line.get("code"), titles().get(str(line.get("code")))
    if not known:
        return line
    return {**line, **{language: line[language].replace(code, known[language]) for language in ("en", "zh")}}


@lru_cache(maxsize=4096)
def chinese(said: str) -> str | None:
    """The sentence in Chinese; None where nobody has written it down."""
    exact, patterns = _known()
    if said in exact:
        return exact[said]
    found = ((pattern.fullmatch(said), zh) for pattern, zh in patterns)
    return next((_filled(zh, match.groupdict()) for match, zh in found if match), None)


def _filled(zh: str, named: dict[str, str]) -> str:
    """The sentence with its names: rights, states and roles in words, what a regime names itself as it is."""

    def put(place: re.Match[str]) -> str:
        said, word = named[place[1]], _worded(place[1], named[place[1]])
        return place[0].replace(f"{{{place[1]}}}", said) if word == said else word

    return SPACED.sub(put, zh)


def _worded(place: str, said: str) -> str:
    known = words().get(place, {})
    for between, joined in JOINED.items() if known else ():
        if between in said:
            return joined.join(_worded(place, one) for one in said.split(between))
    role, within, where = said.partition(" in ")
    return f"{known.get(where, where)}的{known.get(role, role)}" if within and known else known.get(said, said)


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """The Chinese words for what every regime shares, by the place they take in a sentence."""
    return yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _known() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    sentences: dict[str, str] = yaml.safe_load((HERE / "details.yaml").read_text(encoding="utf-8"))
    # What says less and begins with a name fits more; it is tried later.
    said = {en: len(PLACE.sub("", en)) for en in sentences if PLACE.search(en)}
    named = sorted(said, key=lambda en: (en.startswith("{"), -said[en]))
    return sentences, [(re.compile(_pattern(en), re.DOTALL), sentences[en]) for en in named]


def _pattern(sentence: str) -> str:
    parts = PLACE.split(sentence)
    return "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
