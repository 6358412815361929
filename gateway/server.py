"""The HTTP server: nameko's, with limits, deadlines and a connection that cannot take the process down."""

from __future__ import annotations

import contextlib
from functools import partial
from io import BytesIO
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.event import Event
from eventlet.wsgi import STATE_CLOSE, STATE_IDLE
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import BindAddress, HttpOnlyProtocol, WebServer
from werkzeug.wrappers import Request, Response

from chassis.breathing import served
from chassis.errors import Refused, Unavailable
from chassis.ids import new_id
from chassis.logs import log
from gateway.problems import failed, language_of, problem
from gateway.reading import BODY_LIMIT, body_of

HEAD_SECONDS = 10  # for a request line and headers, however slowly they drip
IDLE_SECONDS = 75
SOCKET_SECONDS = 20
QUEUE_SECONDS = 2  # for a free worker
CONNECTIONS = 1024
CONNECTION = "muniment.connection"
LINGER_SECONDS, LINGER_READS = 2, 64  # for a caller who still sends what nobody will read
HEAD = (
    b"HTTP/1.1 %d Refused\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n"
    b"Request-Id: %s\r\nConnection: close\r\n\r\n"
)
STATUS_TEXT = b'{"type":"about:blank","title":"Bad request","status":%d,"code":"request.malformed"}'


class Protocol(HttpOnlyProtocol):
    """HTTP/1.1 with a deadline for the head; says nothing on the screen."""

    def get_environ(self) -> dict[str, Any]:
        """What the application is told; with it goes the way to end the connection."""
        return {**super().get_environ(), CONNECTION: self}

    def _read_request_line(self) -> bytes:
        with eventlet.Timeout(IDLE_SECONDS, TimeoutError("idle")):
            return super()._read_request_line()

    def parse_request(self) -> bool:
        """Read the headers, in time."""
        with eventlet.Timeout(HEAD_SECONDS, TimeoutError("head")):
            return super().parse_request() and self._framed()

    def _framed(self) -> bool:
        # Anything that two readers could cut up differently is refused (request smuggling).
        coding, lengths = self.headers.get_all("transfer-encoding", []), self.headers.get_all("content-length", [])
        sane = [c.lower() for c in coding] in ([], ["chunked"]) and len(lengths) < 2 and not (coding and lengths)
        if not sane or not all(n.isascii() and n.isdigit() and len(n) < 16 for n in lengths):
            self.send_error(400)
            return False
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A head that cannot be read: no echo of it."""
        body = STATUS_TEXT % int(code)
        head = HEAD % (int(code), len(body), new_id().encode())
        self.wfile.write(head + body)
        self.wfile.flush()
        self.close_connection = True
        self.conn_state[2] = STATE_CLOSE

    def log_message(self, format: str, *args: Any) -> None:
        """No access log: addresses and paths are nobody's business."""


class GatewayServer(WebServer):
    """Binds where the settings say, and serves each connection apart from the others."""

    def __init__(self) -> None:
        super().__init__()
        self.open = 0

    @property
    def bind_addr(self) -> BindAddress:
        """MUNIMENT_HTTP_ADDRESS."""
        host, _, port = self.container.config["MUNIMENT"].http_address.rpartition(":")
        return BindAddress(host.strip("[]"), int(port))

    @property
    def port(self) -> int:
        """The port that it got."""
        return self._sock.getsockname()[1]

    def get_wsgi_app(self) -> Any:
        """Every request goes to the one entrypoint."""
        entrypoint = next(iter(self._providers))
        return partial(_serve, entrypoint)

    def get_wsgi_server(self, sock: Any, wsgi_app: Any, protocol: Any = Protocol, debug: bool = False) -> Any:
        """The server without an access log, with time-outs."""
        limits = {"keepalive": IDLE_SECONDS, "socket_timeout": SOCKET_SECONDS, "url_length_limit": 8192}
        quiet = {"debug": False, "log_output": False}
        return wsgi.Server(sock, sock.getsockname(), wsgi_app, protocol=protocol, **quiet, **limits)

    def run(self) -> None:
        """Accept for as long as we are open; a failing accept ends one connection at most."""
        while self._is_accepting:
            try:
                sock, address = self._sock.accept()
            except OSError as error:
                if not self._is_accepting:
                    return
                log.warning("gateway.accept_failed", error=type(error).__name__)
                eventlet.sleep(0.05)
                continue
            self._take(sock, address)

    def _take(self, sock: Any, address: Any) -> None:
        if self.open >= CONNECTIONS:
            sock.close()
            return
        sock.settimeout(SOCKET_SECONDS)
        self.container.spawn_managed_thread(partial(self.process_request, sock, address))

    def process_request(self, sock: Any, address: Any) -> None:
        """Serve one connection; what goes wrong on it ends it and nothing else."""
        self.open += 1
        try:
            self._serv.process_request([address, sock, STATE_IDLE])
        except Exception as error:
            # why: an error that leaves a managed thread ends the whole container; this one only ends a connection.
            log.debug("gateway.connection_ended", error=type(error).__name__)
        finally:
            self.open -= 1
            sock.close()


def _serve(entrypoint: Everything, environ: dict[str, Any], start_response: Any) -> Any:
    answer = entrypoint.handle_request(Request(environ))
    if "Request-Id" not in answer.headers:
        answer.headers["Request-Id"] = new_id()
    if "Connection" in answer.headers:
        del answer.headers["Connection"]
        _linger(environ)
    return answer(environ, start_response)


def _linger(environ: dict[str, Any]) -> None:
    # Closing on unread input resets the connection, and the caller would never see the answer; but not for ever.
    environ[CONNECTION].close_connection = 1
    with contextlib.suppress(OSError, ValueError), eventlet.Timeout(LINGER_SECONDS, False):
        for _ in range(LINGER_READS):
            if not environ["eventlet.input"].read(65536):
                return


def _receive(request: Request) -> None:
    """Take a small body in before a worker is asked for, so that slow senders hold none."""
    length = request.content_length or 0
    if 0 < length <= BODY_LIMIT and request.mimetype != "multipart/form-data":
        request.environ["wsgi.input"] = BytesIO(body_of(request))


class Everything(HttpRequestHandler):
    """`@everything`: one entrypoint for every method and path; the route table does the rest."""

    server = GatewayServer()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("GET", "/", **kwargs)

    def handle_request(self, request: Request) -> Response:
        """Have a worker answer; say so when none is free in time or the request cannot be served."""
        if request.environ["PATH_INFO"] == "/livez" and request.method in ("GET", "HEAD"):
            return Response(b'{"status":"alive"}', mimetype="application/json")
        done = Event()
        try:
            _receive(request)
            with served():  # in one process with the services, what they compute gives way from here on
                return self._answer(request, done)
        except Refused as refused:
            return self._problem(request, refused)
        except Exception as error:
            # why: nameko would answer with the error's text, which may hold data.
            log.error("gateway.failed", error=type(error).__name__)
            return self._problem(request, failed())

    def _answer(self, request: Request, done: Event) -> Response:
        with eventlet.Timeout(QUEUE_SECONDS, Unavailable("gateway.busy", "no worker is free")):
            self.container.spawn_worker(self, (request,), {}, handle_result=partial(self.handle_result, done))
        return done.wait()

    def _problem(self, request: Request, refused: Any) -> Response:
        answer = problem(refused, new_id(), language_of(request.headers.get("Accept-Language", "")))
        answer.headers["Connection"] = "close"
        return answer


everything = Everything.decorator
