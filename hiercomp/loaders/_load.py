"""Loading of one input: the format is detected, and the loader of that format reads the document."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hiercomp import registry
from hiercomp.errors import ConfigError, DocumentError, HiercompError
from hiercomp.loaders._detect import KINDS, detect, plugin_kind
from hiercomp.loaders._faults import fault
from hiercomp.loaders._limits import Limits
from hiercomp.types import Document

if TYPE_CHECKING:
    from hiercomp.ports import Loader

FAMILY = "loaders"


def load(
    path: Path,
    *,
    source: str | None = None,
    pages: str | None = None,
    password: str | None = None,
    kind: str | None = None,
    limits: Limits | None = None,
) -> Document:
    """Return the document in a file.

    Args:
        path: the file.
        source: the name to show to the user. The default is the file's name.
        pages: a selection of physical pages such as "3-9,12".
        password: the password of an encrypted PDF.
        kind: the loader to use. By default, the content of the file decides.
        limits: limits on the cost of reading the file.

    Raises:
        DocumentError: the file cannot be read, or holds no text.
        ConfigError: `kind` names no loader, or `pages` cannot be parsed.
    """
    path = Path(path)
    name = source or path.name
    kind = format_of(path, name, kind)
    loader = build(kind, pages=pages, limits=limits)
    try:
        return loader.load(path, source=name, password=password)
    except HiercompError:
        raise
    except OSError as error:
        raise DocumentError(f"{name}: the file cannot be read ({error.strerror or error})") from error
    except Exception as error:  # a loader of another package can raise anything
        raise fault(name, kind, error, owner=registry.origin(FAMILY, kind)) from error


def format_of(path: Path, source: str, kind: str | None = None) -> str:
    """Return the name of the loader for a file: `kind` if it is given, else the loader for the file's content.

    Raises:
        DocumentError: there is no such file, it is empty, or no loader reads its format.
        ConfigError: `kind` names no loader.
    """
    if kind is not None and not registry.knows(FAMILY, kind):
        choices = dict.fromkeys([*KINDS, *registry.names(FAMILY)])
        raise ConfigError(f"there is no type {kind!r}; choose from {', '.join(choices)}")
    try:
        if not path.is_file():
            raise DocumentError(f"{source}: {'this is a directory' if path.is_dir() else 'there is no such file'}")
        return kind or detect(path, source)
    except OSError as error:
        raise DocumentError(f"{source}: the file cannot be read ({error.strerror or error})") from error


def is_readable(path: Path) -> bool:
    """Return whether a loader reads files of a file's format."""
    try:
        return bool(format_of(path, path.name))
    except DocumentError:
        return False


def build(name: str, *, pages: str | None = None, limits: Limits | None = None) -> Loader:
    """Build a loader by its name, such as "pdf".

    Args:
        name: the component's name.
        pages: a selection of physical pages such as "3-9,12". None selects all pages.
        limits: limits on the cost of reading a file.

    Raises:
        ConfigError: `pages` is empty, no loader has that name, or the loader of another package lacks members of
            `hiercomp.ports.Loader`.
    """
    from hiercomp.ports import Loader  # imports numpy, which the detection of formats does not need

    if pages == "":
        raise ConfigError("--pages is empty; write for example 3-9,12, or leave it out")
    built = registry.component(FAMILY, name if pages is None else f"{name}/{pages}", {"limits": limits})
    if not isinstance(built, Loader):
        raise registry.wrong_component(FAMILY, name, built, "Loader")
    return built


def package_of(path: Path, kind: str | None = None) -> str | None:
    """Return the package, with its version, of the plugin loader that a file may go to.

    The result is None if the file can only go to a loader of this package.
    """
    name = kind or plugin_kind(path)
    return registry.origin(FAMILY, name) if name else None


def load_bytes(
    data: bytes,
    *,
    source: str = "stdin",
    pages: str | None = None,
    password: str | None = None,
    kind: str | None = None,
    limits: Limits | None = None,
) -> Document:
    """Return the document in the bytes of a file. See `load`."""
    with tempfile.TemporaryDirectory(prefix="hiercomp-") as folder:
        path = Path(folder, Path(source).name or "stdin")
        path.write_bytes(data)
        return load(path, source=source, pages=pages, password=password, kind=kind, limits=limits)
