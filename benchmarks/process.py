"""A command as a process of its own: its seconds, its core-seconds and the memory of it and all its children."""

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
EVERY = 0.1
"""Seconds between two looks at the memory: reading it takes a few milliseconds of what is measured."""


class ProcessFailed(Exception):
    """A command ended with an error: the text is the last line that it wrote about it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A command that has ended well."""

    output: str
    errors: str
    seconds: float
    cpu_seconds: float
    """Of the process and of every child that it waited for."""
    peak_bytes: int
    """The most that process and children held at one of the looks."""


def measure(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Measured:
    """Runs a command at the root of the checkout and measures it.

    Raises:
        ProcessFailed: it ended with another code than 0.
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
        written, complaint = _content(output), _content(errors)
    if process.returncode:
        lines = complaint.strip().splitlines() or ["nothing was said about it"]
        raise ProcessFailed(f"exit {process.returncode}: {lines[-1]}")
    return Measured(written, complaint, seconds, cpu_seconds, peak)


def memory_counted() -> str:
    """How memory is counted on this system."""
    return "PSS" if hasattr(psutil.Process().memory_full_info(), "pss") else "RSS"


def _watch(process: subprocess.Popen[bytes]) -> int:
    """The most memory until the process ends."""
    peak = 0
    watched = psutil.Process(process.pid)
    while True:
        try:
            process.wait(EVERY)
            return peak
        except subprocess.TimeoutExpired:
            peak = max(peak, _memory(watched))


def _memory(process: psutil.Process) -> int:
    """The bytes of a process and its children: what they share is counted once where the system tells (PSS)."""
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            info = each.memory_full_info()
            total += getattr(info, "pss", info.rss)
    except psutil.Error:  # one ended while it was looked at
        return total
    return total


def _children_seconds() -> float:
    """Core-seconds, user and system, of all children that have ended, and of theirs."""
    return sum(os.times()[2:4])


def _content(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
