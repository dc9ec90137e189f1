"""The measurements of a process and its children."""

import sys

import pytest

from benchmarks.process import ProcessFailed, measure

BUSY = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass"


@pytest.mark.timing
def test_a_process_that_sleeps_takes_time_and_no_core_seconds():
    measured = measure([sys.executable, "-c", "import time; time.sleep(0.5); print('done')"])
    assert measured.output == "done\n"
    assert measured.seconds >= 0.5
    assert measured.cpu_seconds < measured.seconds


@pytest.mark.timing
def test_the_work_of_a_child_counts():
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}], check=True)"
    assert measure([sys.executable, "-c", code]).cpu_seconds >= 0.4


def test_the_memory_of_a_child_counts():
    # The child holds 80 MB. The parent holds an interpreter's few.
    child = "held = bytearray(80_000_000)\nimport time; time.sleep(1.5)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    assert 80e6 < measure([sys.executable, "-c", code]).peak_bytes < 160e6


def test_the_environment_reaches_the_process():
    code = "import os; print(os.environ['WHERE'])"
    assert measure([sys.executable, "-c", code], {"WHERE": "here"}).output == "here\n"


def test_a_process_that_fails_says_why_on_one_line():
    with pytest.raises(ProcessFailed, match=r"^exit 1: ValueError: no such page$"):
        measure([sys.executable, "-c", "raise ValueError('no such page')"])
