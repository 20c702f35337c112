"""Work that comes back in order, bounded ahead, and is dropped when nobody wants it."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from forkroad.ordered_work import cancelling, map_in_order


def test_results_come_in_the_order_of_the_items():
    def work(item):
        time.sleep(0.002 * (item % 3))
        return -item

    with cancelling(ThreadPoolExecutor(4)) as pool:
        assert list(map_in_order(pool, work, range(30), 8)) == [-item for item in range(30)]


def test_items_are_taken_only_when_there_is_room():
    taken = []

    def items():
        for item in itertools.count():
            taken.append(item)
            yield item

    with cancelling(ThreadPoolExecutor(2)) as pool:
        results = map_in_order(pool, lambda item: item, items(), 5)
        for turn in range(10):
            assert next(results) == turn
            assert len(taken) == turn + 5


def test_what_a_call_raises_is_raised_in_its_place():
    def work(item):
        return 1 // (3 - item)

    with cancelling(ThreadPoolExecutor(2)) as pool:
        results = map_in_order(pool, work, range(9), 4)
        assert [next(results) for _ in range(3)] == [0, 0, 1]
        with pytest.raises(ZeroDivisionError):
            next(results)


def test_what_has_not_begun_is_dropped_at_the_end():
    begun = []
    gate = threading.Event()

    def work(item):
        begun.append(item)
        gate.wait(10)

    pool = ThreadPoolExecutor(1)
    with pytest.raises(KeyboardInterrupt), cancelling(pool):
        waiting = [pool.submit(work, item) for item in range(9)]
        while not begun:
            time.sleep(0.001)
        threading.Timer(0.05, gate.set).start()
        raise KeyboardInterrupt
    assert begun == [0]
    assert all(future.cancelled() for future in waiting[1:])
