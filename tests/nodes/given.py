"""A broker and a database server that the tests were given: what they make there is noted and removed, and only that.

As a module it is the `muniment` command that notes what it declares: `python -m tests.nodes.given FILE serve records`.
"""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

import contextlib
import functools
import inspect
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from amqp.channel import Channel
from amqp.exceptions import NotFound, PreconditionFailed
from kombu import Connection

from tests.nodes.postgres import PrivatePostgres, Server
from tests.nodes.processes import NodeFailed
from tests.nodes.rabbit import PrivateRabbit

# Where one of these is, there is an installation: two would answer each other's calls and share each other's events.
OF_AN_INSTALLATION = ("rpc-records", "rpc-approvals", "rpc-audit", "rpc-retention", "audit.journal")


class GivenServer(Server):
    """A server that DATABASE_URL names: used, never stopped."""

    def __init__(self, url: str) -> None:
        super().__init__(url.replace("postgresql+psycopg", "postgresql", 1))
        self.made: set[str] = set()

    def start(self) -> GivenServer:
        """It runs already."""
        return self

    def database(self, name: str) -> str:
        """Make a database and its user, to be dropped at the latest by `stop`."""
        self.made.add(name)
        return super().database(name)

    def drop(self, name: str) -> None:
        """Remove it now."""
        super().drop(name)
        self.made.discard(name)

    def stop(self) -> None:
        """Drop what was made; a name that somebody else had before is left to them."""
        for name in sorted(self.made):
            with contextlib.suppress(NodeFailed):
                self.drop(name)


class GivenBroker:
    """A broker that AMQP_URI names: used by one suite at a time, never stopped."""

    def __init__(self, uri: str, noted: Path | None = None) -> None:
        self.uri = uri
        self.noted = noted or Path(tempfile.mkdtemp(prefix="muniment-given-")) / "declared"
        self.noted.touch()

    @property
    def program(self) -> tuple[str, ...]:
        """What runs `serve` so that what it declares is noted."""
        return (sys.executable, "-m", "tests.nodes.given", str(self.noted))

    def start(self) -> GivenBroker:
        """Refuse a broker that an installation uses."""
        self.stop()
        for name in OF_AN_INSTALLATION:
            if self._has("queue", name):
                raise NodeFailed(_taken(name))
        return self

    def stop(self) -> None:
        """Remove the queues that were made: one that stays bound would take the next suite's messages."""
        self._remove("queue", lambda channel, name: channel.queue_delete(name))

    def close(self) -> None:
        """Remove all that was made; an exchange that somebody else has bound to meanwhile is left to them."""
        self.stop()
        self._remove("exchange", lambda channel, name: channel.exchange_delete(name, if_unused=True))
        shutil.rmtree(self.noted.parent, ignore_errors=True)

    def note(self) -> GivenBroker:
        """From now on note what this process declares on this broker, before it is made."""
        for kind in ("queue", "exchange"):
            plain = getattr(Channel, f"{kind}_declare")
            setattr(Channel, f"{kind}_declare", self._noting(kind, plain))
        return self

    def before(self, kind: str, name: str) -> None:
        """Note what does not exist yet; a queue that does, and was not noted, is somebody else's."""
        if not name or name in self._made(kind):
            return
        if not self._has(kind, name):
            with self.noted.open("a") as file:
                file.write(f"{kind} {name}\n")
        elif kind == "queue":
            # Whoever raised this in a service would only be told its type.
            print(_taken(name), file=sys.stderr, flush=True)
            raise NodeFailed(_taken(name))

    def _noting(self, kind: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        known, here = inspect.signature(plain), Connection(self.uri)
        where = (here.host, here.virtual_host or "/")

        @functools.wraps(plain)
        def declare(channel: Channel, *args: Any, **kwargs: Any) -> Any:
            said = known.bind(channel, *args, **kwargs).arguments
            if not said.get("passive") and (channel.connection.host, channel.connection.virtual_host) == where:
                self.before(kind, said.get(kind, ""))
            return plain(channel, *args, **kwargs)

        return declare

    def _has(self, kind: str, name: str) -> bool:
        with Connection(self.uri, connect_timeout=3) as connection:
            channel = connection.channel()
            try:
                if kind == "queue":
                    channel.queue_declare(name, passive=True)
                else:
                    channel.exchange_declare(name, "topic", passive=True)
            except NotFound:
                return False
            return True

    def _made(self, kind: str) -> list[str]:
        lines = self.noted.read_text().splitlines() if self.noted.exists() else []
        return [name for found, _, name in (line.partition(" ") for line in lines) if found == kind]

    def _remove(self, kind: str, how: Callable[[Any, str], Any]) -> None:
        if not (names := self._made(kind)):
            return
        with Connection(self.uri, connect_timeout=3) as connection:
            for name in names:
                with contextlib.suppress(PreconditionFailed):
                    how(connection.channel(), name)
        # Forgotten at once: the next to make something of that name may be somebody else.
        left = [line for line in self.noted.read_text().splitlines(keepends=True) if not line.startswith(f"{kind} ")]
        self.noted.write_text("".join(left))


class Servers:
    """The given broker and server, and a private one in the place of each that was not given."""

    def __init__(self) -> None:
        self.broker: GivenBroker | PrivateRabbit = given_broker() or PrivateRabbit()
        self.server: GivenServer | PrivatePostgres = given_server() or PrivatePostgres()

    def start(self) -> Servers:
        """Both, ready."""
        self.broker.start()
        self.server.start()
        return self

    def stop(self) -> None:
        """The private gone, the given as they were."""
        self.broker.stop()
        self.server.stop()


_brokers: dict[str, GivenBroker] = {}


def given_broker() -> GivenBroker | None:
    """The broker that AMQP_URI names, the same one at each call; None if it names none."""
    uri = os.environ.get("AMQP_URI", "")
    if not uri.startswith("amqp"):
        return None
    return _brokers.get(uri) or _brokers.setdefault(uri, GivenBroker(uri))


def given_server() -> GivenServer | None:
    """The server that DATABASE_URL names; None if it names none."""
    url = os.environ.get("DATABASE_URL", "")
    return GivenServer(url) if url.startswith("postgres") else None


def close_given() -> None:
    """Leave the given brokers as they were found."""
    while _brokers:
        _brokers.popitem()[1].close()


def _taken(queue: str) -> str:
    return (
        f"the broker of AMQP_URI already has the queue {queue}, which this run did not make: an installation uses it, "
        "or a run that was killed left it. Name a virtual host of the tests' own in AMQP_URI."
    )


def main() -> None:
    """Note, and be the `muniment` command."""
    GivenBroker(os.environ["AMQP_URI"], Path(sys.argv.pop(1))).note()
    from cli.main import main as muniment

    muniment()


if __name__ == "__main__":
    main()
