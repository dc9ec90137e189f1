"""Run `hiercomp compress` on every file of a folder, and check that each run ends well.

    python -m eval.robustness DIR [--budget 500]

A run ends well with a text, or with one line of error and exit code 3 or 4. A traceback, more than one line of error,
another exit code, more than a minute, or more than 2.5 GB is a problem.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil

EXIT_CODES = (0, 3, 4)
SECONDS = 60.0
BYTES = 2.5e9


def run(command: list[str]) -> tuple[int, str, str, float, int]:
    """Run a command. Return exit code, stdout, stderr, wall seconds, and peak bytes of the process and its children."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = 0
    watched = psutil.Process(process.pid)
    while True:
        try:
            output, errors = process.communicate(timeout=0.05)
            return process.returncode, output, errors, time.perf_counter() - started, peak
        except subprocess.TimeoutExpired:
            peak = max(peak, _resident(watched))


def _resident(process: psutil.Process) -> int:
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.NoSuchProcess:  # The process ended meanwhile.
        return total
    return total


def problems(code: int, errors: str, seconds: float, peak: int) -> list[str]:
    """List the problems of one run."""
    found = []
    if "Traceback" in errors:
        found.append("traceback")
    if code not in EXIT_CODES:
        found.append(f"exit {code}")
    if code and len(errors.strip().splitlines()) != 1:
        found.append(f"{len(errors.strip().splitlines())} lines of error")
    if seconds > SECONDS:
        found.append(f"{seconds:.0f} s")
    if peak > BYTES:
        found.append(f"{peak / 1e9:.1f} GB")
    return found


def main() -> None:
    """Print the files with problems and the counts. Exit with 1 if there is a problem."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.robustness", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="a folder of files, such as broken and hostile ones")
    parser.add_argument("--budget", type=int, default=500, help="the most tokens of a context")
    options = parser.parse_args()
    codes: Counter[int] = Counter()
    bad = 0
    slowest, largest = 0.0, 0
    files = sorted(path for path in options.folder.rglob("*") if path.is_file())
    for path in files:
        question = ["--question", "What is this about?", "--budget", str(options.budget), "--quiet", "--no-cache"]
        code, _, errors, seconds, peak = run([sys.executable, "-m", "hiercomp.cli", "compress", str(path), *question])
        codes[code] += 1
        slowest, largest = max(slowest, seconds), max(largest, peak)
        if found := problems(code, errors, seconds, peak):
            bad += 1
            print(f"{path.relative_to(options.folder)}: {', '.join(found)}: {errors.strip()[-300:]}", flush=True)
    shown = ", ".join(f"exit {code}: {count}" for code, count in sorted(codes.items()))
    print(f"{len(files)} files, {bad} with problems; {shown}; slowest {slowest:.1f} s, largest {largest / 1e6:,.0f} MB")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
