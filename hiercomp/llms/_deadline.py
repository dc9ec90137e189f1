"""A time limit for work of other libraries. It holds even if a server sends a byte from time to time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from queue import Empty, Queue
from threading import Event, Thread
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class _Producer(Thread, Generic[T]):
    """A thread that puts the items of an iterable into a queue, each as `(item,)`, and then its exception or None."""

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
        except BaseException as error:  # the caller's thread raises it
            self.items.put(error)


def within(seconds: float, produce: Callable[[], Iterable[T]]) -> Generator[T, None, None]:
    """Yield the items of `produce()` until the time limit. It runs in another thread, so that Ctrl-C works at once.

    After the limit the thread goes on until its own time limit. Its further items are not used.

    Raises:
        TimeoutError: the time limit is reached.
        BaseException: `produce` raised it.
    """
    end = monotonic() + seconds
    producer = _Producer(produce)
    producer.start()
    try:
        while True:
            try:
                item = producer.items.get(timeout=max(0.0, end - monotonic()))
            except Empty:
                raise TimeoutError(f"no end after {seconds:g} s") from None
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item[0]
    finally:
        producer.given_up.set()
