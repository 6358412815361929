"""`python -m benchmarks.search [--rows N]`: search by value over N sealed customers, on SQLite and on PostgreSQL.

Called in the service's own process, so without broker and gateway; every search journals and opens what it finds.
`make bench` measures the same over 200,000 and 1,000,000 on PostgreSQL, where only what is found is sealed.
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
from benchmarks.filling import CLASS, Fields, customer, number_of
from benchmarks.filling import fill as fill_at_once
from benchmarks.machine import described
from services.records.creating import Draft
from services.records.searching.asking import Asked
from services.records.searching.finding import Search
from tests.nodes.postgres import PrivatePostgres
from tests.service.given_records import PEOPLE, REGIME, Suite

BATCH, EACH, PURPOSE = 200, 150, "archive_use"
ASKED = 60  # of each kind in `make bench`
PAGE = 50
LONGEST = 120.0  # seconds in which customers are brought in, each time
P95 = 100.0  # milliseconds; must hold for 200,000 names
Told = dict[str, dict[str, float]]


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


def fill(suite: Suite, rows: int) -> tuple[Spent, list[Fields]]:
    """Seal and index as an import does, 200 rows a transaction, without events; and some customers to look for."""
    spent, blind, known = Spent(), suite.keys.blind, list[Fields]()
    for first in range(0, rows, BATCH):
        made = [customer(number) for number in range(first, first + BATCH)]
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
    asked = {"class_": CLASS, "fields_": fields, "purposes": [PURPOSE], "department": "service"}
    draft = Draft.of(asked, PEOPLE["zheng"], REGIME, import_id="benchmark")
    draft.record.state = "active"
    return draft


def _store(work: Any, sealed: list[Any]) -> None:
    for draft, _ in sealed:
        draft.record.created_at = work.now
    work.add([draft.record for draft, _ in sealed])
    _store_parts(work, sealed)


def _store_parts(work: Any, sealed: list[Any]) -> None:
    for draft, parts in sealed:
        work.add_parts(draft.record.id, parts, 1, "zheng")


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


def questions(known: list[Fields], each: int) -> dict[str, list[dict[str, Any]]]:
    """What is asked, by kind: the same for the same customers."""
    chance = random.Random(11)
    head = {"class": CLASS, "purpose": PURPOSE}
    return {kind: [{**head, "where": ask(chance.choice(known))} for _ in range(each)] for kind, ask in QUERIES.items()}


def search(suite: Suite, asked: dict[str, list[dict[str, Any]]]) -> Told:
    """Milliseconds of each kind of search, and how many hits it had."""
    return {kind: _timed(suite, some) for kind, some in asked.items()}


def _timed(suite: Suite, asked: list[dict[str, Any]]) -> dict[str, float]:
    taken, hits, refused = [], 0, 0
    for one in asked:
        begun = perf_counter()
        try:
            hits += len(suite.calls("zheng", "search", one)["items"])
        except Exception as refusal:  # too many may fit: an answer, too
            assert getattr(refusal, "code", "") == "search.too_broad", refusal
            refused += 1
        taken.append((perf_counter() - begun) * 1000)
    taken.sort()
    many = len(taken)
    return {"p50": taken[many // 2], "p95": taken[many * 95 // 100], "hits": hits / many, "refused": refused}


def at_once(rows: tuple[int, ...], each: int = ASKED) -> dict[str, Told]:
    """Search over so many customers, one number after the other, on PostgreSQL; only what is found is sealed.

    Where they cannot be brought in within the time there is for it, as many as could: the figures say how many.
    """
    told, there, sealed = {}, list[range](), set[str]()
    with suites(["postgres"]) as made:
        for _, suite in made:
            suite.keys = suite.keys.keys
            for first, last in zip((0, *rows), rows, strict=False):
                there += fill_at_once(_url(suite), suite.settings.keys / "kek", first, last, LONGEST)
                count = sum(map(len, there))
                asked = questions([customer(n) for some in there for n in some[:: max(count // 1000, 1)]], each)
                found = {one for some in asked.values() for where in some for one in _candidates(suite, where)}
                _seal(suite, sorted(found - sealed))
                sealed |= found
                told[str(count)] = search(suite, asked)
    return told


def _url(suite: Suite) -> str:
    return suite.settings.urls["records"].replace("+psycopg", "")


def _candidates(suite: Suite, asked: dict[str, Any]) -> list[str]:
    """What a search would open."""
    args = {"class_": asked["class"], "where": asked["where"], "purpose": asked["purpose"]}
    try:
        return Search(suite.service("zheng", "search", args), REGIME).candidates(Asked.of(args, REGIME))[:PAGE]
    except Exception as refusal:
        assert getattr(refusal, "code", "") == "search.too_broad", refusal
        return []


def _seal(suite: Suite, records: list[str]) -> None:
    for at in range(0, len(records), BATCH):
        drafts = [_draft(customer(number_of(record))) for record in records[at : at + BATCH]]
        for draft, record in zip(drafts, records[at:], strict=False):
            draft.record.id = record
        keys = iter(suite.keys.create(sum(len(draft.parts) for draft in drafts)))
        sealed = [(draft, draft.seal([next(keys) for _ in draft.parts])) for draft in drafts]
        with suite.service(None, "", {}).store.begin() as work:
            _store_parts(work, sealed)


def measure(suite: Suite, name: str, rows: int) -> float:
    """Fill, search, print; the worst p95."""
    suite.keys = suite.keys.keys  # without the tests' watch over every key
    spent, known = fill(suite, rows)
    print(f"{name}: {rows} customers; microseconds a row: {_each(spent, rows)}", flush=True)
    if not suite.database.sqlite:
        with suite.database.read() as connection:
            connection.exec_driver_sql("ANALYZE")
    told = search(suite, questions(known, EACH))
    print("\n".join(lines(told)), flush=True)
    return worst(told)


def worst(told: Told) -> float:
    """The slowest kind's p95."""
    return max(one["p95"] for one in told.values())


def lines(told: Told) -> list[str]:
    """A line for each kind of search."""
    return [
        f"  {kind:18} p50 {one['p50']:6.1f} ms  p95 {one['p95']:6.1f} ms  {one['hits']:6.1f} hits"
        f"  {one['refused']:.0f} too broad"
        for kind, one in told.items()
    ]


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
    parser.add_argument("--at-once", action="store_true", help="as make bench does: PostgreSQL, by COPY")
    given = parser.parse_args()
    print(described())
    if given.at_once:
        for count, told in at_once((given.rows,), EACH).items():
            print("\n".join([f"{count} customers", *lines(told), f"worst p95 {worst(told):.1f} ms"]))
        return
    names = ["postgres", "sqlite"] if given.on == "both" else [given.on]
    with suites(names) as each:
        slowest = {name: measure(suite, name, given.rows) for name, suite in each}
    for name, p95 in slowest.items():
        print(f"{name}: worst p95 {p95:.1f} ms ({'holds' if p95 <= P95 else 'MISSED'}: {P95:.0f} ms)")


if __name__ == "__main__":
    main()
