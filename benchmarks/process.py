"""Measures a command in its own process: seconds, core-seconds, and the memory of the process and its children."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

ROOT = Path(__file__).parents[1]
POLL_SECONDS = 0.1
"""The seconds between two readings of the memory. A reading costs a few milliseconds of the measured time."""


class ProcessFailed(Exception):
    """A command failed. The message holds its exit code and the last line of its stderr."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurements of a command that succeeded."""

    output: str
    errors: str
    seconds: float
    cpu_seconds: float
    """Core-seconds of the process and of every child for which it waited."""
    peak_bytes: int
    """The most memory that the process and its children held at one of the readings."""


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Measured:
    """Run a command at the root of the checkout and measure it.

    Raises:
        ProcessFailed: the exit code is not 0.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output, tempfile.TemporaryFile("w+") as errors:
        cpu_before, started = _children_seconds(), time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
        peak = _watch(process)
        seconds, cpu_seconds = time.perf_counter() - started, _children_seconds() - cpu_before
        output_text, error_text = _content(output), _content(errors)
    if process.returncode:
        lines = error_text.strip().splitlines() or ["no message"]
        raise ProcessFailed(f"exit {process.returncode}: {lines[-1]}")
    return Measured(output_text, error_text, seconds, cpu_seconds, peak)


def memory_counted() -> str:
    """Return how this system counts memory: `PSS` or `RSS`."""
    return "PSS" if hasattr(psutil.Process().memory_full_info(), "pss") else "RSS"


def _watch(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process, and return the most memory that it held."""
    peak = 0
    watched = psutil.Process(process.pid)
    while True:
        try:
            process.wait(POLL_SECONDS)
            return peak
        except subprocess.TimeoutExpired:
            peak = max(peak, _memory(watched))


def _memory(process: psutil.Process) -> int:
    """Return the bytes of a process and its children. Shared pages count once if the system reports the PSS."""
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            info = each.memory_full_info()
            total += getattr(info, "pss", info.rss)
    except psutil.Error:  # A process ended during the reading.
        return total
    return total


def _children_seconds() -> float:
    """Return the core-seconds, user and system, of all finished children and of their children."""
    return sum(os.times()[2:4])


def _content(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
