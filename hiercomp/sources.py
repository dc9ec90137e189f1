"""Reads sources into a hierarchy. The hierarchy of a file is stored under the file's content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from hiercomp import loaders
from hiercomp.config import Config
from hiercomp.errors import DocumentError, HiercompError, MissingExtraError
from hiercomp.hierarchy import build_hierarchy, join
from hiercomp.ledger import MAX_NAMED
from hiercomp.storage.store import Store, file_key
from hiercomp.types import Document, Hierarchy, Skipped

Source = str | Path | Document
"""A path, a glob, a folder, a text, or a document. A string is a text if it contains white space and names no file."""
VERSION = "6"
"""A part of the key of stored hierarchies. Raise it if loaders, chunking or hierarchies change their results."""
ATTACHED = " › "
"""The separator between the name of a document and that of its attachment."""
MAX_ATTACHMENTS = 200
"""The most attachments of one document that are read, those of its attachments included."""
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

    Attachments are documents of their own. A file that cannot be read is skipped, and the hierarchy names it, unless
    it is the only source or the setting `strict` is set.

    Args:
        sources: the sources to read.
        config: pages, password, format and limits.
        store: the store of hierarchies.
        observe: a callback that receives the number of finished documents and their total.
        begin: a callback to start other slow work, called once before files of more than `LONG_BYTES` are read.

    Raises:
        DocumentError: there is no source, or none can be read; with `strict`, one cannot be read. The message names
            the source.
        ConfigError: a setting is wrong.
    """
    inputs = [item for source in sources for item in _resolve(source)]
    if not inputs:
        raise DocumentError("no document: name a file, a folder or a glob, or give a text")
    paths = [item for item in inputs if isinstance(item, Path)]
    if sum(path.stat().st_size for path in paths if path.is_file()) > LONG_BYTES:
        begin()
    name_counts = Counter(name for path in set(paths) for name in names_of(path))
    trees: list[Hierarchy] = []
    failures: list[tuple[Skipped, HiercompError]] = []
    for done, item in enumerate(inputs):
        observe(done, len(inputs))
        if isinstance(item, Document):
            trees.append(_tree(item))
            continue
        name = next((name for name in names_of(item) if name_counts[name] == 1), str(item))
        try:
            trees.append(_read_file(item, name, config, store))
        except (DocumentError, MissingExtraError) as error:
            if config.strict:
                raise
            failures.append((_skipped(item, name, error, config), error))
    if not trees:
        raise _nothing_read(failures)
    tree = join(trees)
    return replace(tree, skipped=tuple(skipped for skipped, _ in failures)) if failures else tree


def with_attachments(document: Document) -> list[Document]:
    """Return a document and its attachments at any depth, whose names start with that of the document.

    Attachments beyond `MAX_ATTACHMENTS` become an omission of the document.
    """
    found = _unpacked(document, document.source)
    first, *attachments = islice(found, 1 + MAX_ATTACHMENTS)
    if rest := sum(1 for _ in found):
        omission = f"{rest:,} attachments beyond the limit of {MAX_ATTACHMENTS}"
        first = replace(first, omissions=(*first.omissions, omission))
    return [first, *attachments]


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


def names_of(path: Path) -> Iterator[str]:
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
    loaders.format_of(path, name, config.type)  # first, because a large file of another format takes long to hash
    # The key includes the password: a stored hierarchy cannot be read without it. The store keeps only a digest.
    settings = {"name": name, "pages": config.pages, "type": config.type, "password": config.password}
    if package := loaders.package_of(path, config.type):
        settings["package"] = package
    if loaders.has_ocr():
        settings["ocr"] = "yes"
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
    tree = _tree(document)
    store.put_hierarchy(key, tree)
    return tree


def _tree(document: Document) -> Hierarchy:
    return join([build_hierarchy(each) for each in with_attachments(document)])


def _unpacked(document: Document, name: str) -> Iterator[Document]:
    """Yield a document under a name, and then its attachments. Equal names in one document get numbers."""
    is_changed = document.attachments or document.source != name
    yield replace(document, source=name, attachments=()) if is_changed else document
    counts: Counter[str] = Counter()
    for attachment in document.attachments:
        own_name = attachment.source.removeprefix(document.source + ATTACHED)
        counts[own_name] += 1
        number = f" ({counts[own_name]})" if counts[own_name] > 1 else ""
        yield from _unpacked(attachment, name + ATTACHED + own_name + number)


def _skipped(path: Path, name: str, error: HiercompError, config: Config) -> Skipped:
    reason = str(error).removeprefix(f"{name}: ")
    if isinstance(error, MissingExtraError):  # no installed loader reads the format
        return Skipped(name, reason)
    try:
        return Skipped(name, reason, loaders.format_of(path, name, config.type))
    except DocumentError:
        return Skipped(name, reason)


def _nothing_read(failures: Sequence[tuple[Skipped, HiercompError]]) -> HiercompError:
    """Return the error for sources of which none can be read."""
    if len(failures) == 1:
        return failures[0][1]
    reasons = [f"{skipped.source}: {skipped.reason}" for skipped, _ in failures[:MAX_NAMED]]
    more = [f"and {len(failures) - MAX_NAMED:,} more"] if len(failures) > MAX_NAMED else []
    return DocumentError(f"none of the {len(failures):,} files can be read: {'; '.join([*reasons, *more])}")
