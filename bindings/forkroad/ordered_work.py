"""Work on several threads or processes whose results come back in the order of the items."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_in_order(
    pool: Executor, function: Callable[[Item], Result], items: Iterable[Item], ahead: int
) -> Iterator[Result]:
    """Yield function(item) of every item in order; at most `ahead` items are under way or wait.

    Items are taken from their iterable only when there is room, so it may be endless. What a call
    raises is raised where its result would have come.
    """
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextlib.contextmanager
def cancelling(pool: Executor) -> Iterator[Executor]:
    """A pool that drops what it has not begun when the block ends, however it ends."""
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
