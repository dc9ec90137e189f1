"""Reads sources into a hierarchy. The hierarchy of a file is stored under the file's content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hiercomp import loaders
from hiercomp.config import Config
from hiercomp.errors import DocumentError
from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.storage.store import Store, file_key
from hiercomp.types import Document, Hierarchy

Source = str | Path | Document
"""A path, a glob, a folder, a text, or a document. A string is a text if it contains white space and names no file."""
VERSION = "4"
"""A part of the key of stored hierarchies. Raise it if loaders, chunking or hierarchies change their results."""
LONG_BYTES = 100_000
"""The total size of files above which `read` calls `begin`. Shorter files are read before a model could be loaded."""


def read(
    sources: Sequence[Source],
    config: Config,
    store: Store,
    observe: Callable[[int, int], None],
    *,
    begin: Callable[[], object] = bool,
) -> Hierarchy:
    """Return the hierarchy of all sources. Several documents form a corpus.

    Args:
        sources: the sources to read.
        config: pages, password, format and limits.
        store: the store of hierarchies.
        observe: a callback that receives the number of finished documents and their total.
        begin: a callback to start other slow work, called once before files of more than `LONG_BYTES` are read.

    Raises:
        DocumentError: there is no source, or a source cannot be read. The message names the source.
    """
    inputs = [item for source in sources for item in _resolve(source)]
    if not inputs:
        raise DocumentError("no document: name a file, a folder or a glob, or give a text")
    paths = [item for item in inputs if isinstance(item, Path)]
    if sum(path.stat().st_size for path in paths if path.is_file()) > LONG_BYTES:
        begin()
    name_counts = Counter(name for path in set(paths) for name in _names(path))
    trees = []
    for done, item in enumerate(inputs):
        observe(done, len(inputs))
        if isinstance(item, Document):
            trees.append(build_hierarchy(item))
        else:
            name = next((name for name in _names(item) if name_counts[name] == 1), str(item))
            trees.append(_read_file(item, name, config, store))
    return join(trees)


def limits_of(config: Config) -> loaders.Limits:
    """Return the limits on the cost of reading one file."""
    return loaders.Limits(
        input_bytes=config.max_bytes,
        pages=config.max_pages,
        memory_bytes=config.max_memory,
        seconds=config.max_seconds,
    )


def _resolve(source: Source) -> Iterator[Path | Document]:
    """Yield the files and documents of a source."""
    if isinstance(source, Document):
        yield source
    elif source == "":
        raise DocumentError("an empty string is no document: name a file, a folder or a glob, or give a text")
    elif isinstance(source, str) and _is_text(source):
        yield Document(source, source="text", title="")
    else:
        yield from loaders.expand([source])


def _names(path: Path) -> Iterator[str]:
    """Yield a file's name, then the name with one folder more each time. The first unique one is shown."""
    return (Path(*path.parts[-count:]).as_posix() for count in range(1, len(path.parts) + 1))


def _is_text(source: str) -> bool:
    """Return whether a string is a text: it contains white space and names no file."""
    if not any(character.isspace() for character in source):
        return False
    try:
        return not loaders.expand([source])
    except (DocumentError, ValueError):
        return True


def _read_file(path: Path, name: str, config: Config, store: Store) -> Hierarchy:
    """Return the hierarchy of a file. It is in the store if the same content was read with the same settings."""
    # The key includes the password: a stored hierarchy cannot be read without it. The store keeps only a digest.
    settings = {"name": name, "pages": config.pages, "type": config.type, "password": config.password}
    if package := loaders.package_of(path, config.type):
        settings["package"] = package
    key = file_key(path, version=VERSION, **settings)
    stored = store.get_hierarchy(key)
    if stored is not None:
        return stored
    document = loaders.load(
        path,
        source=name,
        pages=config.pages,
        password=config.password,
        kind=config.type,
        limits=limits_of(config),
    )
    tree = build_hierarchy(document)
    store.put_hierarchy(key, tree)
    return tree
