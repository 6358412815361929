"""The whole suite as processes of their own: embedded (one process) or distributed (five, on a broker and a server)."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from chassis.db import Database
from chassis.migrate import migrate
from cli.http import Gateway
from cli.publishing import READY
from cli.secrets import make
from tests.nodes.postgres import PrivatePostgres, Server
from tests.nodes.processes import (
    BUSY,
    LOOPBACK,
    NodeFailed,
    end_with_parent,
    family,
    free_port,
    gone,
    send,
    tail,
    until,
)
from tests.nodes.rabbit import PrivateRabbit

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("chen", "wang", "zhao", "liu", "sun", "wu", "zheng", "xu", "qian", "gao", "he", "ma")
SERVICES = ("records", "approvals", "audit", "retention", "gateway")
DATABASES = ("records", "keystore", "approvals", "audit", "retention")
IN_FORCE = ("--regime", "demo/regimes/hengtong.yaml", "--organisation", "demo/organisation.yaml")
MUNIMENT = (str(Path(sys.executable).with_name("muniment")),)
START = 60.0
FAILED = ("worker.failed", "event.failed", "event.unreadable", "request.malformed", "answer.not_json")


class Suite:
    """One installation in a folder of its own. Without nodes it is embedded; `program` is what runs `serve`."""

    prepared = True  # an embedded one begins as a copy of one that was made before
    by_commands = True  # the first distributed one of a process is made as operators do it

    def __init__(
        self, broker: Any = None, server: Any = None, program: Iterable[str] = MUNIMENT, dir: Path | None = None
    ) -> None:
        self.broker, self.server, self.program = broker, server, tuple(program)
        self.dir = dir or Path(tempfile.mkdtemp(prefix="muniment-suite-"))
        self.data, self.logs = self.dir / "data", self.dir / "logs"
        # On a server that others use, too, its databases are its own.
        self.prefix = f"muniment_{secrets.token_hex(4)}_"
        self.stopped = False
        self.names = SERVICES if broker else ("suite",)
        self.ports = {name: free_port() for name in (*self.names, "http")}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: list[str] = []
        self.fail: dict[str, str] = {}
        self._tokens: dict[str, str] = {}

    @property
    def distributed(self) -> bool:
        """Whether its services are processes of their own."""
        return self.broker is not None

    @property
    def url(self) -> str:
        """Where its gateway listens."""
        return f"http://{LOOPBACK}:{self.ports['http']}"

    # ------------------------------------------------------------------ life

    def start(self) -> Suite:
        """Make keys and databases, start everything, put the demo's regime and people in force."""
        self._lay_out()
        by_commands, Suite.by_commands = (
            self.distributed and Suite.by_commands,
            Suite.by_commands and not self.distributed,
        )
        if by_commands:
            self.command("migrate")
        elif self.distributed:
            self._migrate()
        for name in self.names:
            self.spawn(name, publish=not by_commands)
        self.wait_ready()
        if by_commands:
            self.command("regime", "publish", *self._in_force())
        self.until(self._regime_in_force, START, "the regime to be in force")
        return self

    def spawn(self, name: str, publish: bool = True) -> None:
        """Start one process; it is not waited for. What is in force already is not published again."""
        wanted = () if name == "suite" else (name,)
        publish = publish and name in ("suite", "approvals") and not (self.data / READY).exists()
        arguments = ("serve", *wanted, *(self._in_force() if publish else ()))
        environment = self.environment(name) | ({"MUNIMENT_FAIL": self.fail[name]} if name in self.fail else {})
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*self.program, *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,  # noqa: PLW1509
            )

    def kill9(self, name: str) -> None:
        """End one process at once, without a word."""
        processes = family(self.processes[name].pid)
        send(processes, signal.SIGKILL)
        self.processes[name].wait()
        gone(processes)

    def restart(self, name: str, ready: bool = True) -> None:
        """Start a process that ended, and wait until it is ready."""
        self.spawn(name)
        if ready:
            self.wait_ready([name])

    def terminate(self, *names: str, seconds: float = 15) -> dict[str, int]:
        """SIGTERM; by name the exit code."""
        for name in names:
            self.processes[name].send_signal(signal.SIGTERM)
        ended = {}
        for name in names:
            until(lambda name=name: self.processes[name].poll() is not None, seconds, f"{name} to end")  # type: ignore[misc]
            ended[name] = self.processes[name].returncode
        return ended

    def revive(self) -> list[str]:
        """Start again whatever ended by itself, as a supervisor does; their names, also kept in `deaths`."""
        dead = [name for name, process in self.processes.items() if process.poll() is not None]
        self.deaths += dead
        for name in dead:
            self.spawn(name)
        return dead

    def stop(self, keep: bool = False) -> None:
        """End all processes at once and remove the folder; nodes belong to whoever made them."""
        self.stopped = True
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    # ------------------------------------------------------------------ readiness

    def wait_ready(self, names: Iterable[str] = (), seconds: float = START) -> None:
        """Return when these processes (all, if none is named) say that they are ready."""
        for name in names or self.names:
            self.until(lambda name=name: self.ready(name), seconds, f"{name} to be ready")  # type: ignore[misc]
        if not names or {"gateway", "suite"} & set(names):
            self.until(self.open_for_all, seconds, "the gateway to be ready")

    def until(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        """Wait for a condition; a failure tells what the processes said last."""
        until(condition, seconds, what, self.tails)

    def ready(self, name: str) -> bool:
        """Whether one process answers on its ops port that it is ready; an end meanwhile fails at once."""
        if self.processes[name].poll() is not None:
            raise NodeFailed(f"{name} ended with {self.processes[name].returncode}\n{tail(self.logs / f'{name}.log')}")
        return _ok(f"http://{LOOPBACK}:{self.ports[name]}/readyz")

    def open_for_all(self) -> bool:
        """Whether the gateway reaches the services behind it."""
        return _ok(f"{self.url}/readyz")

    def figure(self, name: str, service: str) -> float:
        """A figure of a service from the ops port of the process it runs in."""
        return figure_of(self.metrics(service), name, service)

    def metrics(self, service: str) -> str:
        """All figures of the process in which a service runs."""
        process = service if self.distributed else "suite"
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.ports[process]}/metrics", timeout=30) as answer:
            return str(answer.read().decode())

    def _regime_in_force(self) -> bool:
        status, _, _ = self.gateway("zheng").raw("GET", "/v1/classes", None, {})
        return status == 200

    # ------------------------------------------------------------------ people

    def token(self, person: str) -> str:
        """A token of a person, signed in once."""
        if person not in self._tokens:
            self._tokens[person] = self._signed_in(person)
        return self._tokens[person]

    def gateway(self, person: str) -> Gateway:
        """The gateway as that person."""
        return Gateway(self.url, self.token(person))

    def forget_tokens(self) -> None:
        """Sign everybody in again at the next call."""
        self._tokens.clear()

    def advance(self, period: str) -> None:
        """Move every process's clock forward."""
        self.gateway("zheng").post("/demo/clock", {"advance": period})

    def _signed_in(self, person: str) -> str:
        found: list[str] = []

        def signed_in() -> bool:
            # Not with a password: too many failures, before anybody is known, would shut the door for a while.
            body = json.dumps({"account": person}).encode()
            try:
                status, _, answer = Gateway(self.url).raw("POST", "/demo/sessions", body, JSON)
            except OSError:
                return False
            found[:] = [json.loads(answer)["token"]] if status == 201 else []
            return bool(found)

        self.until(signed_in, START, f"{person} to be let in")
        return found[0]

    # ------------------------------------------------------------------ the folder

    def command(self, *arguments: str, seconds: float = 120) -> str:
        """Run one `muniment` command in this installation's environment; what it printed."""
        environment = self.environment("command")
        command, limit = [*self.program, *arguments], seconds * BUSY
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit)
        if done.returncode:
            raise NodeFailed(f"muniment {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def environment(self, name: str) -> dict[str, str]:
        """What one process is told."""
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("MUNIMENT_", "AMQP_", "DATABASE_", "KEYSTORE_"))
        }
        mine = {
            "MUNIMENT_DATA": str(self.data),
            "MUNIMENT_MODE": "demo",
            "MUNIMENT_HTTP_ADDRESS": f"{LOOPBACK}:{self.ports['http']}",
            "MUNIMENT_OPS_ADDRESS": f"{LOOPBACK}:{self.ports.get(name, 0)}",
            "PYTHONUNBUFFERED": "1",
        }
        if self.distributed:
            mine |= {"AMQP_URI": self.broker.uri, "DATABASE_URL": self.server.url}
            mine |= {"MUNIMENT_DATABASE_PREFIX": self.prefix}
        return kept | mine

    def tails(self) -> str:
        """The ends of all logs, for the text of a failure."""
        return "\n".join(f"--- {path.name}\n{tail(path)}" for path in sorted(self.logs.glob("*.log")))

    def failures(self) -> list[str]:
        """What the logs say of code that raised and events that could not be taken; a refusal is none."""
        lines = (line for path in sorted(self.logs.glob("*.log")) for line in path.read_text("utf-8").splitlines())
        return [line for line in lines if any(name in line for name in FAILED)]

    def _lay_out(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        if self.prepared and not self.distributed:
            import_module("tests.system.prepared").lay_out(self.data)
        make(self.data / "keys")
        (self.dir / "passwords.json").write_text(json.dumps({person: password(person) for person in PEOPLE}))
        if self.distributed:
            for name in DATABASES:
                self.server.database(f"{self.prefix}{name}")

    def _migrate(self) -> None:
        """As `muniment migrate` does, without a process for it."""
        for name in DATABASES:
            url = make_url(self.server.url).set(drivername="postgresql+psycopg", database=f"{self.prefix}{name}")
            database = Database(url.render_as_string(hide_password=False))
            migrate(database, name)
            database.engine.dispose()

    def _in_force(self) -> tuple[str, ...]:
        return (*IN_FORCE, "--passwords", str(self.dir / "passwords.json"))


class Nodes:
    """A broker and a server of one suite's own, to freeze and to kill."""

    def __init__(self) -> None:
        self.broker, self.server = PrivateRabbit(), PrivatePostgres()

    def start(self) -> Nodes:
        """Both, ready."""
        self.broker.start()
        self.server.start()
        return self

    def stop(self) -> None:
        """Both gone."""
        self.broker.stop()
        self.server.stop()


JSON = {"Content-Type": "application/json"}


def password(person: str) -> str:
    """The first password of a person of the demo company."""
    return f"demo-{person}-password"


def figure_of(metrics: str, name: str, service: str) -> float:
    """A figure of a service, summed over all that it is told apart by."""
    lines = metrics.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and service in line)


def _ok(url: str) -> bool:
    with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


__all__ = ["Nodes", "Server", "Suite"]
