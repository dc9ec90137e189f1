"""Times `hiercomp compress` on one file: with nothing kept, then a second question in a new process.

    python -m eval.timing FILE [--budget 4000]

Wall seconds, and the peak resident memory of the process and its children.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from eval.robustness import run

QUESTIONS = ("What was the effective tax rate, and why did it change?", "How much debt falls due in the next years?")


def main() -> None:
    """Prints a line a run and the ratio of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--budget", type=int, default=4000)
    options = parser.parse_args()
    times = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HIERCOMP_CACHE_DIR"] = folder
        for name, question in zip(("first question, cold", "second question"), QUESTIONS, strict=True):
            command = [sys.executable, "-m", "hiercomp.cli", "compress", str(options.file), "--question", question]
            code, _, errors, seconds, peak = run([*command, "--budget", str(options.budget)])
            if code:
                sys.exit(errors)
            times.append(seconds)
            print(f"{name:22} {seconds:6.1f} s  {peak / 1e6:6,.0f} MB", flush=True)
    print(f"ratio {times[0] / times[1]:.1f}")


if __name__ == "__main__":
    main()
