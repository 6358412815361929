"""Computing in a copy of the process: answers in order, errors where they are asked for, nobody kept waiting."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import eventlet
import psutil
import pytest

from chassis.beside import Beside, Here
from chassis.errors import Invalid
from chassis.ids import new_id
from tests.nodes.processes import until

WHERE = (Here, Beside)
ALONE = """
import chassis.green
import sys
from chassis.beside import Beside
print(Beside(object()).process, flush=True)
sys.stdin.read()
"""


class Counting:
    """What is computed in these tests."""

    def __init__(self) -> None:
        self.asked = 0

    def squares(self, many: int) -> Iterator[int]:
        """The first so many."""
        self.asked += 1
        yield from (number * number for number in range(many))

    def times(self) -> Iterator[int]:
        """How often squares were asked for."""
        yield self.asked

    def broken(self) -> Iterator[int]:
        """A refusal in the middle."""
        yield 1
        raise Invalid("row.broken", "it ends here", {"row": 2})

    def endless(self) -> Iterator[int]:
        """Never an answer."""
        while not self.asked < 0:
            pass
        yield 0

    def waiting(self) -> Iterator[Any]:
        """What somebody else would have to do first."""
        yield eventlet.spawn(int).wait()

    def ids(self, many: int) -> Iterator[str]:
        """New identifiers."""
        yield from (new_id() for _ in range(many))


@pytest.mark.parametrize("where", WHERE)
def test_answers_come_in_their_order_and_the_object_remembers(where: type[Here]) -> None:
    with closing(where(Counting())) as asked:
        assert list(asked.ask("squares", 100)) == [number * number for number in range(100)]
        assert list(asked.ask("squares", 0)) == []
        assert list(asked.ask("times")) == [2]


@pytest.mark.parametrize("where", WHERE)
def test_what_is_raised_there_is_raised_here_after_what_was_answered(where: type[Here]) -> None:
    with closing(where(Counting())) as asked:
        answers = asked.ask("broken")
        assert next(answers) == 1
        with pytest.raises(Invalid) as refusal:
            next(answers)
        assert (refusal.value.code, refusal.value.facts) == ("row.broken", {"row": 2})
        assert list(asked.ask("squares", 2)) == [0, 1]


def test_others_go_on_while_it_is_computed_and_it_ends_when_it_is_closed() -> None:
    asked = Beside(Counting())
    waiting = eventlet.spawn(lambda: list(asked.ask("endless")))
    until(lambda: psutil.Process(asked.process).cpu_times().user > 0.05, 10, "the copy to compute")
    turns = [eventlet.spawn(int).wait() for _ in range(20)]
    assert len(turns) == 20 and not waiting.dead
    asked.close()

    assert not psutil.pid_exists(asked.process)
    with pytest.raises(EOFError):
        waiting.wait()


def test_who_would_have_to_wait_there_is_refused() -> None:
    with closing(Beside(Counting())) as asked:
        with pytest.raises(RuntimeError, match="must not wait"):
            list(asked.ask("waiting"))


def test_a_copy_that_was_killed_is_noticed() -> None:
    with closing(Beside(Counting())) as asked:
        os.kill(asked.process, signal.SIGKILL)
        with pytest.raises((EOFError, OSError)):
            list(asked.ask("squares", 3))


def test_a_copy_holds_none_of_its_makers_files_and_makes_other_ids(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as mine, closing(Beside(Counting())) as asked:
        theirs = set(asked.ask("ids", 50))
        held = {os.readlink(link) for link in Path(f"/proc/{asked.process}/fd").iterdir()}

        assert mine.name not in held
        assert theirs.isdisjoint({new_id() for _ in range(50)}) and len(theirs) == 50


def test_a_copy_ends_with_its_maker_however_that_ends() -> None:
    maker = subprocess.Popen([sys.executable, "-c", ALONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    copy = int(maker.stdout.readline())  # type: ignore[union-attr]
    maker.kill()
    maker.communicate()

    until(lambda: not psutil.pid_exists(copy) or psutil.Process(copy).status() == "zombie", 10, "the copy to end")
