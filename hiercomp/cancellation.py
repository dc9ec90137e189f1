"""Work in threads for an event loop, and its end when nobody waits for it any more.

A thread cannot be stopped from outside. What runs in it looks at each step, such as a stage of a run or a piece of an
answer, whether it was given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from threading import Event
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_given_up: ContextVar[Event | None] = ContextVar("_given_up", default=None)
"""Set when nobody waits for the work that runs in this context any more."""


class GivenUpError(Exception):
    """Ends the thread of work that nobody waits for; no caller sees it."""


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What some work returns; the thread that does it is told when the caller is cancelled."""
    event = Event()

    def told() -> T:
        _given_up.set(event)  # in the thread's own copy of the context
        return work(*args, **kwargs)

    try:
        return await asyncio.to_thread(told)
    except asyncio.CancelledError:
        event.set()
        raise


def end_if_given_up() -> None:
    """Ends work that nobody waits for; does nothing for other work.

    Raises:
        GivenUpError: in the thread of the work.
    """
    event = _given_up.get()
    if event is not None and event.is_set():
        raise GivenUpError
