"""HTTP -> RPC -> echo: nameko as it ships beside ours, on one private RabbitMQ, in one run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FIELDS = {f"field{n}": "x" * 12 for n in range(10)}
SECONDS, CONNECTIONS, ROUNDS = 6, 32, 3
TICKS = os.sysconf("SC_CLK_TCK")


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
    Runner(config, {"echo": [Echo], "gateway": [gateway], "both": [Echo, gateway]}[role]).run()


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
def serving(kind: str, roles: list[str], uri: str) -> Iterator[tuple[int, list[int]]]:
    """Start the processes of one side, and end exactly these."""
    from tests.nodes.processes import free_port, until

    port, environment = free_port(), {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, kind]
    started = [subprocess.Popen([*command, role, uri, str(port)], env=environment) for role in roles]
    try:
        until(lambda: _answers(port), 30, f"{kind} echo to answer")
        yield port, [process.pid for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/echo", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def cpu(pids: list[int]) -> float:
    """CPU seconds these processes have used."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(f[11]) + int(f[12]) for f in fields) / TICKS


def measure(port: int, pids: list[int], seconds: int) -> tuple[float, float]:
    """Requests per second and CPU milliseconds per request."""
    before = cpu(pids)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"http://127.0.0.1:{port}/echo"]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used, requests = cpu(pids) - before, int(re.findall(r"(\d+) requests in", report)[0])
    if "Non-2xx" in report:
        raise SystemExit(f"some requests failed:\n{report}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", report)[0]), used / requests * 1000


def main() -> None:
    """Alternate the sides, so that what else the machine does falls on both."""
    from tests.nodes.rabbit import PrivateRabbit

    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (Debian: apt-get install wrk)")
    rabbit = PrivateRabbit().start()
    sides = {"stock": ["echo", "gateway"], "ours": ["echo", "gateway"], "ours, inproc": ["both"]}
    results: dict[str, list[tuple[float, float]]] = {side: [] for side in sides}
    try:
        for _ in range(ROUNDS):
            for side, roles in sides.items():
                inproc = side.endswith("inproc")
                with serving(side.split(",")[0], roles, "inproc://" if inproc else rabbit.uri) as (port, pids):
                    measure(port, pids, 1)
                    results[side].append(measure(port, pids + ([] if inproc else [rabbit.pid]), SECONDS))
    finally:
        rabbit.stop()
    for side, runs in results.items():
        rate, spent = (median(values) for values in zip(*runs, strict=True))
        print(f"{side:14} {rate:7.0f} requests/s   {spent:5.2f} CPU ms/request")
    ratio = [median(rate for rate, _ in results[side]) for side in ("ours", "stock")]
    print(f"ours / nameko as it ships: {ratio[0] / ratio[1]:.2f}  (goal 2.00)")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        {"stock": stock, "ours": ours}[sys.argv[1]](sys.argv[2], sys.argv[3], int(sys.argv[4]))
