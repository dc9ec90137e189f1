"""Build expensive values once, even if several threads ask for them at the same time.

`functools.cache` and `functools.cached_property` do not lock: threads that ask together build the value several times.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Event, Lock, get_ident
from typing import Generic, TypeVar

from hiercomp.cancellation import POLL_SECONDS, end_if_given_up

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Entry(Generic[V]):
    """A value that one thread builds. `values` holds it, or stays empty if the build failed."""

    def __init__(self) -> None:
        self.builder = get_ident()
        self.ended = Event()
        self.values: list[V] = []


class BuildCache(Generic[K, V]):
    """A cache that builds each value once. A thread waits only for its own key, and can be cancelled while it waits."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: dict[K, _Entry[V]] = {}

    def __contains__(self, key: K) -> bool:
        """Whether the value of a key has been built."""
        with self._lock:
            return key in self._entries and bool(self._entries[key].values)

    def get(self, key: K, build: Callable[[], V]) -> V:
        """Return the value of a key; call `build` if no thread has built it yet.

        If `build` raises, its caller gets the error and a thread that waits tries again.

        Raises:
            RuntimeError: `build` asks for its own key, which would wait for itself forever.
        """
        while True:
            with self._lock:
                entry = self._entries.get(key)
                is_builder = entry is None
                if entry is None:
                    entry = self._entries[key] = _Entry()
            if is_builder:
                return self._build(key, build, entry)
            if not entry.ended.is_set() and entry.builder == get_ident():
                raise RuntimeError("a value is asked for while the same thread builds it")
            while not entry.ended.wait(POLL_SECONDS):
                end_if_given_up()
            if entry.values:
                return entry.values[0]

    def _build(self, key: K, build: Callable[[], V], entry: _Entry[V]) -> V:
        try:
            value = build()
            entry.values.append(value)
            return value
        finally:
            if not entry.values:
                with self._lock:
                    del self._entries[key]
            entry.ended.set()


class Lazy(Generic[V]):
    """A value that is built when it is first called for, once for all threads."""

    def __init__(self, build: Callable[[], V]) -> None:
        self._build = build
        self._cache: BuildCache[None, V] = BuildCache()

    def __call__(self) -> V:
        """Return the value."""
        return self._cache.get(None, self._build)

    @property
    def is_built(self) -> bool:
        """Whether the value has been built."""
        return None in self._cache
