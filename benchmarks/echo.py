"""HTTP -> RPC -> echo: nameko as it ships beside ours, on one private RabbitMQ, in one run."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.load import Report
    from benchmarks.machine import Used

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FIELDS = {f"field{n}": "x" * 12 for n in range(10)}
CONNECTIONS, WARM = 32, 1
ROLES = ("echo", "gateway")


def stock(role: str, uri: str, port: int) -> None:
    """nameko's own echo: its RPC, its defaults."""
    import warnings

    warnings.filterwarnings("ignore")
    import eventlet

    eventlet.monkey_patch()
    from nameko.rpc import RpcProxy, rpc
    from nameko.runners import ServiceRunner

    class Echo:
        name = "echo"

        @rpc
        def echo(self, args: Any) -> Any:
            return args

    gateway = _gateway(RpcProxy("echo"))
    config = {"AMQP_URI": uri, "WEB_SERVER_ADDRESS": f"127.0.0.1:{port}"}
    runner = ServiceRunner(config)
    runner.add_service(Echo if role == "echo" else gateway)
    runner.start()
    runner.wait()


def ours(role: str, uri: str, port: int) -> None:
    """The same over chassis.rpc: sealed, validated, with deadlines."""
    import chassis.green  # noqa: F401
    from chassis import codec
    from chassis.containers import Runner
    from chassis.rpc import Remote, SafeRpc

    codec.register(bytes(32))

    class Echo:
        name = "sealed-echo"

        @SafeRpc.decorator
        def echo(self, args: Any) -> Any:
            return args

    gateway = _gateway(Remote("sealed-echo"))
    config = codec.nameko_config(uri, WEB_SERVER_ADDRESS=f"127.0.0.1:{port}")
    Runner(config, {"echo": [Echo], "gateway": [gateway]}[role]).run()


def _gateway(remote: Any) -> type:
    import orjson
    from nameko.web.handlers import HttpRequestHandler
    from nameko.web.server import WebServer
    from werkzeug.wrappers import Response

    class Quiet(WebServer):
        def get_wsgi_server(self, sock: Any, wsgi_app: Any, *_: Any, **__: Any) -> Any:
            from eventlet import wsgi

            return wsgi.Server(sock, sock.getsockname(), wsgi_app, log_output=False, debug=False)

    class Handler(HttpRequestHandler):
        server = Quiet()

    class Gateway:
        name = "gateway"
        echo = remote

        @Handler.decorator("GET", "/echo")
        def get(self, request: Any) -> Any:
            return Response(orjson.dumps(self.echo.echo(FIELDS)), mimetype="application/json")

    return Gateway


@contextmanager
def serving(kind: str, uri: str) -> Iterator[tuple[int, dict[str, int]]]:
    """Start the processes of one side, and end exactly these."""
    from tests.nodes.processes import free_port, until

    port, environment = free_port(), {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, kind]
    started = [_started([*command, role, uri, str(port)], environment) for role in ROLES]
    try:
        until(lambda: _answers(port), 30, f"{kind} echo to answer")
        yield port, dict(zip(ROLES, (process.pid for process in started), strict=True))
    finally:
        for process in started:
            process.kill()
            process.wait()


def _started(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    from tests.nodes.processes import end_with_parent

    # nameko tells of every call that came before the echo was there: no news.
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stderr=quiet, preexec_fn=end_with_parent)  # noqa: PLW1509


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/echo", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def measure(kind: str, broker: Any, seconds: float) -> tuple[Report, Used]:
    """One run of one side, warmed up."""
    from benchmarks.load import drive
    from benchmarks.machine import Meter

    with serving(kind, broker.uri) as (port, pids):
        url, lines = f"http://127.0.0.1:{port}", [("GET", "/echo", "")]
        drive(url, lines, {}, CONNECTIONS, WARM)
        meter = Meter({"broker": [broker.pid], **{role: [pid] for role, pid in pids.items()}})
        report = drive(url, lines, {}, CONNECTIONS, seconds)
        return report, meter.read(report.cpu)


if __name__ == "__main__":
    {"stock": stock, "ours": ours}[sys.argv[1]](sys.argv[2], sys.argv[3], int(sys.argv[4]))
