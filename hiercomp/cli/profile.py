"""`--profile`: show the seconds of each stage and the memory on stderr."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hiercomp.cli.screen import console
from hiercomp.monitor import ENCODE
from hiercomp.types import STAGES, Ledger

STAT = Path("/proc/self/stat")
"""The file in which Linux reports the start time of this process."""
_START_FIELD = 19
"""The index of the start time among the fields after the process's name. The unit is clock ticks since boot."""

Row = tuple[str, float, float, str]
"""The name of a stage, its wall seconds, its core-seconds and a remark."""


def process_seconds() -> tuple[float, float]:
    """Return the wall seconds since this process began, and its core-seconds.

    Both are the core-seconds on a system that does not report when the process began.
    """
    cpu = time.process_time()
    if not STAT.exists():
        return cpu, cpu
    ticks = int(STAT.read_text(encoding="utf-8").rpartition(")")[2].split()[_START_FIELD])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"), cpu


def rows(ledger: Ledger, start: tuple[float, float]) -> Iterator[Row]:
    """Yield a row for each stage of a run, in order, then the rest and the total.

    Args:
        ledger: The ledger of the run.
        start: The wall seconds and core-seconds that the process had used before the run.
    """
    wall, cpu = dict(ledger.seconds), dict(ledger.cpu_seconds)
    yield "start", *start, ""
    for stage in STAGES:
        yield stage, wall[stage], cpu[stage], ""
        if stage == "retrieve" and ENCODE in wall:
            texts = f"{ledger.encoded:,} text{'' if ledger.encoded == 1 else 's'}"
            tokens = f", {ledger.neural_tokens:,} tokens" if ledger.neural_tokens else ""
            yield f"  {ENCODE}", wall[ENCODE], cpu[ENCODE], texts + tokens
    rest = [clock["total"] - sum(clock[stage] for stage in STAGES) for clock in (wall, cpu)]
    yield "other", max(rest[0], 0.0), max(rest[1], 0.0), ""
    peak = "" if ledger.peak_bytes is None else f"at most {ledger.peak_bytes / 1e6:,.0f} MB of memory"
    yield "total", start[0] + wall["total"], start[1] + cpu["total"], peak


def draw_profile(ledger: Ledger, start: tuple[float, float]) -> None:
    """Print the seconds of each stage on stderr."""
    screen = console(sys.stderr)
    screen.print(f"\n  {'stage':<12}{'seconds':>9}{'CPU':>9}", style="bold")
    for name, wall, cpu, remark in rows(ledger, start):
        screen.print(f"  {name:<12}{wall:>9.2f}{cpu:>9.2f}  {remark}".rstrip())
