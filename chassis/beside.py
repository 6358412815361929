"""Long computing in a copy of this process, on another core: it takes nobody's turn here."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from socket import socketpair
from typing import Any, NoReturn

from eventlet import hubs

from chassis import breathing

HIGHEST = 1 << 16  # file descriptors; none of a copy but its pipe stays open
BACKGROUND = 19  # how much it stands back where the cores are busy
TOGETHER = 16  # answers that travel together: cheaper, and still read in a millisecond
PROTOCOL = pickle.HIGHEST_PROTOCOL


class Here:
    """Asks an object for what it can compute; the answers come one after the other."""

    def __init__(self, computing: Any) -> None:
        self.computing = computing

    def ask(self, name: str, *args: Any) -> Iterator[Any]:
        """What the generator `name` of the object yields."""
        yield from getattr(self.computing, name)(*args)

    def close(self) -> None:
        """Nothing is left behind."""


class Beside(Here):
    """The same in a copy of this process as it is now. What the object changes, it changes there.

    The copy has neither hub nor connections: the object may only compute. It is gone with `close`, or with this
    process, however that ends. One question at a time.
    """

    def __init__(self, computing: Any) -> None:
        ours, theirs = socketpair()
        self.process = os.fork()
        if not self.process:
            _answer(computing, theirs.fileno())
        theirs.close()
        self.answers, self.pipe = ours.makefile("rb"), ours

    def ask(self, name: str, *args: Any) -> Iterator[Any]:
        """What it yields there; raises what was raised there, EOFError where the copy is gone."""
        self.pipe.sendall(pickle.dumps((name, args)))
        while True:
            failure, some = pickle.load(self.answers)  # noqa: S301  (from our own copy)
            if not some:
                break
            yield from some
        if failure:
            raise failure

    def close(self) -> None:
        """End it, in the middle of a word if need be."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)  # meanwhile whoever waits for an answer learns that there is none
        self.answers.close()
        self.pipe.close()


def _answer(computing: Any, pipe: int) -> NoReturn:
    try:
        _let_go(pipe)
        with open(pipe, "rb", closefd=False) as questions, open(pipe, "wb", closefd=False) as answers:
            while True:
                name, args = pickle.load(questions)  # noqa: S301  (from the process that made this one)
                for told in _told(computing, name, args):
                    answers.write(told)
                answers.flush()
    finally:
        os._exit(0)


def _let_go(pipe: int) -> None:
    """Nothing of the process that it was goes on here: neither its connections, nor its signals, nor its hub."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.closerange(3, pipe)
    os.closerange(pipe + 1, HIGHEST)
    os.set_blocking(pipe, True)
    os.nice(BACKGROUND)
    breathing.stop()
    hubs.get_hub().switch = _refuse


def _refuse(*_: Any) -> NoReturn:
    raise RuntimeError("what is computed beside must not wait for anybody")


def _told(computing: Any, name: str, args: tuple[Any, ...]) -> Iterator[bytes]:
    failure, some = None, list[Any]()
    try:
        for one in getattr(computing, name)(*args):
            some.append(one)
            if len(some) == TOGETHER:
                yield pickle.dumps((None, some), PROTOCOL)
                some = []
    except Exception as raised:  # why: whatever it is, who asked must hear of it
        failure = raised
    if some:
        yield pickle.dumps((None, some), PROTOCOL)
    yield _ending(failure)


def _ending(failure: Exception | None) -> bytes:
    try:
        return pickle.dumps((failure, []))
    except Exception:  # why: what cannot travel is told by its kind; its text may hold data
        return pickle.dumps((RuntimeError(type(failure).__name__), []))
