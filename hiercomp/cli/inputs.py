"""The inputs of a command: files and a question from the arguments, and a document from stdin."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hiercomp.errors import ConfigError, DocumentError

if TYPE_CHECKING:
    from hiercomp.config import Config
    from hiercomp.types import Document

STDIN = "-"
_FILE_NAME = re.compile(r"\S+\.[A-Za-z][A-Za-z0-9]{1,4}")


def split_question(
    arguments: Sequence[str], question: str | None, *, required: bool
) -> tuple[tuple[str, ...], str | None]:
    """Split the arguments into files and a question.

    The question is `question` if it is given. Otherwise it is the last argument, unless that argument names a file.

    Raises:
        ConfigError: a required question is missing, or the question is blank.
    """
    files = tuple(arguments)
    if question is None and files and not _names_file(files[-1]):
        *files_before, question = files
        files = tuple(files_before)
    if question is not None and not question.strip():
        raise ConfigError("the question is blank; put it in quotes as the last argument")
    if question is None and required:
        last = f"{files[-1]!r} is read as a file; " if files else ""
        raise ConfigError(f"no question: {last}put the question in quotes as the last argument, or after --question")
    return files, question


def read_sources(files: Sequence[str], config: Config) -> list[Path | Document]:
    """Return the paths as given. Read the document on stdin if the name is `-` or if no file is named.

    Raises:
        ConfigError: no file is named and stdin is a terminal.
        DocumentError: an argument is empty, or is an address on the network.
    """
    if not files and (sys.stdin is None or sys.stdin.isatty()):
        raise ConfigError("no document: name a file, a folder or a glob, or pipe one in")
    sources: list[Path | Document] = []
    for name in files or (STDIN,):
        if not name.strip():  # An unset variable of a script: as a path it would mean the current folder.
            raise DocumentError("a file's name is empty; name a file, a folder, a glob, or - for stdin")
        if "://" in name:
            raise DocumentError(f"{name}: addresses are not fetched; download the file and name it")
        sources.append(_read_stdin(config) if name == STDIN else Path(name))
    return sources


def _read_stdin(config: Config) -> Document:
    from hiercomp.loaders import load_bytes
    from hiercomp.sources import limits_of

    # The loader refuses one byte more than the limit, so the rest does not have to be read.
    data = sys.stdin.buffer.read(config.max_bytes + 1)
    return load_bytes(data, pages=config.pages, password=config.password, kind=config.type, limits=limits_of(config))


def _names_file(argument: str) -> bool:
    """Whether an argument is a file, a folder, a glob or stdin, or looks like the name of a file."""
    if argument == STDIN:
        return True
    if not argument.strip():
        return False
    if not re.search(r"\s", argument) and (os.sep in argument or _FILE_NAME.fullmatch(argument)):
        return True
    from hiercomp.loaders import expand

    try:
        return bool(expand([argument]))
    except DocumentError:
        return False
