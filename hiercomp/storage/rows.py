"""Rows of bytes in an SQLite file, each with a checksum that is verified whenever it is read.

It is a cache's file. A row that is damaged is as good as absent, and deleted; a file that is damaged is left for a new
one; where a file cannot be used at all, rows are kept in memory, or not kept, and `warning` says why. No method fails
for the state of the disk. Any number of threads and processes may share a folder.

A file that others may have open is never renamed or emptied under them: a new one has the next number in its name.
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
"""Of the table and of what its rows hold; a file of another version is left for a new one."""
_BUSY_SECONDS = 30  # a write takes milliseconds; whoever waits longer than this goes on without
_KEYS = 500  # of one statement; some builds of SQLite allow 999 variables
_ROW_BYTES = 1 << 28  # a damaged length must not ask for all memory
_DAMAGE = {
    sqlite3.SQLITE_ERROR,  # a name in the schema is not what it was
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
    """Rows by kind and key; without a folder they are kept in memory."""

    def __init__(self, folder: Path | None) -> None:
        self.warning: str | None = None
        self._folder = folder
        self._path: Path | None = None
        self._writable = True
        self._lock = threading.RLock()
        self._connection = self._opened(unless=None)

    @property
    def path(self) -> Path | None:
        """The file; None where rows are in memory."""
        return self._path

    def read(self, kind: int, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The payloads that are there and whole, by key."""
        whole: dict[bytes, bytes] = {}
        for start in range(0, len(keys), _KEYS):
            batch = keys[start : start + _KEYS]
            whole.update(self._attempt(partial(_read, kind=kind, keys=batch), whole))
        return whole

    def write(self, kind: int, rows: Mapping[bytes, bytes]) -> None:
        """Keeps rows, all or none, in place of those with the same keys."""
        if self._writable:
            values = [(kind, key, payload, _checksum(kind, key, payload)) for key, payload in rows.items()]
            self._attempt(partial(_write, values=values), None)

    def count(self, kind: int) -> int:
        """The rows of a kind."""
        return self._attempt(partial(_count, kind=kind), 0)

    def size(self) -> int:
        """The bytes on disk."""
        return 0 if self._folder is None else sum(path.stat().st_size for path in self._folder.glob("store-*"))

    def clear(self) -> None:
        """Deletes all rows and gives their space back."""
        self._attempt(_clear, None)

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._connection.close()

    def _attempt(self, action: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What an action returns, in a new file if need be, or what to go on with where it cannot be done."""
        with self._lock:
            try:
                try:
                    return action(self._connection)
                except sqlite3.DatabaseError as error:
                    if not self._is_damage(error):
                        raise
                    self._connection.close()
                    self._connection = self._opened(unless=self._path)
                    return action(self._connection)
            except sqlite3.ProgrammingError:
                raise  # used after it was closed
            except sqlite3.DatabaseError as error:
                self._writable = False
                self._warn(error)
                return otherwise

    def _is_damage(self, error: sqlite3.DatabaseError) -> bool:
        return self._path is not None and _is_damage(error, self._path)

    def _opened(self, *, unless: Path | None) -> sqlite3.Connection:
        """The newest file but a damaged one, begun where there is none; memory where there can be none."""
        if self._folder is None:
            return _connect(":memory:")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self._folder / "store.lock", timeout=_BUSY_SECONDS):
                self._path = _newest(self._folder)
                if self._path == unless:
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
    """The file with the highest number."""
    numbers = [int(path.stem[6:]) for path in folder.glob("store-*.sqlite") if path.stem[6:].isdecimal()]
    return folder / f"store-{max(numbers, default=1)}.sqlite"


def _successor(path: Path) -> Path:
    """The file after a damaged one, which is deleted."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    return path.with_name(f"store-{int(path.stem[6:]) + 1}.sqlite")


def _connect(path: str) -> sqlite3.Connection:
    """The file at a path with its table; readable by its owner only, as the documents may be."""
    if path != ":memory:":
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _ROW_BYTES)
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
    """Whether the file is at fault, or gone, and not the disk, the rights or another process."""
    if isinstance(error, sqlite3.ProgrammingError):
        return False
    extended: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    code = extended & 0xFF
    unfounded = code == sqlite3.SQLITE_READONLY and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return code in _DAMAGE or extended == sqlite3.SQLITE_READONLY_DBMOVED or unfounded


def _checksum(kind: int, key: bytes, payload: bytes) -> bytes:
    digest = hashlib.blake2b(key, digest_size=16, salt=kind.to_bytes(16, "little"))
    digest.update(payload)
    return digest.digest()


def _read(connection: sqlite3.Connection, kind: int, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """The rows whose checksum holds; the others are deleted."""
    marks = ",".join("?" * len(keys))
    query = f"SELECT key, payload, checksum FROM entries WHERE kind = ? AND key IN ({marks})"
    whole, damaged = {}, []
    for key, payload, checksum in connection.execute(query, (kind, *keys)):
        if isinstance(payload, bytes) and checksum == _checksum(kind, key, payload):
            whole[key] = payload
        else:
            damaged.append((kind, key))
    if damaged:
        with connection:
            connection.executemany("DELETE FROM entries WHERE kind = ? AND key = ?", damaged)
    return whole


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
