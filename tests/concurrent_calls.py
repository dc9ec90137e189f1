"""Calls of a function from several threads at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def call_at_once(function: Callable[[], T], threads: int = 8) -> list[T]:
    """Return the result of each thread; all threads call the function when the last one is ready."""
    barrier = Barrier(threads)

    def call() -> T:
        barrier.wait(timeout=10)
        return function()

    with ThreadPoolExecutor(threads) as executor:
        futures = [executor.submit(call) for _ in range(threads)]
        return [future.result() for future in futures]
