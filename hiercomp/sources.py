"""Sources to a hierarchy: paths, globs, folders, texts and documents, read once and kept by their content."""

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
"""A path, a glob, a folder, a text, or a document. A string with white space that names no file is a text."""
VERSION = "4"
"""Changes when loaders, chunking or hierarchy give other results for the same file: what is kept is then made anew."""

LONG_BYTES = 100_000
"""Of files: what is shorter is read and answered before anything else is loaded."""


def read(
    sources: Sequence[Source],
    config: Config,
    store: Store,
    observe: Callable[[int, int], None],
    *,
    begin: Callable[[], object] = bool,
) -> Hierarchy:
    """The hierarchy of all sources: that of the one document, or a corpus.

    Args:
        sources: where the documents are.
        config: how they are read.
        store: where hierarchies are kept.
        observe: called with how many documents are done, and of how many.
        begin: called once before files of more than `LONG_BYTES` are read: it may start what takes as long.

    Raises:
        DocumentError: there is no source, or one cannot be read; the message names it.
    """
    inputs = [item for source in sources for item in _resolve(source)]
    if not inputs:
        raise DocumentError("no document: name a file, a folder or a glob, or give a text")
    paths = [item for item in inputs if isinstance(item, Path)]
    if sum(path.stat().st_size for path in paths if path.is_file()) > LONG_BYTES:
        begin()
    ends = Counter(end for path in set(paths) for end in _ends(path))
    trees = []
    for done, item in enumerate(inputs):
        observe(done, len(inputs))
        if isinstance(item, Document):
            trees.append(build_hierarchy(item))
        else:
            name = next((end for end in _ends(item) if ends[end] == 1), str(item))
            trees.append(_read_file(item, name, config, store))
    return join(trees)


def limits_of(config: Config) -> loaders.Limits:
    """What reading one file may cost."""
    return loaders.Limits(
        input_bytes=config.max_bytes,
        pages=config.max_pages,
        memory_bytes=config.max_memory,
        seconds=config.max_seconds,
    )


def _resolve(source: Source) -> Iterator[Path | Document]:
    """The files and documents that a source stands for."""
    if isinstance(source, Document):
        yield source
    elif source == "":
        raise DocumentError("an empty string is no document: name a file, a folder or a glob, or give a text")
    elif isinstance(source, str) and _is_text(source):
        yield Document(source, source="text", title="")
    else:
        yield from loaders.expand([source])


def _ends(path: Path) -> Iterator[str]:
    """A file's name, then with more and more of the folders that it is in: the first that no other has is shown."""
    return (Path(*path.parts[-count:]).as_posix() for count in range(1, len(path.parts) + 1))


def _is_text(source: str) -> bool:
    """Whether a string is a text: it has white space and names no file."""
    if not any(character.isspace() for character in source):
        return False
    try:
        return not loaders.expand([source])
    except (DocumentError, ValueError):
        return True


def _read_file(path: Path, name: str, config: Config, store: Store) -> Hierarchy:
    """The hierarchy of a file, from the store where its content was read before with the same settings."""
    # The password is part of the key, of which only a digest is kept: what it opened stays closed without it.
    settings = {"name": name, "pages": config.pages, "type": config.type, "password": config.password}
    if package := loaders.package_of(path, config.type):
        settings["package"] = package
    key = file_key(path, version=VERSION, **settings)
    kept = store.get_hierarchy(key)
    if kept is not None:
        return kept
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
