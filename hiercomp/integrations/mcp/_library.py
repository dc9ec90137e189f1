"""The documents below some directories: nothing else is read, each is indexed once, and calls share it."""

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
from hiercomp.integrations.mcp._stretches import DIGITS, Stretch
from hiercomp.loaders import expand
from hiercomp.pipeline import Pipeline
from hiercomp.ports import Tokenizer
from hiercomp.sources import Source
from hiercomp.storage.store import Store
from hiercomp.types import Document

HELD = 8
"""Indexes that are held in memory; of further ones the one that was used last is made anew from what is kept."""
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/|data:|file:", re.IGNORECASE)
_GIVEN_TEXT = "mcp text"
"""Under which texts that a client gave are kept, so that their parts can be expanded later."""


@dataclass(slots=True)
class Opened:
    """A pipeline, the names of its documents by their sources, and how many calls use it."""

    pipeline: AsyncPipeline
    names: Mapping[str, str]
    calls: int = 0

    @property
    def tokenizer(self) -> Tokenizer:
        """What counts; loaded at first use, which is no work for an event loop."""
        return self.pipeline.pipeline.tokenizer


class Library:
    """Documents by their name: the path from their directory, which leads it where there are several directories."""

    def __init__(self, directories: Sequence[Path], config: Config) -> None:
        self.config = config
        self._directories = dict(_named(directories))
        self._store = Store.open(config.cache_dir) if config.cache else Store.memory()
        self._held: OrderedDict[Hashable, Opened] = OrderedDict()
        self._known: dict[str, str] = {}  # digests of documents that were read, and their names

    def files(self, folder: Path | None = None) -> list[Path]:
        """The documents in a folder, or in all directories; links that lead outside and hidden files are none."""
        folders = [folder] if folder else list(self._directories.values())
        found = (path.resolve() for each in folders for path in _readable(each))
        return list(dict.fromkeys(path for path in found if self._is_inside(path)))

    def name(self, file: Path) -> str:
        """The name of a document that is inside."""
        prefix, directory = self._home(file)
        inner = file.relative_to(directory).as_posix()
        return f"{prefix}/{inner}" if prefix else inner

    def locate(self, name: str) -> Path:
        """The file or folder of a name, links followed.

        Raises:
            DocumentError: it is an address, leads outside of the directories, or is not there.
        """
        shown = repr(name[:200])
        if _ADDRESS.match(name):
            raise DocumentError(f"{shown}: addresses are not fetched; name a document of this server")
        try:
            path = self._path(name).resolve()
            if ".." in Path(name).parts or not self._is_inside(path):
                raise DocumentError(f"{shown} is outside of the directories of this server; see the tool documents")
            if path.exists():
                return path
        except (OSError, ValueError, RuntimeError) as error:  # a name too long, with a NUL, or a circle of links
            raise DocumentError(f"{shown} cannot be the name of a document; see the tool documents") from error
        raise DocumentError(f"there is no document {shown}; the tool documents lists what there is")

    @asynccontextmanager
    async def open(self, name: str) -> AsyncIterator[Opened]:
        """The pipeline of a document, or of all those in a folder, as long as a call uses it."""
        files = await asyncio.to_thread(self._files_of, name)
        key = tuple((file, (state := file.stat()).st_mtime_ns, state.st_size) for file in files)
        names = {source: self.name(file) for file in files for source in (file.name, str(file))}
        async with self._used(key, files, names) as opened:
            yield opened
            hierarchy = await opened.pipeline.hierarchy()  # there already, for whatever it was used
            self._known |= {document.id[:DIGITS]: names[document.source] for document in hierarchy.documents}

    @asynccontextmanager
    async def open_text(self, text: str) -> AsyncIterator[Opened]:
        """The pipeline of a text that a client gave."""
        if not text.strip():
            raise DocumentError("the text is blank; give a text, or the path of a document")
        document = Document(text, source="text", title="")
        await asyncio.to_thread(self._store.put_text, text, _GIVEN_TEXT, document.id[:DIGITS])
        async with self._used(document.id, document, {}) as opened:
            yield opened

    @asynccontextmanager
    async def holding(self, stretch: Stretch, name: str | None) -> AsyncIterator[Opened]:
        """The pipeline of the document that has a stretch: of that name, read before, or found by reading all."""
        digest = stretch.digest[:DIGITS]
        known = name or self._known.get(digest)
        text = None if known else await asyncio.to_thread(self._store.get_text, _GIVEN_TEXT, digest)
        async with self.open_text(text) if text else self.open(known or await self._search(stretch)) as opened:
            yield opened

    async def close(self) -> None:
        """Lets go of all indexes."""
        for opened in self._held.values():
            await opened.pipeline.close()
        self._store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def _used(
        self, key: Hashable, sources: Source | Sequence[Source], names: Mapping[str, str]
    ) -> AsyncIterator[Opened]:
        """A pipeline that is held; one that a call uses is not closed by others."""
        opened = self._held.setdefault(key, Opened(AsyncPipeline(sources, config=self.config), names))
        self._held.move_to_end(key)
        opened.calls += 1
        try:
            yield opened
        finally:
            opened.calls -= 1
            idle = [key for key, held in self._held.items() if not held.calls]
            # All are taken out before the first is closed: while one is, another call may look for surplus ones.
            for old in [self._held.pop(key) for key in idle[: max(0, len(self._held) - HELD)]]:
                await old.pipeline.close()

    async def _search(self, stretch: Stretch) -> str:
        """The name of the document that has a stretch, whoever read it before."""
        for file in await asyncio.to_thread(self.files):
            name = await asyncio.to_thread(self._name_if_it_has, file, stretch)
            if name is not None:
                return name
        raise DocumentError(f"no document here has the part {stretch}: it was changed, or another server named it")

    def _name_if_it_has(self, file: Path, stretch: Stretch) -> str | None:
        try:
            with Pipeline(file, config=self.config) as pipeline:
                return self.name(file) if stretch.document_in(pipeline.hierarchy) else None
        except DocumentError:  # one that cannot be read has named no part
            return None

    def _files_of(self, name: str) -> list[Path]:
        path = self.locate(name)
        files = self.files(path) if path.is_dir() else [path]
        if not files:
            raise DocumentError(f"there is no document in {name!r}")
        return files

    def _path(self, name: str) -> Path:
        """Where a name leads, as it is written."""
        if Path(name).is_absolute():
            return Path(name)
        if "" in self._directories:
            return self._directories[""] / name
        prefix, _, inner = name.partition("/")
        if prefix not in self._directories:
            raise DocumentError(f"{name[:200]!r} does not begin with one of {', '.join(self._directories)}")
        return self._directories[prefix] / inner

    def _home(self, path: Path) -> tuple[str, Path]:
        return next(item for item in self._directories.items() if path.is_relative_to(item[1]))

    def _is_inside(self, path: Path) -> bool:
        """Whether a path without links is below a directory, and no part of it from there is hidden."""
        return any(
            path.is_relative_to(directory)
            and not any(part.startswith(".") for part in path.relative_to(directory).parts)
            for directory in self._directories.values()
        )


def _named(directories: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Directories by the names that lead those of their documents: none where there is only one."""
    resolved = list(dict.fromkeys(directory.resolve() for directory in directories))
    for directory in resolved:
        if not directory.is_dir():
            raise ConfigError(f"{directory} is no directory; name the folders whose documents may be read")
        if [other.name for other in resolved].count(directory.name) > 1:
            raise ConfigError(f"two directories are called {directory.name!r}; serve the one above them")
        yield directory.name if len(resolved) > 1 else "", directory


def _readable(folder: Path) -> list[Path]:
    try:
        return expand([folder])
    except DocumentError:  # there is none
        return []
