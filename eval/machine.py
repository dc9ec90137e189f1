"""The provenance of a run: the commit, the machine, the package versions and the peak memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from hiercomp.ledger import energy

ROOT = Path(__file__).parents[1]
RESULTS = (":!eval/results", ":!benchmarks/results")
"""Folders of results in the checkout. Changes in them do not make the checkout dirty."""
PACKAGES = ("hiercomp", "numpy", "onnxruntime", "faiss-cpu", "rank-bm25", "tiktoken", "nupunkt", "pypdfium2")
"""Packages that the figures of every method depend on. Methods list their own packages in their settings."""


def commit() -> str:
    """Return the commit of this checkout, with `-dirty` if files differ from it, or `unknown` outside a repository."""
    try:
        head = _git("rev-parse", "--short=7", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *RESULTS)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}-dirty" if changed else head


def _git(*arguments: str) -> str:
    run = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout.strip()


def describe() -> dict[str, object]:
    """Describe the machine and the package versions."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "energy": "estimated from core-seconds" if joules() is None else "measured for the whole machine (RAPL)",
        "python": platform.python_version(),
        "packages": {name: installed for name in PACKAGES if (installed := package_version(name))},
    }


def package_version(name: str) -> str | None:
    """Return the installed version of a package, or None if it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def peak_memory() -> int | None:
    """Return the most bytes that this process has held, or None if the system does not report them."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def joules() -> float | None:
    """Read the energy counter of the processors (RAPL). Return None if it cannot be read."""
    counters = sorted(Path("/sys/class/powercap").glob("intel-rapl:[0-9]*/energy_uj"))
    try:
        # The counter of a package includes the counters of its parts. Names of parts have a second colon.
        whole = [counter for counter in counters if counter.parent.name.count(":") == 1]
        return sum(int(counter.read_text()) for counter in whole) / 1e6 if whole else None
    except (OSError, ValueError):
        return None


def watt_hours(cpu_seconds: float, measured: float | None, reader: str | None) -> float | None:
    """Return the watt-hours of a run: measured joules of the whole machine, else the estimate of `hiercomp.ledger`."""
    return energy(cpu_seconds, reader) if measured is None else measured / 3600


def _processor() -> str:
    """Return the name of the processor, if the system reports it."""
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
