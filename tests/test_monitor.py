import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest

from hiercomp.cancellation import GivenUpError, in_thread
from hiercomp.monitor import CpuShares, Monitor, active_monitor, encoding, stage
from hiercomp.types import STAGES


def work(seconds: float) -> None:
    """Keep a core busy for some seconds of this thread's own processor time."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


@pytest.mark.timing
def test_a_stage_that_is_entered_again_adds_up() -> None:
    with Monitor().active() as monitor:
        for _ in range(2):
            with monitor.stage("load"):
                time.sleep(0.02)
    seconds = dict(monitor.seconds())
    assert tuple(seconds) == (*STAGES, "total")
    assert 0.04 <= seconds["load"] <= seconds["total"]
    assert seconds["reason"] == 0.0


@pytest.mark.timing
def test_a_stage_that_fails_is_counted() -> None:
    with Monitor().active() as monitor, suppress(ValueError), monitor.stage("load"):
        time.sleep(0.01)
        raise ValueError
    assert dict(monitor.seconds())["load"] >= 0.01


@pytest.mark.timing
def test_core_seconds_count_work_here_and_in_children_but_not_sleep() -> None:
    with Monitor().active() as monitor:
        time.sleep(0.1)
        idle = dict(monitor.cpu_seconds())["total"]
        assert idle < 0.09
        subprocess.run(
            [sys.executable, "-c", "import time\nwhile time.process_time() < 0.2: pass"],
            check=True,
            stdin=subprocess.DEVNULL,
        )
        assert dict(monitor.cpu_seconds())["total"] >= idle + 0.15


@pytest.mark.timing
def test_each_stage_has_its_core_seconds() -> None:
    with Monitor().active() as monitor:
        with monitor.stage("load"):
            work(0.2)
        seconds = dict(monitor.cpu_seconds())
    assert tuple(seconds) == (*STAGES, "total")
    assert 0.17 <= seconds["load"] <= seconds["total"]  # the system counts in hundredths
    assert seconds["retrieve"] == 0.0


@pytest.mark.timing
def test_a_run_is_billed_for_its_own_time_and_not_for_what_ran_before() -> None:
    with Monitor().active() as first:
        work(0.2)
        spent = dict(first.cpu_seconds())["total"]
    with Monitor().active() as second:
        idle = dict(second.cpu_seconds())["total"]
    assert spent >= 0.17
    assert idle < 0.05


@pytest.mark.timing
def test_runs_at_the_same_time_share_the_core_seconds_of_the_process() -> None:
    both, process = Barrier(2), CpuShares()
    process.open(0)

    def run(_: int) -> float:
        with Monitor().active() as monitor:
            both.wait()
            work(0.2)
            both.wait()
            return dict(monitor.cpu_seconds())["total"]

    with ThreadPoolExecutor(2) as pool:
        shares = list(pool.map(run, range(2)))
    assert sum(shares) == pytest.approx(process.seconds(0), abs=0.06)  # and not twice as much


@pytest.mark.timing
def test_encoding_is_a_part_of_its_stage_and_counted_once() -> None:
    with Monitor().active() as monitor, monitor.stage("retrieve"):
        with encoding():
            time.sleep(0.02)
            with encoding():
                time.sleep(0.02)
        time.sleep(0.02)
    seconds = dict(monitor.seconds())
    assert seconds["encode"] >= 0.04
    # Counted twice, the inner one would bring it to the stage's own 60 ms.
    assert seconds["encode"] + 0.02 <= seconds["retrieve"]


def test_runs_in_other_threads_keep_their_own_figures() -> None:
    both = Barrier(2)

    def run(texts: int) -> tuple[int, int, str | None]:
        with Monitor().active() as monitor:
            both.wait()
            active_monitor().count_encoded(f"encoder {texts}", texts, 10 * texts)
            both.wait()
        return monitor.encoded, monitor.neural_tokens, monitor.encoder

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, [1, 2])) == [(1, 10, "encoder 1"), (2, 20, "encoder 2")]


def test_without_a_run_nothing_is_counted() -> None:
    active_monitor().count_encoded("hashing", 3, 30)
    with encoding():
        assert (active_monitor().encoded, active_monitor().encoder) == (0, None)


def test_a_stage_is_announced_and_timed_by_the_run_that_is_active() -> None:
    stages: list[tuple[str, int, int]] = []

    @stage("retrieve")
    def search(question: str) -> str:
        return question.upper()

    @stage("load", announced=False)
    def load() -> int:
        return 1

    assert search("why?") == "WHY?"
    with Monitor(lambda *step: stages.append(step)).active() as monitor:
        assert (search("why?"), load()) == ("WHY?", 1)
    assert stages == [("retrieve", 0, 0)]
    assert dict(monitor.seconds())["retrieve"] > 0
    assert dict(monitor.seconds())["load"] > 0


@pytest.mark.parametrize("announced", [True, False])
def test_a_stage_does_not_begin_for_a_caller_that_has_given_up(announced: bool) -> None:
    import asyncio

    begun: list[int] = []

    @stage("retrieve", announced=announced)
    def search() -> None:
        begun.append(1)

    async def give_up() -> None:
        started = asyncio.Event()
        loop = asyncio.get_running_loop()
        ended: list[BaseException] = []

        def run() -> None:
            loop.call_soon_threadsafe(started.set)
            time.sleep(0.1)
            try:
                search()
            except GivenUpError as error:
                ended.append(error)
                raise

        task = asyncio.create_task(in_thread(run))
        await started.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.2)
        assert ended

    asyncio.run(give_up())
    assert not begun
