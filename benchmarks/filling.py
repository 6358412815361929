"""A million customers in the tables of search: postings by the product's own tokens, brought in by COPY.

`python -m benchmarks.filling UNTIL FIRST LAST` is one of the processes that do it; MUNIMENT_FILL says where.
"""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

import regimes
from regimes import Regime
from services.records.searching.indexing import indexed
from vault.kek import KeyFile
from vault.tokens import Blind

CLASS, PARTS, AT_ONCE = "company.customer", ("basic", "contact"), 5_000
WHERE = "MUNIMENT_FILL"  # in the environment: where the database is is nobody else's to see
BEGUN = 1_790_000_000_000  # milliseconds of the first record
AT = datetime(2026, 9, 21, tzinfo=UTC)
EMPTY, COLLECTED = "{}", '{"archive_use":"named"}'
BIGINT = 20  # as PostgreSQL numbers its types
Fields = dict[str, str]
PLACES = "澄州 云浦 青川 临溪 望海 石岭 白河 松江 沙湾 竹山 江陵 北原 南浔 东阳 西宁 平湖".split()
WORDS = "星澜 云岫 望杉 恒通 远山 明达 天合 瑞丰 华茂 东升 金石 蓝海 绿源 卓越 长风 启明 和顺 德润 新锐 博雅".split()
TRADES = "机电 贸易 物流 建材 食品 纺织 电子 化工 医药 印刷 文具 汽配 家具 酒店 农资 船舶".split()
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = "伟芳敏静丽磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红霄雪梅晨曦子涵宇轩浩然欣怡梓萱思远嘉懿文博诗琪俊熙"
RECORDS = (
    "COPY records (id, subject, class, department, responsible, creator, state, level, version, complete, facets,"
    " milestones, purposes, regime, created_at, schemes) FROM STDIN"
)
FACETS = "COPY facets (record, name, value) FROM STDIN"
POSTINGS = "COPY search_parts (record, part, generation, tokens) FROM STDIN (FORMAT BINARY)"


def customer(number: int) -> Fields:
    """One invented customer; the same one for the same number."""
    chance = random.Random(number)
    place, word, trade = chance.choice(PLACES), chance.choice(WORDS) + chance.choice(GIVEN), chance.choice(TRADES)
    person = chance.choice(FAMILY) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))
    return {
        "basic.name": f"{place}{word}{chance.choice(GIVEN)}{trade}有限公司",
        "basic.region": place,
        "contact.person": person,
        "contact.mobile": f"+86199{number % 100_000_000:08d}",
        "contact.address": f"{place}市{chance.choice(WORDS)}路{chance.randrange(1, 999)}号",
    }


def record_of(number: int) -> str:
    """The id of a customer's record."""
    return str(uuid.UUID(int=(BEGUN + number) << 80 | 7 << 76 | 2 << 62 | random.Random(-number).getrandbits(62)))


def number_of(record: str) -> int:
    """Whose record it is."""
    return (uuid.UUID(record).int >> 80) - BEGUN


def fill(url: str, kek: Path, first: int, last: int, seconds: float) -> list[range]:
    """Bring customers in, in as many processes as there are cores, as far as they come in the time; which are there.

    The index over them is made anew afterwards.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        index = connection.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'search_parts_by_token'")
        [made] = index.fetchone() or [""]
        connection.execute("DROP INDEX search_parts_by_token")
        connection.execute("ALTER TABLE search_parts SET UNLOGGED")  # nothing of it is to outlive the measurement
        there = _in_processes(url, kek, first, last, seconds)
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute(made)
        connection.execute("ANALYZE")
    return there


def _in_processes(url: str, kek: Path, first: int, last: int, seconds: float) -> list[range]:
    many, until = os.cpu_count() or 1, time.time() + seconds
    bounds = [first + (last - first) * n // many for n in range(many + 1)]
    environment = {**os.environ, WHERE: f"{kek} {url}"}
    command = [sys.executable, "-m", "benchmarks.filling", str(until)]
    shares = list(zip(bounds, bounds[1:], strict=False))
    running = [
        subprocess.Popen([*command, str(low), str(high)], env=environment, stdout=subprocess.PIPE, text=True)
        for low, high in shares
    ]
    told = [one.communicate()[0] for one in running]
    if any(one.returncode for one in running):
        raise RuntimeError("the customers could not be brought in")
    return [range(low, int(reached)) for (low, _), reached in zip(shares, told, strict=True)]


def bring_in(connection: psycopg.Connection[Any], blind: Blind, regime: Regime, numbers: range) -> None:
    """Some customers: their envelopes, what stands in clear, and what they are found by."""
    found, made = regime.classes[CLASS], [(record_of(number), customer(number)) for number in numbers]
    with connection.cursor() as cursor:
        with cursor.copy(RECORDS) as copy:
            for record, _ in made:
                copy.write_row(_envelope(record, regime.digest))
        with cursor.copy(FACETS) as copy:
            for record, fields in made:
                copy.write_row((record, "basic.region", fields["basic.region"]))
        with cursor.copy(POSTINGS) as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            for record, fields in made:
                one = indexed(record, found, PARTS, fields, blind)
                copy.write(b"".join(_posting(record, part, one.generation, one.parts[part]) for part in PARTS))
            copy.write(b"\xff\xff")
    connection.commit()


def _envelope(record: str, regime: str) -> tuple[Any, ...]:
    who = ("service", "zheng", "zheng")
    stands = ("active", "sensitive", 1, True, EMPTY, EMPTY, COLLECTED, regime, _micros(), EMPTY)
    return (record, record, CLASS, *who, *stands)


def _micros() -> int:
    return round(AT.timestamp() * 1_000_000)


def _posting(record: str, part: str, generation: int, tokens: list[int]) -> bytes:
    members = struct.pack(">" + "iq" * len(tokens), *(value for token in tokens for value in (8, token)))
    array = struct.pack(">iiiii", 1, 0, BIGINT, len(tokens), 1) + members
    head = b"".join(struct.pack(">i", len(text)) + text for text in (record.encode(), part.encode()))
    return b"\0\4" + head + struct.pack(">iii", 4, generation, len(array)) + array


def main() -> None:
    """One process's share, from FIRST to LAST or as far as it comes UNTIL then; says where it ended."""
    until, reached, last = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    kek, url = os.environ[WHERE].split(" ", 1)
    keys, regime = KeyFile(kek), regimes.load("hengtong", Path(__file__).parents[1] / "demo" / "regimes")
    blind = Blind(keys.index_key, keys.search_keys)
    with psycopg.connect(url) as connection:
        while reached < last and time.time() < until:
            numbers = range(reached, min(reached + AT_ONCE, last))
            bring_in(connection, blind, regime, numbers)
            reached = numbers.stop
    print(reached)


if __name__ == "__main__":
    main()
