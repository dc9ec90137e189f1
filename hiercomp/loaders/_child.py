"""The child process that parses one file. It reads a job from stdin and writes a reply to stdout."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from importlib import import_module
from math import ceil

from hiercomp.errors import DocumentError, HiercompError
from hiercomp.loaders._faults import fault
from hiercomp.loaders._limits import Limits
from hiercomp.loaders._wire import Job, OcrNeeded, decode_job, encode_document, encode_error, encode_need


def main() -> None:
    """Parse the job on stdin and write the reply: a document, or an error of this package."""
    reply = os.dup(1)
    os.dup2(2, 1)  # A library may print to stdout. Redirect that to stderr, so that it does not mix with the reply.
    job = decode_job(sys.stdin.buffer.read())
    _set_limits(job.limits)
    gc.disable()  # The process parses one file and ends. Collection among millions of live words only costs time.
    with os.fdopen(reply, "wb") as stream:
        stream.write(_reply(job))


def _set_limits(limits: Limits) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits. There, only the timeout of the parent process holds.
        return
    _lower_limit(resource.RLIMIT_AS, limits.memory_bytes)
    _lower_limit(resource.RLIMIT_CPU, ceil(limits.seconds))
    _lower_limit(resource.RLIMIT_CORE, 0)


def _lower_limit(kind: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (soft, hard))


def _reply(job: Job) -> bytes:
    try:
        document = import_module(f"hiercomp.loaders._{job.kind}").parse(job)
        if len(document.text) > job.limits.characters:
            raise DocumentError(
                f"{job.source}: {len(document.text):,} characters are more than the limit of "
                f"{job.limits.characters:,}; use --pages or split the file"
            )
        return encode_document(document)
    except OcrNeeded as need:
        return encode_need(need)
    except HiercompError as error:
        return encode_error(error)
    except MemoryError:
        limit = f"{job.limits.memory_bytes / 1024**3:.1f} GB of memory"
        return encode_error(
            DocumentError(f"{job.source}: reading needs more than the limit of {limit}; split the file")
        )
    except RecursionError:
        return encode_error(
            DocumentError(f"{job.source}: its elements are nested too deeply; convert it to text first")
        )
    except Exception as error:  # a parser can raise anything on an odd file
        traceback.print_exc()  # for the log of the main process
        return encode_error(fault(job.source, job.kind, error))
