"""What a user named on the command line, as a list of files."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from hiercomp.errors import DocumentError
from hiercomp.loaders._detect import detect


def expand(paths: Sequence[str | Path]) -> list[Path]:
    """The files that paths, globs and directories stand for, each once, in the order named.

    A glob or a directory gives its files sorted; a directory gives those, at any depth, that some loader can read and
    whose path has no hidden part.

    Raises:
        DocumentError: a path does not exist, or a glob or a directory holds no file.
    """
    files: dict[Path, None] = {}
    for path in paths:
        files.update(dict.fromkeys(_expand_one(Path(path))))
    return list(files)


def _expand_one(path: Path) -> Iterable[Path]:
    try:
        if path.is_dir():
            return _inside(path)
        if path.exists():
            return [path]
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read ({error.strerror})") from error
    if not glob.has_magic(str(path)):
        raise DocumentError(f"{path}: there is no such file or directory")
    matches = [Path(match) for match in sorted(glob.iglob(str(path), recursive=True))]  # noqa: PTH207 (the pattern may be absolute)
    if not matches:
        raise DocumentError(f"{path}: no file matches")
    return [file for match in matches for file in (_inside(match) if match.is_dir() else [match])]


def _inside(folder: Path) -> list[Path]:
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in file.relative_to(folder).parts) and _readable(file)
    ]
    if not files:
        raise DocumentError(f"{folder}: no file in this directory can be read as a document")
    return files


def _readable(file: Path) -> bool:
    try:
        return file.is_file() and bool(detect(file, str(file)))
    except (DocumentError, OSError):
        return False
