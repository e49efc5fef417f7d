"""Turns at what takes much memory: never more at once than are let in, and nobody waits for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reports.security.turns import Busy, Turns


def test_no_more_work_at_once_than_are_let_in_and_all_come_to_their_turn():
    turns, at_work, most = (
        Turns(at_work=2, waiting=16, seconds=60),
        threading.Semaphore(0),
        list[int](),
    )
    inside, lock = set[int](), threading.Lock()

    def work(number):
        with turns.take():
            with lock:
                inside.add(number)
                most.append(len(inside))
            at_work.acquire(timeout=0.01)
            with lock:
                inside.discard(number)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    assert (len(most), max(most)) == (16, 2)


@pytest.mark.parametrize(
    ("waiting", "seconds"), [(0, 60.0), (1, 0.01)], ids=["no place to wait", "waits too long"]
)
def test_who_finds_no_turn_is_asked_to_come_again(waiting, seconds):
    turns = Turns(at_work=1, waiting=waiting, seconds=seconds)
    with turns.take(), pytest.raises(Busy), turns.take():
        raise AssertionError("two are at work")
    with turns.take():
        pass  # the place is free again
