"""One input to one document: the format is found, its loader does the rest."""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path

from hiercomp.errors import ConfigError, DocumentError
from hiercomp.loaders._detect import KINDS, detect
from hiercomp.loaders._limits import Limits
from hiercomp.types import Document


def load(
    path: Path,
    *,
    source: str | None = None,
    pages: str | None = None,
    password: str | None = None,
    kind: str | None = None,
    limits: Limits | None = None,
) -> Document:
    """The document in a file.

    Args:
        path: the file.
        source: the name to show; the file's own name by default.
        pages: a selection such as "3-9,12" of the physical pages.
        password: opens an encrypted PDF.
        kind: one of `KINDS` where the content should not decide.
        limits: what reading may cost.

    Raises:
        DocumentError: the file cannot be read, or holds no text.
        ConfigError: `kind` or `pages` cannot be understood.
    """
    path = Path(path)
    name = source or path.name
    if kind is not None and kind not in KINDS:
        raise ConfigError(f"there is no type {kind!r}; choose from {', '.join(KINDS)}")
    try:
        if not path.is_file():
            raise DocumentError(f"{name}: {'this is a directory' if path.is_dir() else 'there is no such file'}")
        loader = import_module(f"hiercomp.loaders.{kind or detect(path, name)}").build(pages, limits=limits)
        document: Document = loader.load(path, source=name, password=password)
    except OSError as error:
        raise DocumentError(f"{name}: the file cannot be read ({error.strerror or error})") from error
    return document


def load_bytes(
    data: bytes,
    *,
    source: str = "stdin",
    pages: str | None = None,
    password: str | None = None,
    kind: str | None = None,
    limits: Limits | None = None,
) -> Document:
    """The document in bytes that were read elsewhere; see `load`."""
    with tempfile.TemporaryDirectory(prefix="hiercomp-") as folder:
        path = Path(folder, Path(source).name or "stdin")
        path.write_bytes(data)
        return load(path, source=source, pages=pages, password=password, kind=kind, limits=limits)
