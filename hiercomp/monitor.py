"""Measure one run while it runs: the time of each stage, and the texts that the encoder reads for it.

The pipeline activates a monitor for each call. Functions that are marked with `stage` are timed by the monitor that
is active in their thread, are announced to its observer, and end early if the caller has given up.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

from hiercomp.cancellation import end_if_given_up
from hiercomp.types import STAGES

P = ParamSpec("P")
T = TypeVar("T")

Observer = Callable[[str, int, int], None]
"""A callback that receives a stage, the number of finished steps, and their total (0 if unknown)."""

ENCODE = "encode"
"""The encoder's time. It is part of the stage in which the encoder runs and is counted there too."""


class CpuShares:
    """Core-seconds of this process, divided equally among the runs that are active at the same time.

    The operating system counts core-seconds for a process or a thread. A run works on several threads (the encoder
    and the local reader have their own), so neither number is the run's own.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._spent: dict[int, float] = {}
        self._settled_at = 0.0

    def open(self, run: int) -> None:
        """Add a run."""
        with self._lock:
            self._settle()
            self._spent[run] = 0.0

    def seconds(self, run: int) -> float:
        """Return the core-seconds of a run so far; 0 for a run that is not open."""
        with self._lock:
            self._settle()
            return self._spent.get(run, 0.0)

    def close(self, run: int) -> None:
        """Remove a run."""
        with self._lock:
            self._settle()
            self._spent.pop(run, None)

    def _settle(self) -> None:
        """Divide the time since the last call among the open runs."""
        now = sum(os.times()[:4])  # user and system time of this process and of its finished children
        for run in self._spent:
            self._spent[run] += (now - self._settled_at) / len(self._spent)
        self._settled_at = now


_SHARES = CpuShares()


class Monitor:
    """The measurements of one run."""

    def __init__(self, observer: Observer | None = None) -> None:
        self._observer = observer
        self._started = time.perf_counter()
        self._wall = dict.fromkeys(STAGES, 0.0)
        self._cpu = dict.fromkeys(STAGES, 0.0)
        self.encoded = 0
        self.neural_tokens = 0
        self.encoder: str | None = None

    @contextmanager
    def active(self) -> Iterator[Monitor]:
        """Make this the monitor of everything that runs inside the `with` block."""
        _SHARES.open(id(self))
        token = _active.set(self)
        try:
            yield self
        finally:
            _active.reset(token)
            _SHARES.close(id(self))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time inside the `with` block to a stage, even if the block raises."""
        wall, cpu = time.perf_counter(), _SHARES.seconds(id(self))
        token = _stage.set(name)
        try:
            yield
        finally:
            _stage.reset(token)
            self._wall[name] = self._wall.get(name, 0.0) + time.perf_counter() - wall
            self._cpu[name] = self._cpu.get(name, 0.0) + _SHARES.seconds(id(self)) - cpu

    def observe(self, name: str, done: int = 0, total: int = 0) -> None:
        """Report the progress of a stage to the observer; end the run if its caller has given up."""
        end_if_given_up()
        if self._observer is not None:
            self._observer(name, done, total)

    def count_encoded(self, encoder: str, texts: int, tokens: int) -> None:
        """Count texts that an encoder read, and their tokens."""
        self.encoder = encoder
        self.encoded += texts
        self.neural_tokens += tokens

    def seconds(self) -> tuple[tuple[str, float], ...]:
        """Return the wall seconds of each stage so far, and as `total` those since the monitor was made."""
        return (*self._wall.items(), ("total", time.perf_counter() - self._started))

    def cpu_seconds(self) -> tuple[tuple[str, float], ...]:
        """Return the core-seconds of each stage so far, and as `total` those of the whole run; see `CpuShares`."""
        return (*self._cpu.items(), ("total", _SHARES.seconds(id(self))))


_active: ContextVar[Monitor | None] = ContextVar("active monitor", default=None)
_stage: ContextVar[str | None] = ContextVar("active stage", default=None)


def active_monitor() -> Monitor:
    """Return the monitor of the run in this thread, or a new one that nobody reads if no run is active."""
    return _active.get() or Monitor()


def stage(name: str, *, announced: bool = True) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark a function as a stage of a run: time it, and end it early if its caller has given up.

    The observer learns of the stage when it begins, unless `announced` is False: a stage whose work is usually done
    already reports its own progress.
    """

    def mark(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def timed(*args: P.args, **kwargs: P.kwargs) -> T:
            monitor = active_monitor()
            if announced:
                monitor.observe(name)
            end_if_given_up()
            with monitor.stage(name):
                return function(*args, **kwargs)

        return timed

    return mark


@contextmanager
def encoding() -> Iterator[None]:
    """Add the time inside the `with` block to `ENCODE`. Nested blocks are counted once."""
    if _stage.get() == ENCODE:
        yield
        return
    with active_monitor().stage(ENCODE):
        yield
