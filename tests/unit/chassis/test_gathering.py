"""Gathering: one statement for all who ask at once; to each his own answer, and no one's trouble is another's."""

from __future__ import annotations

import chassis.green  # noqa: F401  isort: skip

from typing import Any

import eventlet
import pytest
from eventlet.event import Event as Signal
from eventlet.greenthread import GreenThread

from chassis import breathing
from chassis.gathering import Gathering

TURNS = 20  # of the hub: more than anything here needs until it waits for something that the test decides


class Statement:
    """Answers n with -n, when it may; every group that it was run for is kept."""

    def __init__(self, most: int = 200) -> None:
        self.gathering: Gathering[int, int] = Gathering(self._run, most)
        self.groups: list[list[int]] = []
        self.gates: dict[int, Signal] = {}
        self.failing: dict[int, BaseException] = {}

    def waits_for(self, question: int) -> Signal:
        """The statement with this question in it runs until the signal is sent."""
        return self.gates.setdefault(question, Signal())

    def ask(self, *questions: int) -> list[GreenThread]:
        """Each in a greenlet of its own, all of them waiting."""
        asking = [eventlet.spawn(self.gathering.ask, question) for question in questions]
        turn()
        return asking

    def _run(self, questions: list[int]) -> list[int]:
        self.groups.append(questions)
        for question in questions:
            if question in self.gates:
                self.gates[question].wait()
            if question in self.failing:
                raise self.failing[question]
        return [-question for question in questions]


@pytest.fixture
def statement() -> Statement:
    return Statement()


def turn() -> None:
    """Let everything run that can."""
    for _ in range(TURNS):
        eventlet.hubs.get_hub().schedule_call_global(0, eventlet.getcurrent().switch)
        eventlet.hubs.get_hub().switch()


def outcome(asking: GreenThread) -> Any:
    """The answer, or what was raised; a question that nobody ever answers fails the test."""
    with eventlet.Timeout(5, AssertionError("nobody answered")):
        try:
            return asking.wait()
        except (ValueError, KeyError, eventlet.Timeout) as failure:
            return failure


def test_all_who_ask_at_once_share_one_statement_and_each_gets_his_own_answer(statement: Statement) -> None:
    asking = statement.ask(3, 1, 2)

    assert [outcome(one) for one in asking] == [-3, -1, -2]
    assert statement.groups == [[3, 1, 2]]


def test_who_asks_while_a_statement_runs_is_in_the_next_one(statement: Statement) -> None:
    """
    The running one may have looked already: its answer could be older than the question.
    """
    running = statement.waits_for(1)
    first = statement.ask(1)
    late = statement.ask(2, 3)
    assert statement.groups == [[1]]

    running.send()

    assert [outcome(one) for one in (*first, *late)] == [-1, -2, -3]
    assert statement.groups == [[1], [2, 3]]


def test_one_statement_runs_at_a_time_and_answers_only_when_it_is_done(statement: Statement) -> None:
    running, next_one = statement.waits_for(1), statement.waits_for(2)
    first, second = *statement.ask(1), *statement.ask(2)
    assert not first.dead

    running.send()
    turn()

    assert (first.dead, second.dead, statement.groups) == (True, False, [[1], [2]])
    next_one.send()
    assert outcome(second) == -2


def test_an_error_reaches_all_who_were_in_the_statement_and_nobody_else(statement: Statement) -> None:
    running = statement.waits_for(1)
    statement.failing[1] = ValueError("the database is gone")
    failed, waiting = statement.ask(1), statement.ask(2, 3)
    running.send()
    turn()
    statement.failing[5] = KeyError("another")
    also_failed = statement.ask(4, 5, 6)

    assert [outcome(one) for one in failed] == [statement.failing[1]]
    assert [outcome(one) for one in waiting] == [-2, -3]
    assert [outcome(one) for one in also_failed] == [statement.failing[5]] * 3


@pytest.mark.parametrize("error", [ValueError("wrong"), eventlet.Timeout(None)])
def test_after_an_error_of_any_kind_the_next_question_is_answered(statement: Statement, error: BaseException) -> None:
    """
    A Timeout is no Exception; if one left the loop dead, everybody would wait for ever.
    """
    statement.failing[1] = error
    [asking] = statement.ask(1)
    assert outcome(asking) is error

    assert [outcome(one) for one in statement.ask(2)] == [-2]
    assert not statement.gathering.running


@pytest.mark.parametrize("when", ["its statement runs", "it waits for the next"])
def test_who_is_killed_while_waiting_hurts_nobody(statement: Statement, when: str) -> None:
    """
    A call that ran out of time leaves; those who share its statement must not notice.
    """
    running = statement.waits_for(1)
    first = statement.ask(1) if when == "it waits for the next" else []
    killed, *others = statement.ask(*((2, 3) if first else (1, 2, 3)))
    killed.kill()
    turn()

    running.send()

    assert killed.dead
    assert [outcome(one) for one in (*first, *others)] == ([-1, -3] if first else [-2, -3])
    assert [outcome(one) for one in statement.ask(9)] == [-9]


def test_no_statement_is_for_more_than_its_most_and_the_longest_waiting_come_first() -> None:
    statement = Statement(most=3)
    running = statement.waits_for(0)
    asking = statement.ask(*range(8))
    assert statement.groups == [[0, 1, 2]]

    running.send()

    assert [outcome(one) for one in asking] == [-n for n in range(8)]
    assert statement.groups == [[0, 1, 2], [3, 4, 5], [6, 7]]


@pytest.mark.parametrize("answers", [[], [-1], [-1, -2, -3]])
def test_a_statement_with_too_few_or_too_many_answers_fails_for_all_in_it(answers: list[int]) -> None:
    """
    Nobody may wait for ever, and nobody may get an answer that is perhaps another's.
    """
    gathering: Gathering[int, int] = Gathering(lambda questions: answers, 200)
    asking = [eventlet.spawn(gathering.ask, question) for question in (1, 2)]

    assert {type(outcome(one)) for one in asking} == {ValueError}
    assert not gathering.running


def test_nobody_is_asked_when_nobody_asks(statement: Statement) -> None:
    [asking] = statement.ask(1)
    outcome(asking)
    turn()

    assert (statement.gathering.running, statement.gathering.waiting, statement.groups) == (False, [], [[1]])


def test_what_runs_for_one_who_is_served_is_waited_for_like_him() -> None:
    """
    Otherwise it would rest for his sake.
    """
    waited_for = list[bool]()

    def run(questions: list[int]) -> list[int]:
        waited_for.append(eventlet.getcurrent() in breathing._served)
        return questions

    gathering = Gathering(run, 10)
    with breathing.served():
        gathering.ask(1)
    gathering.ask(2)

    assert waited_for == [True, False]
