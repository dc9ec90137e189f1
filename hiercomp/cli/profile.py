"""Where the time of a run went, on stderr: `--profile`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hiercomp.cli.screen import console
from hiercomp.ledger import ENCODE, STAGES
from hiercomp.types import Ledger

STAT = Path("/proc/self/stat")
"""Where Linux tells when a process began."""
_START_FIELD = 19
"""Its place behind the process's name, which may hold blanks, in ticks since the machine started."""

Row = tuple[str, float, float, str]
"""What took the time, its wall seconds, its core-seconds and a remark."""


def process_seconds() -> tuple[float, float]:
    """Wall seconds since this process began, and its core-seconds, which stand for both where nothing tells."""
    cpu = time.process_time()
    if not STAT.exists():
        return cpu, cpu
    ticks = int(STAT.read_text(encoding="utf-8").rpartition(")")[2].split()[_START_FIELD])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"), cpu


def rows(ledger: Ledger, start: tuple[float, float]) -> Iterator[Row]:
    """The stages of a run that began after `start`, in their order, and the whole."""
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
    """Draws the seconds of each stage on stderr."""
    screen = console(sys.stderr)
    screen.print(f"\n  {'stage':<12}{'seconds':>9}{'CPU':>9}", style="bold")
    for name, wall, cpu, remark in rows(ledger, start):
        screen.print(f"  {name:<12}{wall:>9.2f}{cpu:>9.2f}  {remark}".rstrip())
