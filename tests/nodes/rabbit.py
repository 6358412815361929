"""A RabbitMQ node of this test run's own: own name, ports, directory, cookie and epmd, on the loopback only."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from tests.nodes import debian
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

# The scripts in sbin are Debian's wrappers: they change user, or refuse.
_PLACES = (
    "/usr/lib/rabbitmq/bin",
    "/opt/homebrew/opt/rabbitmq/sbin",
    "/usr/local/opt/rabbitmq/sbin",
    "/opt/rabbitmq/sbin",
)
_HANDSHAKE = b"AMQP\x00\x00\x09\x01"
_CONFIG = """listeners.tcp.local = {host}:{port}
loopback_users = none
default_user = {user}
default_pass = {password}
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 1GB
log.console = false
"""


class PrivateRabbit:
    """One broker node; `start()` returns when it answers, everything else works on its process id."""

    def __init__(self, dir: Path | None = None) -> None:
        self.scripts = _scripts()
        self.dir = dir or Path(tempfile.mkdtemp(prefix="muniment-rabbit-"))
        self.port, self.dist_port, self.epmd_port = free_port(), free_port(), free_port()
        self.node = f"muniment-{secrets.token_hex(4)}@localhost"
        self.user, self.password = "muniment", secrets.token_hex(12)
        self._server: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None
        self._lay_out()

    @property
    def uri(self) -> str:
        return f"amqp://{self.user}:{self.password}@{LOOPBACK}:{self.port}/"

    @property
    def pid(self) -> int:
        """The process id of the broker's virtual machine."""
        if self._server is None:
            raise NodeFailed("the private RabbitMQ is not running")
        return self._server.pid

    def start(self, seconds: float = 60) -> PrivateRabbit:
        """Start, or start again with the same data, and wait for the AMQP handshake."""
        self._start_epmd()
        with open(self.dir / "console.log", "ab") as console:
            self._server = subprocess.Popen(
                [str(self.scripts / "rabbitmq-server")],
                env=self._environment(),
                cwd=self.dir,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509
            )
        until(self._answers, seconds, "the private RabbitMQ to answer", self._said)
        return self

    def settle(self) -> None:
        """Make the broker write down which quorum queues it has; it does so late, and a kill before that hangs them."""
        self.rabbitmqctl("eval", "[dets:sync(Table) || Table <- dets:all()].")

    def kill9(self, settled: bool = True) -> None:
        """End the broker as a crash of its process would; `settled=False` where it is frozen or just declared."""
        if settled:
            self.settle()
        processes = family(self.pid)
        send(processes[:1], signal.SIGKILL)
        self._reap()
        gone(processes)

    def freeze(self) -> None:
        """Stop the broker's process in its tracks; connections stay open and silent."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def restart(self) -> PrivateRabbit:
        """End it in good order and start it again on the same ports and data."""
        self._end()
        return self.start()

    def stop(self, keep: bool = False) -> None:
        """End the broker and its epmd, and remove the directory unless it is to be looked at."""
        self._end()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait()
            self._epmd = None
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def rabbitmqctl(self, *arguments: str, seconds: float = 60) -> str:
        """Run one control command against this node and return what it printed."""
        command = [str(self.scripts / "rabbitmqctl"), "-n", self.node, "-q", *arguments]
        limit = seconds * BUSY
        done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, timeout=limit)
        if done.returncode:
            raise NodeFailed(f"rabbitmqctl {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def raise_memory_alarm(self) -> None:
        """Make the broker block every publisher, as it does when memory runs out."""
        self.rabbitmqctl("set_vm_memory_high_watermark", "0.0000001")

    def clear_memory_alarm(self) -> None:
        self.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1GB")

    def _lay_out(self) -> None:
        for name in ("home", "data", "log"):
            (self.dir / name).mkdir(parents=True, exist_ok=True)
        values = {"host": LOOPBACK, "port": self.port, "user": self.user, "password": self.password}
        (self.dir / "rabbitmq.conf").write_text(_CONFIG.format(**values))
        (self.dir / "rabbitmq.conf").chmod(0o600)
        (self.dir / "enabled_plugins").write_text("[].\n")

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("RABBITMQ_", "ERL_"))}
        return kept | {
            "HOME": str(self.dir / "home"),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_CONF_ENV_FILE": str(self.dir / "none"),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "RABBITMQ_CONFIG_FILE": str(self.dir / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.dir / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.dir / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.dir / "data"),
            "RABBITMQ_LOG_BASE": str(self.dir / "log"),
            "RABBITMQ_PID_FILE": str(self.dir / "pid"),
            # The script then becomes the virtual machine, so that its process id is the broker's.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_START_ARGS": "-noinput -kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +A 16",
        }

    def _start_epmd(self) -> None:
        if self._epmd is not None and self._epmd.poll() is None:
            return
        command = [_epmd(), "-port", str(self.epmd_port), "-address", LOOPBACK]
        self._epmd = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent,  # noqa: PLW1509
        )
        until(lambda: _greets(self.epmd_port, b"", 0), 10, "the private epmd to listen")

    def _answers(self) -> bool:
        if self._server is not None and self._server.poll() is not None:
            raise NodeFailed(f"the private RabbitMQ ended at start:\n{self._said()}")
        return _greets(self.port, _HANDSHAKE, 1)

    def _said(self) -> str:
        return "\n".join(map(tail, (self.dir / "console.log", *sorted((self.dir / "log").glob("*.log")))))

    def _end(self) -> None:
        if self._server is None:
            return
        processes = family(self.pid)
        send(processes[:1], signal.SIGCONT)
        send(processes[:1], signal.SIGTERM)
        try:
            gone(processes, 20)
        except NodeFailed:
            send(processes, signal.SIGKILL)
        self._reap()

    def _reap(self) -> None:
        if self._server is not None:
            self._server.wait()
            self._server = None


def _greets(port: int, greeting: bytes, answer: int) -> bool:
    """Whether the port takes a connection and answers the greeting with a first byte `answer`."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=2) as peer:
        peer.sendall(greeting)
        return not greeting or peer.recv(1) == bytes([answer])
    return False


def _scripts() -> Path:
    """The folder of the real scripts, after installing the package where that is possible."""
    found = _installed()
    if found is None and debian.can_install():
        debian.install("rabbitmq-server")
        found = _installed()
    if found is None:
        raise NodeFailed(
            "RabbitMQ is not installed here. Install it (Debian: apt-get install rabbitmq-server) "
            "or point AMQP_URI at a broker that the tests may use."
        )
    return found


def _installed() -> Path | None:
    given = os.environ.get("MUNIMENT_RABBITMQ_BIN")
    places = (given,) if given else _PLACES
    return next((Path(p) for p in places if (Path(p) / "rabbitmq-server").exists() and shutil.which("erl")), None)


def _epmd() -> str:
    found = shutil.which("epmd")
    if found is None:
        raise NodeFailed("epmd is not on the path, though RabbitMQ is installed: install Erlang (Debian: erlang-base)")
    return found
