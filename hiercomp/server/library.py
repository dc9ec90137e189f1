"""Uploaded and attached documents. They are read in child processes, and stay open for later questions."""

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
from hiercomp.server.document_store import DocumentStore
from hiercomp.server.errors import UnknownDocumentError
from hiercomp.server.schemas import StoredDocument
from hiercomp.sources import limits_of, with_attachments
from hiercomp.types import Document

T = TypeVar("T")
MAX_NAME_LENGTH = 120
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff:*?\"<>|]")


@dataclass(slots=True)
class _OpenPipeline:
    """A pipeline, and the number of calls that use it. `closing` is set once no new call may use it."""

    pipeline: AsyncPipeline
    users: int = 0
    closing: bool = False


class Library:
    """The documents of a server. The `max_open` pipelines that were used last stay open, and requests share them."""

    def __init__(self, folder: Path, config: Config, reader: LLM, *, max_open: int) -> None:
        self._documents = DocumentStore(folder)
        self._config = config
        self._reader = reader
        self._max_open = max_open
        self._open: dict[tuple[str, ...], _OpenPipeline] = {}
        self._attached: dict[str, Document] = {}
        self._parsing = asyncio.Semaphore(os.cpu_count() or 1)  # a parser takes a core and much memory

    async def add(self, data: bytes, name: str) -> StoredDocument:
        """Read and store a file. Files with the same content are stored once.

        Raises:
            DocumentError: the file cannot be read.
        """
        document_id = _id(data)
        existing = await asyncio.to_thread(self._documents.get, document_id)
        if existing is not None:
            return existing
        document = await self._read(data, name)
        tokenizer_name = self._config.tokenizer or tokenizers.DEFAULT
        tokenizer = await asyncio.to_thread(tokenizers.build, tokenizer_name, cache_dir=self._config.cache_dir)
        stored = StoredDocument(
            id=document_id,
            name=document.source,
            title=document.title,
            bytes=len(data),
            pages=len(document.pages) or None,
            tokens=sum(
                await asyncio.to_thread(tokenizer.count_many, [each.text for each in with_attachments(document)])
            ),
            created=int(time.time()),
        )
        return await asyncio.to_thread(self._documents.put, stored, document)

    async def attached(self, data: bytes, name: str) -> Document:
        """Read a file that is attached to a message. It is not stored; the last `max_open` stay in memory.

        Raises:
            DocumentError: the file cannot be read.
        """
        key = f"{_id(data)} {name}"
        document = self._attached.pop(key, None) or await self._read(data, name)
        self._attached[key] = document
        while len(self._attached) > self._max_open:
            del self._attached[next(iter(self._attached))]
        return document

    async def all(self) -> list[StoredDocument]:
        """Describe every uploaded document, oldest first."""
        return await asyncio.to_thread(self._documents.all)

    async def get(self, document_id: str) -> StoredDocument:
        """Describe an uploaded document.

        Raises:
            UnknownDocumentError: no document has this id.
        """
        return _require(await asyncio.to_thread(self._documents.get, document_id), document_id)

    async def document(self, document_id: str) -> Document:
        """Return an uploaded document.

        Raises:
            UnknownDocumentError: no document has this id.
        """
        return _require(await asyncio.to_thread(self._documents.read, document_id), document_id)

    async def delete(self, document_id: str) -> None:
        """Delete a document. Calls that use it at this moment can finish.

        Raises:
            UnknownDocumentError: no document has this id.
        """
        is_deleted = await asyncio.to_thread(self._documents.delete, document_id)
        _require(is_deleted or None, document_id)
        await self._close([ids for ids in self._open if document_id in ids])

    def pipeline(self, documents: Sequence[Document]) -> AsyncPipeline:
        """Build a pipeline that is not shared. It uses the server's reader."""
        return AsyncPipeline(documents, config=self._config, reader=self._reader)

    @asynccontextmanager
    async def open(self, ids: Sequence[str]) -> AsyncIterator[AsyncPipeline]:
        """Open the pipeline over some documents. Several calls can use it at the same time.

        Raises:
            UnknownDocumentError: an id belongs to no document.
        """
        key = tuple(dict.fromkeys(ids))
        if key not in self._open:
            documents = [await self.document(document_id) for document_id in key]
            self._open.setdefault(key, _OpenPipeline(self.pipeline(documents)))
        used = self._open[key] = self._open.pop(key)  # moves it to the end: the order is that of the last use
        used.users += 1
        try:
            yield used.pipeline
        finally:
            used.users -= 1
            if used.closing and not used.users:
                await used.pipeline.close()
            idle = [key for key, opened in self._open.items() if not opened.users]
            await self._close(idle[: max(0, len(self._open) - self._max_open)])

    async def close(self) -> None:
        """Close all pipelines."""
        await self._close(list(self._open))

    async def _read(self, data: bytes, name: str) -> Document:
        config = self._config
        read = partial(
            loaders.load_bytes,
            source=_safe_name(name),
            pages=config.pages,
            password=config.password,
            limits=limits_of(config),
        )
        async with self._parsing:
            return await asyncio.to_thread(read, data)

    async def _close(self, keys: Sequence[tuple[str, ...]]) -> None:
        """Close pipelines. If calls still use one, the last of them closes it."""
        # Closing awaits, and another call may choose pipelines to close meanwhile. So all are removed first.
        for opened in [self._open.pop(key) for key in keys]:
            opened.closing = True
            if not opened.users:
                await opened.pipeline.close()


def _id(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _require(value: T | None, document_id: str) -> T:
    if value is None:
        raise UnknownDocumentError(f"there is no document {document_id}; GET /v1/documents lists the documents")
    return value


def _safe_name(name: str) -> str:
    """Return a client's file name without folders and without characters that file names cannot hold."""
    safe = _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(". ")
    return safe[-MAX_NAME_LENGTH:] or "document"
