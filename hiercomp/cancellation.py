"""Run work in a thread for an event loop, and end it when its caller is cancelled.

A thread cannot be stopped from outside. So the work checks before each step whether its caller has given it up. A step
is, for example, a stage of a run or a piece of an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event, Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

POLL_SECONDS = 0.05
"""How often a waiting thread checks whether its own caller has given up."""

_given_up: ContextVar[Event | None] = ContextVar("_given_up", default=None)
"""The event that is set when the caller of the work in this context is cancelled."""


class GivenUpError(Exception):
    """The caller of the work was cancelled. This error ends the thread, and no caller sees it."""


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do some work in a thread and return its result. If the caller is cancelled, the work ends at its next check."""
    event = Event()

    def run() -> T:
        _given_up.set(event)  # The thread has its own copy of the context.
        return work(*args, **kwargs)

    try:
        return await asyncio.to_thread(run)
    except asyncio.CancelledError:
        event.set()
        raise


def end_if_given_up() -> None:
    """End the work of this thread if its caller was cancelled, or else do nothing.

    Raises:
        GivenUpError: the caller was cancelled.
    """
    event = _given_up.get()
    if event is not None and event.is_set():
        raise GivenUpError


@contextmanager
def holding(lock: Lock) -> Iterator[None]:
    """Hold a lock inside the `with` block. The wait for the lock ends if the caller of the work is cancelled.

    Raises:
        GivenUpError: the caller was cancelled.
    """
    while not lock.acquire(timeout=POLL_SECONDS):
        end_if_given_up()
    try:
        yield
    finally:
        lock.release()
