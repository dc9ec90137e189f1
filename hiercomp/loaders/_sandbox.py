"""A parser in a child process: what a hostile or broken file does there, it does to nobody else.

The child has limits of memory and processor time where the platform knows them, and of wall time everywhere.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from hiercomp.errors import DocumentError
from hiercomp.loaders._limits import Limits, check_size
from hiercomp.loaders._wire import Job, decode_reply, encode_job
from hiercomp.types import Document

# -P keeps the working directory off the child's path; the package's own root makes a checkout work uninstalled.
_START = "import sys; sys.path.append(sys.argv[1]); from hiercomp.loaders._child import main; main()"
_ROOT = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True)
class SandboxedLoader:
    """A loader whose parser is the module `hiercomp.loaders._<kind>`, run in a child process."""

    kind: str
    pages: str | None = None
    limits: Limits = field(default_factory=Limits)

    def load(self, path: Path, *, source: str, password: str | None = None) -> Document:
        """The document that the child made of the file.

        Raises:
            DocumentError: the file is too large, or the child refused it, crashed or ran into a limit.
        """
        check_size(path, source, self.limits)
        job = Job(self.kind, str(path.resolve()), source, self.pages, password, self.limits)
        return decode_reply(_run(job))


def _run(job: Job) -> bytes:
    command = [sys.executable, "-P", "-X", "utf8", "-c", _START, _ROOT]
    try:
        child = subprocess.run(
            command, input=encode_job(job), capture_output=True, timeout=job.limits.seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentError(
            f"{job.source}: reading took more than the limit of {job.limits.seconds:g} s; split the file or use --pages"
        ) from error
    if child.returncode != 0 or not child.stdout:
        raise DocumentError(f"{job.source}: {_ending(child.returncode, child.stderr, job.limits)}")
    return child.stdout


def _ending(code: int, stderr: bytes, limits: Limits) -> str:
    if code == -getattr(signal, "SIGXCPU", 0):
        return f"reading took more than the limit of {limits.seconds:g} s; split the file or use --pages"
    within = f"within its limits of {limits.memory_bytes / 1024**3:.1f} GB of memory and {limits.seconds:g} s"
    if code < 0:
        name = signal.Signals(-code).name
        return f"the parser was stopped by {name} {within}; the file is damaged or needs more than that"
    last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return f"the parser failed {within} ({last or f'exit {code}'}); the file is damaged"
