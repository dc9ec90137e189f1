"""Paths, globs and directories of the command line, expanded to a list of files."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from hiercomp.errors import DocumentError


def expand(paths: Sequence[str | Path]) -> list[Path]:
    """Return the files that paths, globs and directories stand for, without duplicates, in the order given.

    The files of a glob or a directory are sorted. A directory stands for all files at any depth, whether a loader reads
    them or not. Hidden files and the contents of hidden directories are left out.

    Raises:
        DocumentError: a path does not exist, or a glob or a directory stands for no file.
    """
    files: dict[Path, None] = {}
    for path in paths:
        files.update(dict.fromkeys(_expand_one(Path(path))))
    return list(files)


def _expand_one(path: Path) -> Iterable[Path]:
    try:
        if path.is_dir():
            return _require(_files_inside(path), f"{path}: no file in this directory can be read as a document")
        if path.exists():
            return [path]
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read ({error.strerror})") from error
    if not glob.has_magic(str(path)):
        raise DocumentError(f"{path}: there is no such file or directory")
    matches = [Path(match) for match in sorted(glob.iglob(str(path), recursive=True))]  # noqa: PTH207 (the pattern may be absolute)
    files = [file for match in matches for file in (_files_inside(match) if match.is_dir() else [match])]
    return _require(files, f"{path}: no file matches this pattern")


def _require(files: list[Path], problem: str) -> list[Path]:
    if not files:
        raise DocumentError(problem)
    return files


def _files_inside(folder: Path) -> list[Path]:
    return [
        file
        for file in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in file.relative_to(folder).parts) and not file.is_dir()
    ]
