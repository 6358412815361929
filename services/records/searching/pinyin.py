"""How Chinese names are spoken and abbreviated: syllables without tones, initials, and letters cut into syllables."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import product

from pypinyin.constants import PHRASES_DICT
from pypinyin.pinyin_dict import pinyin_dict

MOST_WAYS = 12  # of cutting one run of letters into syllables
VOWELS = frozenset("aeiouv")
HAN = (("\u4e00", "\u9fff"), ("\u3400", "\u4dbf"))
TONED = re.compile(r"(?:[a-z]+[1-5])+")
# Surnames that are spoken otherwise than the same sign elsewhere; both ways are found.
SURNAMES = {
    "万俟": "mo qi", "尉迟": "yu chi", "澹台": "tan tai", "长孙": "zhang sun", "单": "shan", "曾": "zeng", "解": "xie",
    "仇": "qiu", "区": "ou", "查": "zha", "任": "ren", "盖": "ge", "朴": "piao", "翟": "zhai", "缪": "miao",
    "乐": "yue", "种": "chong", "秘": "bi", "折": "she", "重": "chong", "覃": "qin", "繁": "po", "员": "yun",
}  # fmt: skip


def readings(name: str) -> list[list[str]]:
    """The ways a folded name is spoken, as syllables; a run of other signs counts as one. None where nothing is Han."""
    if not any(is_han(sign) for sign in name):
        return []
    spoken = _spoken(name)
    family = next((surname for surname in SURNAMES if name.startswith(surname)), None)
    if family is None:
        return [spoken]
    other = [*SURNAMES[family].split(), *spoken[len(family) :]]
    return [spoken] if other == spoken else [spoken, other]


def _spoken(name: str) -> list[str]:
    spoken: list[str] = []
    before, in_run = "", False
    for sign, after in zip(name, f"{name[1:]} ", strict=True):
        if is_han(sign):
            spoken.append(_in_word(sign + after, 0) or _in_word(before + sign, 1) or _sound(sign))
        elif in_run:
            spoken[-1] += sign
        else:
            spoken.append(sign)
        before, in_run = sign, not is_han(sign)
    return spoken


@lru_cache(maxsize=20_000)
def _in_word(word: str, place: int) -> str:
    """How a sign is spoken in a word of two; empty where that is no word. Twenty times as fast as cutting a name."""
    found = PHRASES_DICT.get(word) if len(word) == 2 else None
    return _plain(found[place][0]) if found else ""


@cache
def _sound(sign: str) -> str:
    return _plain(pinyin_dict.get(ord(sign), sign).split(",")[0])


def toneless(text: str) -> str:
    """Pinyin as people type it: li3 xue3 mei2 and lǐ xuě méi are li xue mei."""
    words = _plain(text).split()
    if words and all(TONED.fullmatch(word) for word in words):
        words = ["".join(sign for sign in word if not sign.isdigit()) for word in words]
    return " ".join(words)


def initials(syllables: list[str]) -> str:
    """The first letter of each."""
    return "".join(syllable[0] for syllable in syllables if syllable)


def cuts(letters: str) -> list[list[str]]:
    """The whole syllables in each way that letters can be cut; the last may be unfinished and is left out then."""
    words = [_cut(word) for word in letters.replace("'", " ").split()]
    ways = [[syllable for word in way for syllable in word] for way in product(*words)]
    return [way for way in ways if way][:MOST_WAYS]


def _cut(word: str) -> list[list[str]]:
    found, open_ = [], [([], 0)]  # type: ignore[var-annotated]
    while open_ and len(found) < MOST_WAYS:
        way, at = open_.pop(0)
        rest = word[at:]
        if not rest or any(syllable.startswith(rest) for syllable in known()):
            found.append(way if not rest or rest not in known() else [*way, rest])
        longest = min(6, len(rest) - 1)
        open_ += [([*way, rest[:size]], at + size) for size in range(longest, 0, -1) if rest[:size] in known()]
    return found or [[word]]  # no pinyin: a word in Latin letters, as it stands in a name


def is_han(sign: str) -> bool:
    """Whether it is a Chinese character."""
    return "\u4e00" <= sign <= "\u9fff" or "\u3400" <= sign <= "\u4dbf"


@cache
def known() -> frozenset[str]:
    """Every syllable there is, without tones."""
    toned = {one for spoken in set(pinyin_dict.values()) for one in spoken.split(",")}
    plain = {_plain(one) for one in toned}
    return frozenset(one for one in plain if one.isascii() and one.isalpha() and not VOWELS.isdisjoint(one))


@cache
def _plain(syllable: str) -> str:
    """Without its tone; ü is typed as v."""
    split = unicodedata.normalize("NFD", syllable.casefold()).replace("u\u0308", "v")
    return "".join(sign for sign in split if not unicodedata.combining(sign))
