"""The load generator, a process of its own: wrk where it is installed, else a small client on raw sockets."""

from __future__ import annotations

import json
import resource
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve()
LONGEST = 60  # seconds; no load lasts longer
Line = tuple[str, str, str]  # method, path, body


@dataclass(frozen=True)
class Report:
    """What became of the requests; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float
    failed: int
    cpu: float  # seconds the generator itself used

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def drive(
    url: str, lines: Iterable[Line], headers: Mapping[str, str], connections: int, seconds: float, pace: float = 0
) -> Report:
    """Send the lines in turn over so many connections for so long; a failed request fails the run.

    As fast as they are answered, or `pace` a second whatever the answers take; then a request that had to wait for
    the one before it has waited since its own time (else a slow server would be asked less, and look faster).
    """
    with tempfile.NamedTemporaryFile("w", suffix=".requests", encoding="utf-8") as file:
        file.writelines("\t".join(line) + "\n" for line in lines)
        file.flush()
        given = [f"{name}: {value}" for name, value in headers.items()]
        report = _run(url, file.name, given, connections, min(seconds, LONGEST), pace)
    if report.failed:
        raise SystemExit(f"{report.failed} of {report.requests} requests failed: a rate of refusals is no rate")
    return report


def generator() -> str:
    """Which of the two is used here."""
    return "wrk" if shutil.which("wrk") else "raw sockets (wrk is not installed)"


def _run(url: str, file: str, headers: list[str], connections: int, seconds: float, pace: float) -> Report:
    before = _children()
    own = [sys.executable, str(HERE), url, file, str(connections), str(seconds), str(pace), *headers]
    fast = shutil.which("wrk") and not pace
    command = _wrk(url, file, headers, connections, seconds) if fast else own
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST + 30)
    if done.returncode:
        raise SystemExit(f"the load generator failed:\n{done.stdout}{done.stderr}")
    return Report(**json.loads(done.stderr.splitlines()[-1]), cpu=_children() - before)


def _wrk(url: str, file: str, headers: list[str], connections: int, seconds: float) -> list[str]:
    said = [part for header in headers for part in ("-H", header)]
    script = ["-s", str(HERE.with_name("load.lua")), url, "--", file]
    return ["wrk", "-t1", f"-c{connections}", f"-d{max(round(seconds), 1)}s", "--timeout", "10s", *said, *script]


def _children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


class Client:
    """Keeps so many requests on their way, or sends so many a second; one at a time on each connection."""

    def __init__(self, url: str, requests: list[bytes], pace: float = 0) -> None:
        address = urlsplit(url)
        self.address = (address.hostname or "127.0.0.1", address.port or 80)
        self.requests, self.at, self.pace = requests, 0, pace
        self.selector = selectors.DefaultSelector()
        self.times: list[float] = []
        self.failed = 0

    def run(self, connections: int, seconds: float) -> dict[str, Any]:
        """Load for so long; what became of it."""
        self.idle = [socket.create_connection(self.address, timeout=10) for _ in range(connections)]
        self.begun = begun = perf_counter()
        while perf_counter() - begun < seconds:
            self._send_due()
            for key, _ in self.selector.select(timeout=max(self._due() - perf_counter(), 0) if self.idle else 1):
                self._receive(key.fileobj, key.data)
        took, cuts = perf_counter() - begun, quantiles(self.times, n=100)
        times = {f"p{n}": cuts[n - 1] * 1000 for n in (50, 95, 99)}
        return {"requests": len(self.times), "seconds": took, **times, "failed": self.failed}

    def _due(self) -> float:
        """When the next request is to be sent."""
        return self.begun + self.at / self.pace if self.pace else perf_counter()

    def _send_due(self) -> None:
        while self.idle and (due := self._due()) <= perf_counter():
            peer = self.idle.pop()
            peer.sendall(self.requests[self.at % len(self.requests)])
            self.at += 1
            self.selector.register(peer, selectors.EVENT_READ, [bytearray(), due])

    def _receive(self, peer: Any, state: list[Any]) -> None:
        piece = peer.recv(65536)
        if not piece:
            raise SystemExit("the server closed a connection")
        state[0] += piece
        if not _whole(state[0]):
            return
        self.times.append(perf_counter() - state[1])
        self.failed += not state[0].startswith(b"HTTP/1.1 2")
        self.selector.unregister(peer)
        self.idle.append(peer)


def _whole(answer: bytearray) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(lengths) and len(body) >= int(lengths[0].split(b":")[1])


def _rendered(line: str, address: str, headers: list[str]) -> bytes:
    method, path, body = line.rstrip("\n").split("\t", 2)
    length = [f"Content-Length: {len(body.encode())}"] if body else []
    head = [f"{method} {path} HTTP/1.1", f"Host: {address}", *headers, *length]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def main(url: str, file: str, connections: str, seconds: str, pace: str, *headers: str) -> None:
    """Entry of the process: the report goes to standard error, as wrk's does."""
    with open(file, encoding="utf-8") as lines:
        requests = [_rendered(line, urlsplit(url).netloc, [*headers]) for line in lines]
    print(json.dumps(Client(url, requests, float(pace)).run(int(connections), float(seconds))), file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
