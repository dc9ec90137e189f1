"""Uploaded documents on disk: what was read of each file, in one SQLite file of the server's own folder.

The files themselves are not kept, and nothing is ever opened by a name that a client has chosen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hiercomp.hierarchy import build_hierarchy
from hiercomp.server.schemas import StoredDocument
from hiercomp.storage import serialization
from hiercomp.types import Document

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL, "
    "bytes INTEGER NOT NULL, pages INTEGER, tokens INTEGER NOT NULL, created INTEGER NOT NULL, content BLOB NOT NULL)"
)
_COLUMNS = "id, name, title, bytes, pages, tokens, created"
_BUSY_SECONDS = 30


class Shelf:
    """The documents of one folder; each call opens the file for itself, so any thread may call."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / "documents.sqlite3"
        with self._opened() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_SCHEMA)

    def put(self, stored: StoredDocument, document: Document) -> StoredDocument:
        """Keeps a document; what was kept before under its id stays."""
        values = tuple(stored.model_dump().values())
        content = serialization.dump(build_hierarchy(document))
        with self._opened() as connection:
            connection.execute(
                f"INSERT OR IGNORE INTO documents ({_COLUMNS}, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, content),
            )
        return self.get(stored.id) or stored

    def get(self, document_id: str) -> StoredDocument | None:
        """What is known of a document."""
        with self._opened() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM documents WHERE id = ?", (document_id,)).fetchone()
        return _stored(row) if row else None

    def all(self) -> list[StoredDocument]:
        """What is known of every document, oldest first."""
        with self._opened() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM documents ORDER BY created, id").fetchall()
        return [_stored(row) for row in rows]

    def read(self, document_id: str) -> Document | None:
        """A document."""
        with self._opened() as connection:
            row = connection.execute("SELECT content FROM documents WHERE id = ?", (document_id,)).fetchone()
        return serialization.load(row[0]).documents[0] if row else None

    def delete(self, document_id: str) -> bool:
        """Whether there was such a document; there is none any more."""
        with self._opened() as connection:
            return connection.execute("DELETE FROM documents WHERE id = ?", (document_id,)).rowcount > 0

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection, its changes made at the end."""
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection, connection:
            yield connection


def _stored(row: tuple[object, ...]) -> StoredDocument:
    return StoredDocument.model_validate(dict(zip(_COLUMNS.split(", "), row, strict=True)))
