"""Parsing in a child process, so that a hostile or damaged file cannot crash or take over the main process.

The operating system limits the memory and the processor time of the child, except on Windows. The main process limits
its wall time.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from hiercomp.errors import DocumentError
from hiercomp.loaders._limits import Limits, check_size
from hiercomp.loaders._wire import Job, OcrNeeded, decode_reply, encode_job
from hiercomp.types import Document

# The option -P keeps the working directory out of the child's import path, so that files there cannot replace modules.
# The root of this package is appended, so that a checkout works without installation.
_START = "import sys; sys.path.append(sys.argv[1]); from hiercomp.loaders._child import main; main()"
_logger = logging.getLogger(__name__)
_ROOT = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True)
class SandboxedLoader:
    """Runs the parser module `hiercomp.loaders._<kind>` in a child process."""

    kind: str
    pages: str | None = None
    limits: Limits = field(default_factory=Limits)

    def load(self, path: Path, *, source: str, password: str | None = None) -> Document:
        """Return the document that the child process parsed.

        Raises:
            HiercompError: the error that the child reported.
            DocumentError: the file is too large, or the child crashed or exceeded a limit.
        """
        check_size(path, source, self.limits)
        job = Job(self.kind, str(path.resolve()), source, self.pages, password, self.limits)
        try:
            return decode_reply(_run(job))
        except OcrNeeded as need:
            job = replace(job, ocr=True, limits=self.limits.with_ocr(need.page_count))
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
    if child.stderr:
        _logger.info("%s: %s", job.source, child.stderr.decode("utf-8", "replace").strip())
    if child.returncode != 0 or not child.stdout:
        raise DocumentError(f"{job.source}: {_describe_failure(child.returncode, child.stderr, job.limits)}")
    return child.stdout


def _describe_failure(code: int, stderr: bytes, limits: Limits) -> str:
    if code == -getattr(signal, "SIGXCPU", 0):
        return f"reading took more than the limit of {limits.seconds:g} s; split the file or use --pages"
    within = f"within its limits of {limits.memory_bytes / 1024**3:.1f} GB of memory and {limits.seconds:g} s"
    if code < 0:
        name = signal.Signals(-code).name
        return f"the parser was stopped by {name} {within}; the file is damaged or needs more, so split it"
    last_line = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return f"the parser ended {within} without a result ({last_line or f'exit {code}'}); report that"
