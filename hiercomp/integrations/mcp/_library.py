"""The documents in some directories. No other file is read. Each document is indexed once, and all calls share it."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from hiercomp.asynchronous import AsyncPipeline
from hiercomp.config import Config
from hiercomp.errors import ConfigError, DocumentError
from hiercomp.integrations.mcp._part_ids import DIGITS, PartId
from hiercomp.integrations.mcp._text import file_of
from hiercomp.loaders import expand, is_readable
from hiercomp.pipeline import Pipeline
from hiercomp.ports import Tokenizer
from hiercomp.sources import Source, names_of
from hiercomp.storage.store import Store
from hiercomp.types import Document

MAX_OPEN = 8
"""The most pipelines in memory. If there are more, those that were used least recently are closed."""
_URL = re.compile(r"[a-z][a-z0-9+.-]+:/|data:|file:", re.IGNORECASE)
_CLIENT_TEXT = "mcp text"
"""The store's name for texts that clients send. They are stored so that their parts can be expanded later."""


@dataclass(slots=True)
class Opened:
    """A pipeline, the names of its documents by their sources, and the number of calls that use it."""

    pipeline: AsyncPipeline
    names: Mapping[str, str]
    calls: int = 0

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer. It is loaded at its first use, which blocks: call it in a thread."""
        return self.pipeline.pipeline.tokenizer


class Library:
    """Documents by name. A name is the path inside a directory; with several directories, it starts with theirs."""

    def __init__(self, directories: Sequence[Path], config: Config) -> None:
        self.config = config
        self._directories = dict(_named(directories))
        self._store = Store.open(config.cache_dir) if config.cache else Store.memory()
        self._open: OrderedDict[Hashable, Opened] = OrderedDict()
        self._names: dict[str, str] = {}  # the names of documents that were read, by their digests

    def files(self, folder: Path | None = None) -> list[Path]:
        """List the documents in a folder, or in all directories. Hidden files and links to the outside are skipped."""
        folders = [folder] if folder else list(self._directories.values())
        found = (path.resolve() for each in folders for path in _readable(each))
        return list(dict.fromkeys(path for path in found if self._is_inside(path)))

    def name(self, file: Path) -> str:
        """Return the name of a document in the directories."""
        prefix, directory = self._directory_of(file)
        inner = file.relative_to(directory).as_posix()
        return f"{prefix}/{inner}" if prefix else inner

    def locate(self, name: str) -> Path:
        """Return the file or folder that a name stands for, with links resolved.

        Raises:
            DocumentError: the name is a URL, is outside of the directories, or does not exist.
        """
        quoted = repr(name[:200])
        if _URL.match(name):
            raise DocumentError(f"{quoted}: this server does not fetch URLs; name one of its documents")
        try:
            path = self._path(name).resolve()
            if ".." in Path(name).parts or not self._is_inside(path):
                raise DocumentError(f"{quoted} is outside of this server's directories; see the tool documents")
            if path.exists():
                return path
        except (OSError, ValueError, RuntimeError) as error:  # too long, a NUL character, or links in a circle
            raise DocumentError(f"{quoted} cannot be the name of a document; see the tool documents") from error
        raise DocumentError(f"there is no document {quoted}; the tool documents lists the documents")

    @asynccontextmanager
    async def open(self, name: str) -> AsyncIterator[Opened]:
        """Open the pipeline over a document, or over all documents in a folder. It stays open during the call."""
        files = await asyncio.to_thread(self._files_of, name)
        key = tuple((file, (state := file.stat()).st_mtime_ns, state.st_size) for file in files)
        names = {source: self.name(file) for file in files for source in names_of(file)}
        async with self._shared(key, files, names) as opened:
            yield opened
            hierarchy = await opened.pipeline.hierarchy()  # already built by the call
            sources = {document.id[:DIGITS]: document.source for document in hierarchy.documents}
            self._names |= {digest: names[file_of(source, names)] for digest, source in sources.items()}

    @asynccontextmanager
    async def open_text(self, text: str) -> AsyncIterator[Opened]:
        """Open the pipeline over a text that a client sent."""
        if not text.strip():
            raise DocumentError("the text is blank; give a text, or the path of a document")
        document = Document(text, source="text", title="")
        await asyncio.to_thread(self._store.put_text, text, _CLIENT_TEXT, document.id[:DIGITS])
        async with self._shared(document.id, document, {}) as opened:
            yield opened

    @asynccontextmanager
    async def open_part(self, part: PartId, name: str | None) -> AsyncIterator[Opened]:
        """Open the pipeline over the document of a part. Without a name, the document is searched for."""
        digest = part.digest[:DIGITS]
        known_name = name or self._names.get(digest)
        text = None if known_name else await asyncio.to_thread(self._store.get_text, _CLIENT_TEXT, digest)
        async with self.open_text(text) if text else self.open(known_name or await self._search(part)) as opened:
            yield opened

    async def close(self) -> None:
        """Close all pipelines and the store."""
        for opened in self._open.values():
            await opened.pipeline.close()
        self._store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def _shared(
        self, key: Hashable, sources: Source | Sequence[Source], names: Mapping[str, str]
    ) -> AsyncIterator[Opened]:
        """Open a pipeline, or share the one that is open. It stays open while a call uses it."""
        opened = self._open.setdefault(key, Opened(AsyncPipeline(sources, config=self.config), names))
        self._open.move_to_end(key)
        opened.calls += 1
        try:
            yield opened
        finally:
            opened.calls -= 1
            idle = [key for key, other in self._open.items() if not other.calls]
            # Closing awaits, and another call may choose pipelines to close meanwhile. So all are removed first.
            for surplus in [self._open.pop(key) for key in idle[: max(0, len(self._open) - MAX_OPEN)]]:
                await surplus.pipeline.close()

    async def _search(self, part: PartId) -> str:
        """Return the name of the document that has a part. All documents are read until it is found."""
        for file in await asyncio.to_thread(self.files):
            name = await asyncio.to_thread(self._name_if_it_has, file, part)
            if name is not None:
                return name
        raise DocumentError(
            f"no document has the part {part}: it was changed, or another server made the id; get new ids"
        )

    def _name_if_it_has(self, file: Path, part: PartId) -> str | None:
        try:
            with Pipeline(file, config=self.config) as pipeline:
                return self.name(file) if part.document_in(pipeline.hierarchy) else None
        except DocumentError:  # an unreadable document has no parts
            return None

    def _files_of(self, name: str) -> list[Path]:
        path = self.locate(name)
        files = self.files(path) if path.is_dir() else [path]
        if not files:
            raise DocumentError(f"there is no document in {name!r}")
        return files

    def _path(self, name: str) -> Path:
        """Return the path that a name stands for, without resolving links."""
        if Path(name).is_absolute():
            return Path(name)
        if "" in self._directories:
            return self._directories[""] / name
        prefix, _, inner = name.partition("/")
        if prefix not in self._directories:
            raise DocumentError(f"{name[:200]!r} must start with a directory: {', '.join(self._directories)}")
        return self._directories[prefix] / inner

    def _directory_of(self, path: Path) -> tuple[str, Path]:
        """Return the directory that contains a path, with its name."""
        return next(item for item in self._directories.items() if path.is_relative_to(item[1]))

    def _is_inside(self, path: Path) -> bool:
        """Return whether a resolved path is in a directory and no part of it is hidden."""
        return any(
            path.is_relative_to(directory)
            and not any(part.startswith(".") for part in path.relative_to(directory).parts)
            for directory in self._directories.values()
        )


def _named(directories: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Yield the directories with their names. The name is empty if there is only one directory."""
    resolved = list(dict.fromkeys(directory.resolve() for directory in directories))
    for directory in resolved:
        if not directory.is_dir():
            raise ConfigError(f"{directory} is not a directory; name the directories that the server may read")
        if [other.name for other in resolved].count(directory.name) > 1:
            raise ConfigError(f"two directories are called {directory.name!r}; serve the directory above them")
        yield directory.name if len(resolved) > 1 else "", directory


def _readable(folder: Path) -> list[Path]:
    try:
        return [file for file in expand([folder]) if is_readable(file)]
    except DocumentError:  # the folder has no files
        return []
