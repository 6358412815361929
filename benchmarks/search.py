"""`python -m benchmarks.search [--rows N]`: search by value over N sealed customers, on SQLite and on PostgreSQL.

Called in the service's own process, so without broker and gateway; every search journals and opens what it finds.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from pypinyin import lazy_pinyin

import chassis.green  # noqa: F401  (before anything that opens a socket)
from benchmarks.machine import described
from services.records.creating import Draft
from tests.nodes.postgres import PrivatePostgres
from tests.service.given_records import PEOPLE, REGIME, Suite

BATCH, EACH, PURPOSE = 200, 150, "archive_use"
PLACES = "澄州 云浦 青川 临溪 望海 石岭 白河 松江 沙湾 竹山 江陵 北原 南浔 东阳 西宁 平湖".split()
WORDS = "星澜 云岫 望杉 恒通 远山 明达 天合 瑞丰 华茂 东升 金石 蓝海 绿源 卓越 长风 启明 和顺 德润 新锐 博雅".split()
TRADES = "机电 贸易 物流 建材 食品 纺织 电子 化工 医药 印刷 文具 汽配 家具 酒店 农资 船舶".split()
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = "伟芳敏静丽磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红霄雪梅晨曦子涵宇轩浩然欣怡梓萱思远嘉懿文博诗琪俊熙"
Fields = dict[str, str]
P95 = 100.0  # milliseconds; must hold for 200,000 names


@dataclass
class Spent:
    """Seconds, by what they were spent on."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """Add what passes inside."""
        begun = perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - begun


def customer(chance: random.Random, number: int) -> Fields:
    """One invented customer."""
    place, word, trade = chance.choice(PLACES), chance.choice(WORDS) + chance.choice(GIVEN), chance.choice(TRADES)
    person = chance.choice(FAMILY) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))
    return {
        "basic.name": f"{place}{word}{chance.choice(GIVEN)}{trade}有限公司",
        "basic.region": place,
        "contact.person": person,
        "contact.mobile": f"199{number % 100_000_000:08d}",
        "contact.address": f"{place}市{chance.choice(WORDS)}路{chance.randrange(1, 999)}号",
    }


def fill(suite: Suite, rows: int) -> tuple[Spent, list[Fields]]:
    """Seal and index as an import does, 200 rows a transaction, without events; and some customers to look for."""
    spent, chance, blind, known = Spent(), random.Random(7), suite.keys.blind, list[Fields]()
    for first in range(0, rows, BATCH):
        made = [customer(chance, number) for number in range(first, first + BATCH)]
        known.append(made[0])
        with spent.on("check"):
            drafts = [_draft(fields) for fields in made]
        with spent.on("seal"):
            keys = iter(suite.keys.create(sum(len(draft.parts) for draft in drafts)))
            sealed = [(draft, draft.seal([next(keys) for _ in draft.parts])) for draft in drafts]
        with spent.on("tokens"):
            indexed = [draft.indexed(blind) for draft in drafts]
        with suite.service(None, "", {}).store.begin() as work:
            with spent.on("rows"):
                _store(work, sealed)
            with spent.on("index"):
                work.add_index(indexed)
            begun = perf_counter()
        spent.seconds["commit"] = spent.seconds.get("commit", 0.0) + perf_counter() - begun
    return spent, known


def _draft(fields: dict[str, str]) -> Draft:
    asked = {"class_": "company.customer", "fields_": fields, "purposes": [PURPOSE], "department": "service"}
    draft = Draft.of(asked, PEOPLE["zheng"], REGIME, import_id="benchmark")
    draft.record.state = "active"
    return draft


def _store(work: Any, sealed: list[Any]) -> None:
    for draft, _ in sealed:
        draft.record.created_at = work.now
    work.add([draft.record for draft, _ in sealed])
    rows = [work.part_rows(draft.record.id, part, 1, None, "zheng") for draft, parts in sealed for part in parts]
    work.add_part_rows([part for part, _ in rows], [version for _, version in rows])


# What people look for, made of a customer that is there.
QUERIES: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "whole name": lambda one: {"basic.name": one["basic.name"]},
    "mobile": lambda one: {"contact.mobile": one["contact.mobile"]},
    "part of a name": lambda one: {"basic.name": {"like": one["basic.name"][2:7]}},
    "beginning": lambda one: {"basic.name": {"prefix": one["basic.name"][:5]}},
    "pinyin, place": lambda one: {"contact.person": {"pinyin": _spoken(one["contact.person"])}, **_placed(one)},
    "initials, place": lambda one: {"basic.name": {"initials": _initials(one["basic.name"])}, **_placed(one)},
    "last four": lambda one: {"contact.mobile": {"last4": one["contact.mobile"][-4:]}},
    "address, trade": lambda one: {
        "contact.address": {"like": one["contact.address"][3:]},
        "basic.name": {"like": one["basic.name"][6:8]},
    },
}


def _spoken(name: str) -> str:
    return "".join(lazy_pinyin(name))


def _initials(name: str) -> str:
    return "".join(syllable[0] for syllable in lazy_pinyin(name))[:8]


def _placed(fields: Fields) -> Fields:
    return {"basic.region": fields["basic.region"]}


def search(suite: Suite, known: list[Fields]) -> dict[str, dict[str, float]]:
    """Milliseconds of each kind of search, and how many hits it had."""
    told, chance = {}, random.Random(11)
    for kind, ask in QUERIES.items():
        taken, hits, refused = [], 0, 0
        for _ in range(EACH):
            asked = {"class": "company.customer", "purpose": PURPOSE, "where": ask(chance.choice(known))}
            begun = perf_counter()
            try:
                hits += len(suite.calls("zheng", "search", asked)["items"])
            except Exception as refusal:  # too many may fit: an answer, too
                assert getattr(refusal, "code", "") == "search.too_broad", refusal
                refused += 1
            taken.append((perf_counter() - begun) * 1000)
        taken.sort()
        told[kind] = {"p50": taken[EACH // 2], "p95": taken[EACH * 95 // 100], "hits": hits / EACH, "refused": refused}
    return told


def measure(suite: Suite, name: str, rows: int) -> float:
    """Fill, search, print; the worst p95."""
    suite.keys = suite.keys.keys  # without the tests' watch over every key
    spent, known = fill(suite, rows)
    print(f"{name}: {rows} customers; microseconds a row: {_each(spent, rows)}", flush=True)
    if not suite.database.sqlite:
        with suite.database.read() as connection:
            connection.exec_driver_sql("ANALYZE")
    told = search(suite, known)
    for kind, one in told.items():
        print(f"  {kind:18} p50 {one['p50']:6.1f} ms  p95 {one['p95']:6.1f} ms  {one['hits']:6.1f} hits"
              f"  {one['refused']:.0f} too broad", flush=True)  # fmt: skip
    return max(one["p95"] for one in told.values())


def _each(spent: Spent, rows: int) -> str:
    return ", ".join(f"{name} {seconds / rows * 1e6:.0f}" for name, seconds in spent.seconds.items())


@contextmanager
def suites(names: list[str]) -> Iterator[Iterator[tuple[str, Suite]]]:
    """The service on each kind of database, in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        node = PrivatePostgres().start() if "postgres" in names else None
        try:
            yield (_suite(name, Path(folder) / name, node) for name in names)
        finally:
            if node:
                node.stop()


def _suite(name: str, folder: Path, node: Any) -> tuple[str, Suite]:
    folder.mkdir()
    urls = [f"sqlite:///{folder}/{one}.db" for one in ("records", "keystore")]
    if name == "postgres":
        urls = [node.database(one).replace("postgresql://", "postgresql+psycopg://") for one in ("records", "keystore")]
    return name, Suite(folder, *urls)


def main() -> None:
    """Measure and say whether the promise holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--on", choices=("sqlite", "postgres", "both"), default="both")
    given = parser.parse_args()
    print(described())
    names = ["postgres", "sqlite"] if given.on == "both" else [given.on]
    with suites(names) as each:
        worst = {name: measure(suite, name, given.rows) for name, suite in each}
    for name, p95 in worst.items():
        print(f"{name}: worst p95 {p95:.1f} ms ({'holds' if p95 <= P95 else 'MISSED'}: {P95:.0f} ms)")


if __name__ == "__main__":
    main()
