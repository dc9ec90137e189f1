"""One input to one document: the format is found, its loader does the rest."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hiercomp import registry
from hiercomp.errors import ConfigError, DocumentError
from hiercomp.loaders._detect import KINDS, detect, other_kind
from hiercomp.loaders._limits import Limits
from hiercomp.types import Document

if TYPE_CHECKING:
    from hiercomp.ports import Loader


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
        kind: a loader's name where the content should not decide.
        limits: what reading may cost.

    Raises:
        DocumentError: the file cannot be read, or holds no text.
        ConfigError: `kind` or `pages` cannot be understood.
    """
    path = Path(path)
    name = source or path.name
    if kind is not None and not registry.knows("loaders", kind):
        choices = dict.fromkeys([*KINDS, *registry.names("loaders")])
        raise ConfigError(f"there is no type {kind!r}; choose from {', '.join(choices)}")
    try:
        if not path.is_file():
            raise DocumentError(f"{name}: {'this is a directory' if path.is_dir() else 'there is no such file'}")
        found = kind or detect(path, name)
        loader = cast("Loader", registry.builder("loaders", found)(pages, limits=limits))
        return loader.load(path, source=name, password=password)
    except OSError as error:
        raise DocumentError(f"{name}: the file cannot be read ({error.strerror or error})") from error


def package_of(path: Path, kind: str | None = None) -> str | None:
    """The package, with its version, whose loader a file may go to; None where that is ours in any case."""
    name = kind or other_kind(path)
    return registry.origin("loaders", name) if name else None


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
