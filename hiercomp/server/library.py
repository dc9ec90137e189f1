"""Documents that were uploaded or attached: read in child processes, and kept open for the next question."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from hiercomp import loaders, tokenizers
from hiercomp.asynchronous import AsyncPipeline
from hiercomp.config import Config
from hiercomp.ports import LLM
from hiercomp.server.errors import UnknownDocumentError
from hiercomp.server.schemas import StoredDocument
from hiercomp.server.shelf import Shelf
from hiercomp.sources import limits_of
from hiercomp.types import Document

T = TypeVar("T")
LONGEST_NAME = 120
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff:*?\"<>|]")


@dataclass(slots=True)
class _Open:
    """A pipeline, how many calls use it, and whether its documents are gone."""

    pipeline: AsyncPipeline
    users: int = 0
    forgotten: bool = False


class Library:
    """The documents of a server; the pipelines of the last `most` choices of them stay open and are shared."""

    def __init__(self, folder: Path, config: Config, reader: LLM, *, most: int) -> None:
        self._shelf = Shelf(folder)
        self._config = config
        self._reader = reader
        self._most = most
        self._open: dict[tuple[str, ...], _Open] = {}
        self._attached: dict[str, Document] = {}
        self._readers = asyncio.Semaphore(os.cpu_count() or 1)  # a parser takes a core, and much memory

    async def add(self, data: bytes, name: str) -> StoredDocument:
        """Reads and keeps a file; one with the same content is kept once.

        Raises:
            DocumentError: it cannot be read.
        """
        document_id = _id(data)
        known = await asyncio.to_thread(self._shelf.get, document_id)
        if known is not None:
            return known
        document = await self._read(data, name)
        tokenizer = await asyncio.to_thread(tokenizers.build, self._config.tokenizer or tokenizers.DEFAULT)
        stored = StoredDocument(
            id=document_id,
            name=document.source,
            title=document.title,
            bytes=len(data),
            pages=len(document.pages) or None,
            tokens=await asyncio.to_thread(tokenizer.count, document.text),
            created=int(time.time()),
        )
        return await asyncio.to_thread(self._shelf.put, stored, document)

    async def attached(self, data: bytes, name: str) -> Document:
        """The document in a file that came with a message; it is not kept on disk, but the last ones in memory.

        Raises:
            DocumentError: it cannot be read.
        """
        key = f"{_id(data)} {name}"
        document = self._attached.pop(key, None) or await self._read(data, name)
        self._attached[key] = document
        while len(self._attached) > self._most:
            del self._attached[next(iter(self._attached))]
        return document

    async def all(self) -> list[StoredDocument]:
        """What is known of every document that was uploaded."""
        return await asyncio.to_thread(self._shelf.all)

    async def get(self, document_id: str) -> StoredDocument:
        """What is known of a document.

        Raises:
            UnknownDocumentError: no document has that id.
        """
        return _found(await asyncio.to_thread(self._shelf.get, document_id), document_id)

    async def document(self, document_id: str) -> Document:
        """A document.

        Raises:
            UnknownDocumentError: no document has that id.
        """
        return _found(await asyncio.to_thread(self._shelf.read, document_id), document_id)

    async def delete(self, document_id: str) -> None:
        """Forgets a document; calls that use it end first.

        Raises:
            UnknownDocumentError: no document has that id.
        """
        deleted = await asyncio.to_thread(self._shelf.delete, document_id)
        _found(deleted or None, document_id)
        await self._forget([ids for ids in self._open if document_id in ids])

    def pipeline(self, documents: Sequence[Document]) -> AsyncPipeline:
        """A pipeline of one's own, with the server's reader."""
        return AsyncPipeline(documents, config=self._config, reader=self._reader)

    @asynccontextmanager
    async def open(self, ids: Sequence[str]) -> AsyncIterator[AsyncPipeline]:
        """The pipeline over some documents, which others may use at the same time.

        Raises:
            UnknownDocumentError: no document has one of the ids.
        """
        key = tuple(dict.fromkeys(ids))
        if key not in self._open:
            documents = [await self.document(document_id) for document_id in key]
            self._open.setdefault(key, _Open(self.pipeline(documents)))
        used = self._open[key] = self._open.pop(key)  # the last in the order is the last that was used
        used.users += 1
        try:
            yield used.pipeline
        finally:
            used.users -= 1
            if used.forgotten and not used.users:
                await used.pipeline.close()
            idle = [key for key, opened in self._open.items() if not opened.users]
            await self._forget(idle[: max(0, len(self._open) - self._most)])

    async def close(self) -> None:
        """Lets go of all that is open."""
        await self._forget(list(self._open))

    async def _read(self, data: bytes, name: str) -> Document:
        config = self._config
        read = partial(
            loaders.load_bytes,
            source=_shown_name(name),
            pages=config.pages,
            password=config.password,
            limits=limits_of(config),
        )
        async with self._readers:
            return await asyncio.to_thread(read, data)

    async def _forget(self, keys: Sequence[tuple[str, ...]]) -> None:
        """Closes pipelines, or has each closed by the last call that uses it.

        All are taken out before the first is closed: while one is, another call may look for some to close.
        """
        for opened in [self._open.pop(key) for key in keys]:
            opened.forgotten = True
            if not opened.users:
                await opened.pipeline.close()


def _id(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _found(value: T | None, document_id: str) -> T:
    if value is None:
        raise UnknownDocumentError(f"there is no document {document_id}: GET /v1/documents lists those there are")
    return value


def _shown_name(name: str) -> str:
    """A client's name for a file, as it is shown: no folders, and nothing that a name may not have."""
    plain = _ODD.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(". ")
    return plain[-LONGEST_NAME:] or "document"
