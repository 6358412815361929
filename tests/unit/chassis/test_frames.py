"""Frames of one turn of the hub leave in one piece, in order; a broken connection is told of."""

from __future__ import annotations

import pytest
from eventlet import sleep as give_way
from eventlet.event import Event

from chassis.frames import Gathered


def test_frames_of_one_turn_leave_in_one_piece_and_in_order():
    sent = []
    write = Gathered(sent.append, sent.clear)

    buffer = bytearray(b"one ")
    write(memoryview(buffer))
    buffer[:] = b"two "
    write(memoryview(buffer))
    give_way()

    assert sent == [b"one two "]


def test_nothing_is_written_into_the_middle_of_a_frame_that_stalls():
    """
    A broker that does not read stops the writer half way through a frame.
    """
    sent, reads = [], Event()

    def stalling(piece):
        sent.append(b"<")
        reads.wait()
        sent.append(piece + b">")

    write = Gathered(stalling, sent.clear)
    write(memoryview(b"one"))
    give_way()
    write(memoryview(b"two"))
    give_way()
    assert sent == [b"<"]

    reads.send()
    give_way()

    assert sent == [b"<", b"one>", b"<", b"two>"]


def test_who_writes_to_a_broken_connection_is_told_and_who_reads_on_it_woken():
    """
    Only then can a message be sent anew over another one, and those who wait for answers to what was lost be told.
    """
    woken = []

    def broken(piece):
        raise ConnectionResetError

    write = Gathered(broken, lambda: woken.append(True))
    write(memoryview(b"lost with the connection"))
    give_way()

    with pytest.raises(ConnectionError):
        write(memoryview(b"next"))
    assert woken == [True]
