"""The ops port: alive, ready, metrics; and a process that refuses to serve on a driver that blocks it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from eventlet.patcher import original
from prometheus_client.parser import text_string_to_metric_families
from psycopg import waiting

from chassis import codec
from chassis.db import _databases
from chassis.errors import Forbidden
from chassis.green import HubBlocked
from chassis.health import Health
from tests.nodes.processes import free_port
from tests.service.chassis.given import Shop, Side, ThingSeen


def asked(health, path):
    """Status and body of a request."""
    told = []
    (body,) = health({"PATH_INFO": path}, lambda status, headers: told.append((status, dict(headers))))
    assert told[0][1]["Content-Length"] == str(len(body))
    return int(told[0][0].split()[0]), body


def figures(health):
    """Every sample by name and labels."""
    families = text_string_to_metric_families(asked(health, "/metrics")[1].decode())
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


@pytest.fixture
def broken(url):
    """Settings whose database is away."""
    away = (
        f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/things" if "postgres" in url else "sqlite:////nowhere/x"
    )
    yield replace(Shop(url).settings, url=away)
    _databases.pop(away, None)


def test_a_process_with_all_its_parts_is_alive_and_ready(side: Side) -> None:
    health = Health(side.settings, ["things", "gateway"])  # type: ignore[arg-type]

    assert asked(health, "/livez")[0] == 200
    status, body = asked(health, "/readyz")
    assert status == 200
    assert codec.loads(body) == {"ready": True, "parts": {"database.things": True, "broker": True}}


def test_a_database_that_is_away_is_named_and_the_process_stays_alive(broken):
    health = Health(broken, ["things"])

    status, body = asked(health, "/readyz")

    assert status == 503
    assert codec.loads(body) == {"ready": False, "parts": {"database.things": False, "broker": True}}
    assert asked(health, "/livez")[0] == 200


def test_a_broker_that_is_away_is_named(shop):
    health = Health(replace(shop.settings, amqp_uri=f"amqp://127.0.0.1:{free_port()}//"), ["things"])

    status, body = asked(health, "/readyz")

    assert status == 503 and codec.loads(body)["parts"] == {"database.things": True, "broker": False}


def test_the_metrics_are_told_though_a_database_is_away(broken):
    assert asked(Health(broken, ["things"]), "/metrics")[0] == 200


def test_an_unknown_path_is_not_found(shop):
    assert asked(Health(shop.settings, ["things"]), "/")[0] == 404


def test_each_call_counts_with_rate_error_and_duration(side: Side) -> None:
    health = Health(side.settings, ["things"])  # type: ignore[arg-type]
    where = (("entrypoint", "add"), ("service", "things"))

    def counted():
        seen = figures(health)
        totals = [seen.get(("muniment_requests_total", *sorted((*where, ("outcome", o)))), 0) for o in OUTCOMES]
        return [*totals, seen.get(("muniment_request_seconds_count", *where), 0)]

    before = counted()
    side.call("add", {"name": "one"})
    with pytest.raises(Forbidden):
        side.call("add", {"name": "forbidden"})
    with pytest.raises(Forbidden):
        side.call("add", {"name": "one"}, actor=None)
    with contextlib.suppress(Exception):
        side.call("add", {})

    assert [after - was for after, was in zip(counted(), before, strict=True)] == [1, 2, 1, 4]


OUTCOMES = ("ok", "refused", "error")


def test_the_figures_of_outbox_lag_letters_and_workers_are_there(shop):
    shop.add("one")
    shop.bound().record_event(ThingSeen("r-1"))
    shop.clock.advance(timedelta(minutes=59))

    seen = figures(Health(shop.settings, ["things"]))

    own = ("service", "things")
    assert seen["muniment_outbox_pending", own] == 2
    assert seen["muniment_ledger_lag_seconds", own] == 59 * 60
    assert seen["muniment_dead_letters", own] == 0
    assert seen["muniment_hub_lag_seconds",] >= 0


def test_busy_workers_are_counted(side: Side) -> None:
    side.call("add", {"name": "one"})

    assert figures(Health(side.settings, ["things"]))["muniment_workers_busy", ("service", "things")] == 0  # type: ignore[arg-type]


def blocking(gen, fileno, interval=0.0, timeout=None):
    """How a driver in C waits: the whole process with it."""
    real = original("select")
    try:
        wants = next(gen)
        while True:
            real.select([fileno] * (wants & 1), [fileno] * (wants & 2), [])
            wants = gen.send(wants)
    except StopIteration as done:
        return done.value


def test_a_service_does_not_start_on_a_driver_that_blocks_the_process(postgres_url, monkeypatch):
    """
    Heartbeats, signals and every other call would stand still for each statement.
    """
    Shop(postgres_url)

    monkeypatch.setattr(waiting, "wait", blocking)

    with pytest.raises(HubBlocked):
        Shop(postgres_url)
