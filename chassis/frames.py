"""What py-amqp does with frames, made cheaper: those of one turn of the hub leave together, in the order they came."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from socket import SHUT_RDWR
from typing import Any

import eventlet
from kombu import Connection


class Gathered:
    """Writes for one connection, in order. Who writes after one was lost is told; `end` wakes whoever reads on it."""

    def __init__(self, write: Any, end: Callable[[], None]) -> None:
        self.write, self.end = write, end
        self.waiting: list[bytes] = []
        self.sending = self.lost = False

    def __call__(self, frames: memoryview) -> None:
        """Have it sent before the hub waits again."""
        if self.lost:
            raise ConnectionError("lost before this was written")
        self.waiting.append(bytes(frames))  # a copy: the buffer is the next frame's too
        if not self.sending:
            self.sending = True
            eventlet.spawn_n(self._send)

    def _send(self) -> None:
        # One greenlet at a time: where the socket stalls, another would write into the middle of its frame.
        try:
            while self.waiting:
                frames, self.waiting = self.waiting, []
                self.write(b"".join(frames))
        except Exception:  # why: nobody waits for this greenlet, and whatever it died of, half a frame may be out
            self.lost = True
            self.end()
        self.sending = False


def quicken(connection: Connection) -> None:
    """Write once per turn of the hub, and do not read, before each publish, for a word about memory."""
    made = connection.connection
    getattr(made, "client_properties", {}).get("capabilities", {}).pop("connection.blocked", None)
    if transport := getattr(made, "transport", None):
        transport._write = Gathered(transport._write, partial(hang_up, transport))


def hang_up(transport: Any) -> None:
    """Wake whoever reads on a connection, and he closes it: a socket closed under him may be another's at once."""
    # AttributeError and EOFError: there is no socket any more.
    with contextlib.suppress(OSError, AttributeError, EOFError):
        transport.sock.shutdown(SHUT_RDWR)
