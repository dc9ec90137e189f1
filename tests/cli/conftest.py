"""A document, and the command line as its users run it: a process of its own with an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPORT = """# Annual report of Tarnholt

Tarnholt builds harbour cranes in Oslo and Gdansk. The company was founded in 1931.

## Results

Revenue rose to 412.7 million euros in 2025, from 389.2 million euros in 2024.
Net income was 31.4 million euros in 2025. The effective tax rate was 21.3 percent in 2025 and 24.8 percent in 2024.
The change of the tax rate comes from a deduction for research in Norway.

## Risks

The price of steel is the largest risk. A strike in Gdansk stopped deliveries for nine days in March 2025.
The company hedges half of its steel for twelve months.

## People

At the end of 2025 the company had 2,114 employees, of whom 618 worked in Oslo.
The chief executive is Ingrid Solheim. She took office in May 2021.
"""
QUESTION = "What was the effective tax rate in 2025?"


class CommandLine:
    """Runs `hiercomp` in a folder of its own, with its own cache, and without a user's settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        self.environment = kept | {
            "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "home/config"),
            "HIERCOMP_CACHE_DIR": str(folder / "cache"),
            "HIERCOMP_MODEL": "extractive",
            "HIERCOMP_EMBEDDING": "hashing",
            "PYTHONWARNINGS": "error",
            "TERM": "xterm-256color",
        }

    def __call__(self, *arguments, stdin=b"", check=0, **environment):
        """The finished process; its exit code is checked unless `check` is None."""
        done = subprocess.run(
            self.arguments(*arguments),
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment | environment,
            timeout=120,
        )
        assert check is None or done.returncode == check, done.stderr.decode()
        return done

    def arguments(self, *arguments):
        """The command and its arguments."""
        return [sys.executable, "-m", "hiercomp.cli", *map(str, arguments)]


@pytest.fixture
def hiercomp(tmp_path):
    """The command line, in a folder that holds report.md."""
    (tmp_path / "report.md").write_text(REPORT, encoding="utf-8")
    return CommandLine(tmp_path)
