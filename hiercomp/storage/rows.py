"""Rows of bytes in an SQLite file. Each row has a checksum, which is verified at every read.

The file is a cache, so no method fails because of the disk. A damaged row counts as absent and is deleted. A damaged
file is replaced by a new one. If no file can be used, rows are kept in memory or not at all, and `warning` says why.
Any number of threads and processes may share a folder.

A new file gets the next number in its name, because other processes may still have the old one open. The old one is
deleted. It is never renamed or overwritten.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

VERSION = 2
"""The version of the table and of the rows' contents. A file of another version is replaced by a new one."""
_BUSY_SECONDS = 30  # a write takes milliseconds, so a longer wait means that the file cannot be used
_KEYS_PER_QUERY = 500  # some builds of SQLite allow no more than 999 variables
_MAX_ROW_BYTES = 1 << 28  # otherwise a damaged length could ask for all memory
_DAMAGE_CODES = {
    sqlite3.SQLITE_ERROR,  # a name in the schema has changed
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
}
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS entries (kind INTEGER NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL, "
    "checksum BLOB NOT NULL, PRIMARY KEY (kind, key))"
)

T = TypeVar("T")


class Rows:
    """Rows by kind and key. Without a folder they are kept in memory."""

    def __init__(self, folder: Path | None) -> None:
        self.warning: str | None = None
        self._folder = folder
        self._path: Path | None = None
        self._writable = True
        self._lock = threading.RLock()
        self._connection = self._open(damaged=None)

    @property
    def path(self) -> Path | None:
        """The file, or None if the rows are in memory."""
        return self._path

    def read(self, kind: int, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the payloads by key. Absent and damaged rows are missing from the result."""
        intact: dict[bytes, bytes] = {}
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            batch = keys[start : start + _KEYS_PER_QUERY]
            intact |= self._attempt(partial(_read, kind=kind, keys=batch), dict[bytes, bytes]())
        return intact

    def write(self, kind: int, rows: Mapping[bytes, bytes]) -> None:
        """Store rows: all of them, or none if writing fails. Rows with the same keys are replaced."""
        if self._writable:
            values = [(kind, key, payload, _checksum(kind, key, payload)) for key, payload in rows.items()]
            self._attempt(partial(_write, values=values), None)

    def count(self, kind: int) -> int:
        """Count the rows of a kind."""
        return self._attempt(partial(_count, kind=kind), 0)

    def size(self) -> int:
        """Return the number of bytes on disk."""
        return 0 if self._folder is None else sum(path.stat().st_size for path in self._folder.glob("store-*"))

    def clear(self) -> None:
        """Delete all rows and free their space."""
        self._attempt(_clear, None)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _attempt(self, action: Callable[[sqlite3.Connection], T], default: T) -> T:
        """Return the result of an action. It is tried again in a new file if the file is damaged.

        If it still fails, stop writing, set `warning` and return the default.
        """
        with self._lock:
            try:
                try:
                    return action(self._connection)
                except sqlite3.DatabaseError as error:
                    if not self._is_damage(error):
                        raise
                    self._connection.close()
                    self._connection = self._open(damaged=self._path)
                    return action(self._connection)
            except sqlite3.ProgrammingError:
                raise  # the caller used the rows after closing them
            except sqlite3.DatabaseError as error:
                self._writable = False
                self._warn(error)
                return default

    def _is_damage(self, error: sqlite3.DatabaseError) -> bool:
        return self._path is not None and _is_damage(error, self._path)

    def _open(self, *, damaged: Path | None) -> sqlite3.Connection:
        """Connect to the newest file that is not damaged. Create one if there is none; use memory if that fails."""
        if self._folder is None:
            return _connect(":memory:")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self._folder / "store.lock", timeout=_BUSY_SECONDS):
                self._path = _newest(self._folder)
                if self._path == damaged:
                    self._path = _successor(self._path)
                try:
                    return _connect(str(self._path))
                except sqlite3.DatabaseError as error:
                    if not _is_damage(error, self._path):
                        raise
                    self._path = _successor(self._path)
                    return _connect(str(self._path))
        except (OSError, sqlite3.DatabaseError) as error:
            self._path = None
            self._warn(error)
            return _connect(":memory:")

    def _warn(self, error: Exception) -> None:
        self.warning = f"the cache in {self._folder} cannot be used ({error}): nothing is kept for the next question"


def _newest(folder: Path) -> Path:
    """Return the file with the highest number. It may not exist yet."""
    numbers = [int(path.stem[6:]) for path in folder.glob("store-*.sqlite") if path.stem[6:].isdecimal()]
    return folder / f"store-{max(numbers, default=1)}.sqlite"


def _successor(path: Path) -> Path:
    """Delete a damaged file and return the path with the next number."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return path.with_name(f"store-{int(path.stem[6:]) + 1}.sqlite")


def _connect(path: str) -> sqlite3.Connection:
    """Connect to a file and create its table. Only the owner may read it, because documents can be confidential."""
    if path != ":memory:":
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_ROW_BYTES)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise sqlite3.DatabaseError(f"version {version} of the cache is not version {VERSION}")
        if version == 0:
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {VERSION}")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _is_damage(error: sqlite3.DatabaseError, path: Path) -> bool:
    """Tell whether the file is damaged or gone. The disk, permissions and other processes cause other errors."""
    if isinstance(error, sqlite3.ProgrammingError):
        return False
    extended: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    code = extended & 0xFF
    wrongly_read_only = code == sqlite3.SQLITE_READONLY and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return code in _DAMAGE_CODES or extended == sqlite3.SQLITE_READONLY_DBMOVED or wrongly_read_only


def _checksum(kind: int, key: bytes, payload: bytes) -> bytes:
    digest = hashlib.blake2b(key, digest_size=16, salt=kind.to_bytes(16, "little"))
    digest.update(payload)
    return digest.digest()


def _read(connection: sqlite3.Connection, kind: int, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the rows whose checksum is right, and delete the others."""
    placeholders = ",".join("?" * len(keys))
    query = f"SELECT key, payload, checksum FROM entries WHERE kind = ? AND key IN ({placeholders})"
    intact, damaged = {}, []
    for key, payload, checksum in connection.execute(query, (kind, *keys)):
        if isinstance(payload, bytes) and checksum == _checksum(kind, key, payload):
            intact[key] = payload
        else:
            damaged.append((kind, key))
    if damaged:
        with connection:
            connection.executemany("DELETE FROM entries WHERE kind = ? AND key = ?", damaged)
    return intact


def _write(connection: sqlite3.Connection, values: Sequence[tuple[int, bytes, bytes, bytes]]) -> None:
    with connection:
        connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", values)


def _count(connection: sqlite3.Connection, kind: int) -> int:
    number: int = connection.execute("SELECT COUNT(*) FROM entries WHERE kind = ?", (kind,)).fetchone()[0]
    return number


def _clear(connection: sqlite3.Connection) -> None:
    with connection:
        connection.execute("DELETE FROM entries")
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
