import threading
from collections.abc import Iterator
from time import monotonic

import pytest

from hiercomp.llms._deadline import within


def test_what_is_produced_comes_through_in_order() -> None:
    assert list(within(5, lambda: iter("abc"))) == ["a", "b", "c"]


def test_an_error_of_the_producer_is_raised_after_what_came_before() -> None:
    def produce() -> Iterator[int]:
        yield 1
        raise LookupError("gone")

    items = within(5, produce)
    assert next(items) == 1
    with pytest.raises(LookupError, match="gone"):
        next(items)


@pytest.mark.timing
def test_time_runs_out_while_nothing_comes() -> None:
    released = threading.Event()

    def produce() -> Iterator[int]:
        released.wait(10)
        yield 1

    start = monotonic()
    with pytest.raises(TimeoutError, match=r"no end after 0\.2 s"):
        next(within(0.2, produce))
    assert monotonic() - start < 2
    released.set()


def test_a_producer_that_is_given_up_stops() -> None:
    stopped = threading.Event()

    def produce() -> Iterator[int]:
        try:
            yield from range(10_000_000)
        finally:
            stopped.set()

    items = within(30, produce)
    assert next(items) == 0
    items.close()
    assert stopped.wait(10)
