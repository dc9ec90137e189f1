import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
from concurrent_calls import call_at_once

from hiercomp.building import BuildCache, Lazy
from hiercomp.cancellation import GivenUpError, in_thread

SLOW_SECONDS = 0.05
"""Long enough for threads without a lock to build several values."""


def test_eight_threads_that_ask_for_a_key_at_once_build_its_value_once():
    cache, built = BuildCache(), []

    def build():
        time.sleep(SLOW_SECONDS)
        built.append(object())
        return built[-1]

    assert call_at_once(lambda: cache.get("key", build)) == [built[0]] * 8
    assert len(built) == 1


def test_eight_threads_that_ask_for_a_lazy_value_at_once_build_it_once():
    built = []

    def build():
        time.sleep(SLOW_SECONDS)
        built.append(object())
        return built[-1]

    value = Lazy(build)
    assert not value.is_built
    assert call_at_once(value) == [built[0]] * 8
    assert len(built) == 1
    assert value.is_built


def test_each_key_has_its_own_value_and_false_values_count():
    cache = BuildCache()
    assert [cache.get(key, lambda key=key: key) for key in (None, 0, "", "a")] == [None, 0, "", "a"]
    assert [cache.get(key, lambda: pytest.fail("it was built before")) for key in (None, 0, "", "a")] == [
        None,
        0,
        "",
        "a",
    ]
    assert "a" in cache
    assert "b" not in cache


def test_a_key_does_not_wait_for_the_build_of_another_key():
    cache, release = BuildCache(), Event()
    with ThreadPoolExecutor(1) as executor:
        slow = executor.submit(cache.get, "slow", lambda: release.wait(10))
        while not cache._entries:
            time.sleep(0.001)
        assert cache.get("fast", lambda: 1) == 1
        assert "slow" not in cache
        release.set()
        assert slow.result() is True


def test_a_build_that_fails_raises_for_its_caller_and_is_tried_again():
    cache, failures = BuildCache(), [OSError("no room"), OSError("no room")]

    def build():
        time.sleep(SLOW_SECONDS)
        if failures:
            raise failures.pop()
        return "value"

    def get():
        try:
            return cache.get("key", build)
        except OSError as error:
            return str(error)

    assert sorted(call_at_once(get)) == ["no room"] * 2 + ["value"] * 6
    assert cache.get("key", build) == "value"


def test_a_thread_that_waits_ends_when_its_caller_gives_up_and_the_build_goes_on():
    cache, release, waits, errors = BuildCache(), Event(), Event(), []

    def wait_for_value():
        waits.set()
        try:
            cache.get("key", lambda: pytest.fail("another thread builds it"))
        except GivenUpError as error:
            errors.append(error)
            raise

    async def cancel_waiting_call():
        task = asyncio.create_task(in_thread(wait_for_value))
        await asyncio.to_thread(waits.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with ThreadPoolExecutor(1) as executor:
        builder = executor.submit(cache.get, "key", lambda: release.wait(10))
        while not cache._entries:
            time.sleep(0.001)
        asyncio.run(cancel_waiting_call())  # the end of the event loop waits for its threads
        assert len(errors) == 1
        assert "key" not in cache
        release.set()
        assert builder.result() is True
    assert "key" in cache


def test_a_value_that_needs_itself_is_an_error_and_no_endless_wait():
    value: Lazy[object] = Lazy(lambda: value())
    errors = []

    def ask():
        try:
            value()
        except RuntimeError as error:
            errors.append(str(error))

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert errors == ["a value is asked for while the same thread builds it"]
    assert not value.is_built
