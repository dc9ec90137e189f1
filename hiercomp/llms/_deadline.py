"""Work of others under a time limit that holds even when a server sends a byte now and then."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from queue import Empty, Queue
from threading import Event, Thread
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class _Work(Thread, Generic[T]):
    """Puts what a producer yields into a queue as (item,), and how it ended: its exception, or None."""

    def __init__(self, produce: Callable[[], Iterable[T]]) -> None:
        super().__init__(daemon=True)
        self.items: Queue[tuple[T] | BaseException | None] = Queue()
        self.given_up = Event()
        self._produce = produce

    def run(self) -> None:
        try:
            for item in self._produce():
                self.items.put((item,))
                if self.given_up.is_set():
                    return
            self.items.put(None)
        except BaseException as error:  # carried to the caller's thread and raised there
            self.items.put(error)


def within(seconds: float, produce: Callable[[], Iterable[T]]) -> Generator[T, None, None]:
    """What `produce` yields, until the time is up; it runs in a thread of its own, so Ctrl-C is heard at once.

    A producer that is given up is left to its own time limit; nothing that it still yields is used.

    Raises:
        TimeoutError: the time is up.
        BaseException: whatever the producer raised.
    """
    end = monotonic() + seconds
    work = _Work(produce)
    work.start()
    try:
        while True:
            try:
                item = work.items.get(timeout=max(0.0, end - monotonic()))
            except Empty:
                raise TimeoutError(f"no end after {seconds:g} s") from None
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item[0]
    finally:
        work.given_up.set()
