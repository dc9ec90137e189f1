"""Hierarchies and vectors kept between runs, keyed by content: one changed page makes only its passages anew.

Nothing is pickled: a hierarchy is JSON, a vector its numbers. What cannot be read is made anew, what cannot be written
is not kept; `rows` has the particulars.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from hiercomp.errors import DocumentError
from hiercomp.ports import TokenVectors
from hiercomp.storage import serialization
from hiercomp.storage.rows import VERSION, Rows
from hiercomp.types import Hierarchy

CACHE_VARIABLE = "HIERCOMP_CACHE_DIR"
_HIERARCHY, _VECTOR, _TOKENS, _COUNT, _TEXT = 1, 2, 3, 4, 5
_FLOAT = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What a store holds: its file, None for memory, its bytes on disk, and its entries.

    `vectors` counts the texts whose vector, or whose tokens' vectors, are kept.
    """

    path: Path | None
    bytes: int
    hierarchies: int
    vectors: int


class Store:
    """Hierarchies by the key of their file, vectors by encoder and text; safe to share between threads."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    @classmethod
    def open(cls, directory: Path | None = None) -> Store:
        """The store in a directory, by default the user's cache; `warning` says if it cannot be used."""
        named = os.environ.get(CACHE_VARIABLE)
        default = Path(named).expanduser() if named else user_cache_path("hiercomp", appauthor=False)
        return cls(Rows(directory or default))

    @classmethod
    def memory(cls) -> Store:
        """A store that forgets."""
        return cls(Rows(None))

    @property
    def warning(self) -> str | None:
        """Why nothing is kept, None where all is well."""
        return self._rows.warning

    def get_hierarchy(self, key: str) -> Hierarchy | None:
        """The hierarchy kept under a key."""
        digest = _digest(key)
        payload = self._rows.read(_HIERARCHY, [digest]).get(digest)
        if payload is None:
            return None
        try:
            return serialization.load(payload)
        except ValueError:
            return None

    def put_hierarchy(self, key: str, hierarchy: Hierarchy) -> None:
        """Keeps a hierarchy under a key."""
        self._rows.write(_HIERARCHY, {_digest(key): serialization.dump(hierarchy)})

    def get_vectors(
        self, encoder: str, texts: Sequence[str], *, dimension: int | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """The vectors that an encoder made, by the digest of their text; those of another dimension are left out.

        Returns:
            (d,) float32, read-only.
        """
        names = {_digest(encoder, text): text for text in texts}
        payloads = self._rows.read(_VECTOR, list(names))
        return {
            names[digest]: np.frombuffer(payload, dtype=_FLOAT).astype(np.float32, copy=False)
            for digest, payload in payloads.items()
            if dimension is None or len(payload) == dimension * _FLOAT.itemsize
        }

    def put_vectors(self, encoder: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keeps an encoder's vectors under the digests of their texts, all or none."""
        rows = {_digest(encoder, text): vector.astype(_FLOAT).tobytes() for text, vector in vectors.items()}
        self._rows.write(_VECTOR, rows)

    def get_tokens(self, encoder: str, texts: Sequence[str], *, dimension: int) -> dict[str, TokenVectors]:
        """The vectors of texts and of their tokens, by the digest of the text; what is not of the dimension is not."""
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
        """Keeps them under the digests of their texts, all or none; gives them back as `get_tokens` will."""
        payloads = {text: serialization.dump_tokens(tokens) for text, tokens in vectors.items()}
        self._rows.write(_TOKENS, {_digest(encoder, text): payload for text, payload in payloads.items()})
        return {text: serialization.load_tokens(payload) for text, payload in payloads.items()}

    def get_count(self, *names: str | int) -> int | None:
        """The number kept under names."""
        digest = _digest(*names)
        payload = self._rows.read(_COUNT, [digest]).get(digest)
        return None if payload is None else int.from_bytes(payload, "little")

    def put_count(self, count: int, *names: str | int) -> None:
        """Keeps a number under names."""
        self._rows.write(_COUNT, {_digest(*names): count.to_bytes(8, "little")})

    def get_text(self, *names: str | int) -> str | None:
        """The text kept under names."""
        digest = _digest(*names)
        payload = self._rows.read(_TEXT, [digest]).get(digest)
        return None if payload is None else payload.decode("utf-8", "surrogatepass")

    def put_text(self, text: str, *names: str | int) -> None:
        """Keeps a text under names."""
        self._rows.write(_TEXT, {_digest(*names): text.encode("utf-8", "surrogatepass")})

    def info(self) -> StoreInfo:
        """What the store holds."""
        rows = self._rows
        return StoreInfo(rows.path, rows.size(), rows.count(_HIERARCHY), rows.count(_VECTOR) + rows.count(_TOKENS))

    def clear(self) -> int:
        """The bytes that deleting everything gave back."""
        before = self._rows.size()
        self._rows.clear()
        return max(0, before - self._rows.size())

    def close(self) -> None:
        """Lets go of the file."""
        self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def file_key(path: Path, **settings: str | int | None) -> str:
    """The key of a file's content with the settings that it is read with.

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
    """A row's key for names of any length."""
    return hashlib.blake2b(json.dumps(names).encode(), digest_size=16).digest()
