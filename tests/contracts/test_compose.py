"""The compose file: valid against the specification, and true to what it promises; no engine is needed."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from jsonschema import Draft7Validator

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("muniment:")}
DATABASES = {"records", "keystore", "approvals", "audit", "retention"}


def specification() -> dict[str, Any]:
    """The compose specification's schema, as check-jsonschema carries it."""
    package = importlib.util.find_spec("check_jsonschema")
    assert package is not None and package.submodule_search_locations
    found = list(Path(next(iter(package.submodule_search_locations))).rglob("compose-spec.json"))
    return json.loads(found[0].read_text("utf-8"))


def test_file_meets_the_compose_specification() -> None:
    errors = [f"{list(e.path)}: {e.message}" for e in Draft7Validator(specification()).iter_errors(COMPOSE)]

    assert errors == []


def test_all_parts_of_the_system_are_there() -> None:
    services = {"records", "approvals", "audit", "retention"}

    assert set(SERVICES) == services | {"gateway", "migrate", "postgres", "rabbitmq"}
    assert {name: SERVICES[name]["command"] for name in services | {"gateway"}} == {
        name: ["serve", name] for name in services | {"gateway"}
    }


@pytest.mark.parametrize("name", sorted(OURS))
def test_command_of_each_container_exists(name: str) -> None:
    from cli.main import main

    verb, *arguments = SERVICES[name]["command"]
    command = main.get_command(click.Context(main), verb)

    assert command is not None
    options = {text for parameter in command.params for text in parameter.opts}
    assert {a for a in arguments if a.startswith("--")} <= options


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_can_do_little(name: str) -> None:
    service = SERVICES[name]

    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_ports_are_on_the_loopback_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_no_secret_stands_in_the_tree() -> None:
    """Passwords, keys and URLs with credentials come from files that no repository holds."""
    settings = {k: v for service in SERVICES.values() for k, v in service.get("environment", {}).items()}
    secret = re.compile("PASS|SECRET|TOKEN|AMQP_URI|_URL")

    assert [k for k in settings if secret.search(k) and not k.endswith("_FILE")] == []
    for path in (ROOT / "docker-compose.yml", *(ROOT / "ops").rglob("*")):
        if path.is_file():
            assert not re.search(r"://[^/\s]+:[^/\s]+@|password_hash|changeme", path.read_text()), path
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", ["records", "approvals", "audit", "retention", "gateway"])
def test_service_sees_its_own_secrets_only(name: str) -> None:
    mounted = [v for v in SERVICES[name]["volumes"] if v.startswith("./secrets")]

    assert mounted == [f"./secrets/{name}:/run/muniment:ro"]


def test_everything_that_is_waited_for_says_when_it_is_ready() -> None:
    waited = [(on, terms["condition"]) for s in SERVICES.values() for on, terms in s.get("depends_on", {}).items()]

    assert {on for on, condition in waited if condition == "service_healthy"} <= {
        name for name, service in SERVICES.items() if "healthcheck" in service
    }
    assert ("migrate", "service_completed_successfully") in waited
    assert all("/readyz" in SERVICES[name]["healthcheck"]["test"][-1] for name in OURS if name != "migrate")


def test_mounted_files_of_the_tree_exist() -> None:
    sources = [v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", []) if v.startswith("./ops")]

    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_each_service_has_a_database_and_a_user_of_its_own() -> None:
    script = (ROOT / "ops" / "postgres" / "10-databases.sh").read_text()
    listed = re.search(r"for name in (.*?);", script)

    assert listed is not None and set(listed[1].split()) == DATABASES


def test_broker_users_write_no_queue_and_no_events_of_others() -> None:
    permissions = {
        p["user"]: p for p in json.loads((ROOT / "ops/rabbitmq/definitions.json").read_text())["permissions"]
    }

    assert set(permissions) == {"records", "approvals", "audit", "retention", "gateway"}
    for user, permission in permissions.items():
        for other in set(permissions) - {user}:
            assert not re.search(permission["write"], f"{other}.events")
            assert not re.search(permission["read"], f"rpc-{other}")
        assert re.search(permission["write"], f"rpc-{user}")
        assert bool(re.search(permission["read"], "audit.journal")) == (user == "audit")
