"""Uploaded documents on disk: the extracted text and layout of each file, in one SQLite database.

The uploaded files are not kept. No path is ever built from a name that a client sends.
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


class DocumentStore:
    """The uploaded documents of one folder. Every call opens its own connection, so that any thread may call."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / "documents.sqlite3"
        with self._connect() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_SCHEMA)

    def put(self, stored: StoredDocument, document: Document) -> StoredDocument:
        """Store a document, and return its description. A document with the same id is not replaced."""
        values = tuple(stored.model_dump().values())
        content = serialization.dump(build_hierarchy(document))
        with self._connect() as connection:
            connection.execute(
                f"INSERT OR IGNORE INTO documents ({_COLUMNS}, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, content),
            )
        return self.get(stored.id) or stored

    def get(self, document_id: str) -> StoredDocument | None:
        """Describe a document; None if there is none with this id."""
        with self._connect() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM documents WHERE id = ?", (document_id,)).fetchone()
        return _stored(row) if row else None

    def all(self) -> list[StoredDocument]:
        """Describe every document, oldest first."""
        with self._connect() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM documents ORDER BY created, id").fetchall()
        return [_stored(row) for row in rows]

    def read(self, document_id: str) -> Document | None:
        """Return a document; None if there is none with this id."""
        with self._connect() as connection:
            row = connection.execute("SELECT content FROM documents WHERE id = ?", (document_id,)).fetchone()
        return serialization.load(row[0]).documents[0] if row else None

    def delete(self, document_id: str) -> bool:
        """Delete a document. Return whether there was one."""
        with self._connect() as connection:
            return connection.execute("DELETE FROM documents WHERE id = ?", (document_id,)).rowcount > 0

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """Open a connection; commit and close it at the end."""
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as connection, connection:
            yield connection


def _stored(row: tuple[object, ...]) -> StoredDocument:
    return StoredDocument.model_validate(dict(zip(_COLUMNS.split(", "), row, strict=True)))
