"""Attachments: files inside of a file, which the parsers of their own formats read in the same child process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from hiercomp.errors import DocumentError, HiercompError
from hiercomp.loaders._detect import KINDS, detect
from hiercomp.loaders._faults import fault
from hiercomp.loaders._wire import Job
from hiercomp.types import Document

MOST = 100
"""The most attachments of one mail that are read."""
DEEPEST = 5
"""The most levels of mails that are attached to each other."""


class Attachments:
    """Reads the attachments of a mail.

    Attributes:
        documents: those that are read.
        omissions: a line for each that cannot be read.
    """

    def __init__(self, job: Job, depth: int, parse_mail: Callable[[Job, int], Document]) -> None:
        self.documents: list[Document] = []
        self.omissions: list[str] = []
        self._job = job
        self._depth = depth
        self._parse_mail = parse_mail
        self._room = job.limits.characters

    def add(self, name: str, data: bytes) -> None:
        """Read an attachment, or note why it is left out."""
        name = " ".join(PurePosixPath(name.replace("\\", "/")).name.split()) or "attachment"
        try:
            document = self._read(name, data)
            self._room -= _length(document)
            if self._room < 0:
                raise DocumentError(f"it exceeds the limit of {self._job.limits.characters:,} characters")
        except HiercompError as error:
            reason = str(error).removeprefix(f"{name}: ")
            self.omissions.append(f"the attachment {name} ({reason})")
        else:
            self.documents.append(document)

    def _read(self, name: str, data: bytes) -> Document:
        if len(self.documents) + len(self.omissions) >= MOST:
            raise DocumentError(f"it is beyond the limit of {MOST} attachments")
        with tempfile.TemporaryDirectory(prefix="hiercomp-") as folder:
            path = Path(folder, "file").with_suffix(PurePosixPath(name).suffix[:12])
            path.write_bytes(data)
            kind = detect(path, name)
            try:
                return self._parse(kind, replace(self._job, kind=kind, path=str(path), source=name, pages=None))
            except (HiercompError, MemoryError):
                raise
            except Exception as error:  # a parser can raise anything on an odd file
                raise fault(name, kind, error) from error

    def _parse(self, kind: str, job: Job) -> Document:
        if kind == "mail":
            if self._depth == DEEPEST:
                raise DocumentError(f"mails are attached to each other in more than {DEEPEST} levels")
            return self._parse_mail(job, self._depth + 1)
        if kind in KINDS and find_spec(f"hiercomp.loaders._{kind}"):
            document: Document = import_module(f"hiercomp.loaders._{kind}").parse(job)
        else:
            loader = import_module(f"hiercomp.loaders.{kind}").build(limits=job.limits)
            document = loader.load(Path(job.path), source=job.source)
        return document


def _length(document: Document) -> int:
    return len(document.text) + sum(map(_length, document.attachments))
