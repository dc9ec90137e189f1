"""The cache of hierarchies, vectors, token counts and texts, keyed by content.

If one page of a document changes, only the passages of that page are computed again. Nothing is pickled: a hierarchy is
stored as JSON, a vector as its numbers. An entry that cannot be read is computed again, and an entry that cannot be
written is not stored. `rows` describes how errors of the disk are handled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from hiercomp.errors import DocumentError
from hiercomp.models import cache_folder
from hiercomp.ports import TokenVectors
from hiercomp.storage import serialization
from hiercomp.storage.rows import VERSION, Rows
from hiercomp.types import Hierarchy

# Nothing reads kind 2, which once held vectors without tokens. A file may still contain such rows.
_HIERARCHY, _TOKENS, _COUNT, _TEXT = 1, 3, 4, 5


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """The contents of a store.

    `path` is the file, or None if the store is in memory. `bytes` is the size on disk. `hierarchies` counts the stored
    documents. `vectors` counts the texts that have stored vectors.
    """

    path: Path | None
    bytes: int
    hierarchies: int
    vectors: int


class Store:
    """A cache of computed values. Threads may share it. Close it, or use it in a `with` statement."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    @classmethod
    def open(cls, directory: Path | None = None) -> Store:
        """Open the store in a directory; see `models.cache_folder`. `warning` is set if it cannot be used."""
        return cls(Rows(cache_folder(directory)))

    @classmethod
    def memory(cls) -> Store:
        """Open a store in memory. Its contents are lost when it is closed."""
        return cls(Rows(None))

    @property
    def warning(self) -> str | None:
        """The reason why nothing is stored, or None if the store works."""
        return self._rows.warning

    def get_hierarchy(self, key: str) -> Hierarchy | None:
        """Return the hierarchy under a key (see `file_key`), or None if there is none."""
        digest = _digest(key)
        payload = self._rows.read(_HIERARCHY, [digest]).get(digest)
        if payload is None:
            return None
        try:
            return serialization.load(payload)
        except ValueError:
            return None

    def put_hierarchy(self, key: str, hierarchy: Hierarchy) -> None:
        """Store a hierarchy under a key."""
        self._rows.write(_HIERARCHY, {_digest(key): serialization.dump(hierarchy)})

    def get_tokens(self, encoder: str, texts: Sequence[str], *, dimension: int) -> dict[str, TokenVectors]:
        """Return the stored vectors of texts. Texts without an entry are missing from the result.

        Args:
            encoder: the encoder's name.
            texts: the digests of the texts; they are the keys of the result.
            dimension: the length of the encoder's vectors. Entries of another dimension are skipped.
        """
        names = {_digest(encoder, text): text for text in texts}
        found = {}
        for digest, payload in self._rows.read(_TOKENS, list(names)).items():
            try:
                tokens = serialization.load_tokens(payload)
            except ValueError:
                continue
            if len(tokens.vector) == dimension:
                found[names[digest]] = tokens
        return found

    def put_tokens(self, encoder: str, vectors: Mapping[str, TokenVectors]) -> dict[str, TokenVectors]:
        """Store the vectors of texts under the digests of the texts: all of them, or none if writing fails.

        Returns:
            The vectors as `get_tokens` will return them. Token vectors lose precision when they are stored.
        """
        payloads = {text: serialization.dump_tokens(tokens) for text, tokens in vectors.items()}
        self._rows.write(_TOKENS, {_digest(encoder, text): payload for text, payload in payloads.items()})
        return {text: serialization.load_tokens(payload) for text, payload in payloads.items()}

    def get_count(self, *names: str | int) -> int | None:
        """Return the number under a key of names, or None if there is none."""
        digest = _digest(*names)
        payload = self._rows.read(_COUNT, [digest]).get(digest)
        return None if payload is None else int.from_bytes(payload, "little")

    def put_count(self, count: int, *names: str | int) -> None:
        """Store a number under a key of names."""
        self._rows.write(_COUNT, {_digest(*names): count.to_bytes(8, "little")})

    def get_text(self, *names: str | int) -> str | None:
        """Return the text under a key of names, or None if there is none."""
        digest = _digest(*names)
        payload = self._rows.read(_TEXT, [digest]).get(digest)
        return None if payload is None else payload.decode("utf-8", "surrogatepass")

    def put_text(self, text: str, *names: str | int) -> None:
        """Store a text under a key of names."""
        self._rows.write(_TEXT, {_digest(*names): text.encode("utf-8", "surrogatepass")})

    def info(self) -> StoreInfo:
        """Return the file, its size and the number of entries."""
        rows = self._rows
        return StoreInfo(rows.path, rows.size(), rows.count(_HIERARCHY), rows.count(_TOKENS))

    def clear(self) -> int:
        """Delete all entries and return the number of bytes that this freed."""
        before = self._rows.size()
        self._rows.clear()
        return max(0, before - self._rows.size())

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def file_key(path: Path, **settings: str | int | None) -> str:
    """Return a key that depends on a file's content and on the settings that it is read with.

    Raises:
        DocumentError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DocumentError(f"{path} cannot be read ({error.strerror}): check its name and its permissions") from error
    return json.dumps([VERSION, content, sorted(settings.items())])


def _digest(*names: str | int) -> bytes:
    """Return the key of a row, 16 bytes for names of any length."""
    return hashlib.blake2b(json.dumps(names).encode(), digest_size=16).digest()
