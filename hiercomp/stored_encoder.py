"""An encoder that remembers: a text is encoded once, whatever document or run it is in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hiercomp.ports import Encoder
from hiercomp.store import Store

BATCH = 32
"""Texts between two reports of progress."""


class StoredEncoder:
    """Another encoder with its vectors kept in the store, keyed by the encoder's name and the text's digest."""

    def __init__(self, make: Callable[[], Encoder], store: Store, observe: Callable[[int, int], None]) -> None:
        self._make = make
        self._store = store
        self._observe = observe
        self.encoded = 0

    @cached_property
    def _encoder(self) -> Encoder:
        return self._make()

    @property
    def name(self) -> str:
        """The encoder's own name."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        return self._encoder.dimension

    @property
    def loaded(self) -> bool:
        """Whether anything has asked for the encoder."""
        return "_encoder" in self.__dict__

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(d,) float32, unit length; questions are not kept."""
        self.encoded += 1
        return self._encoder.encode_query(text)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""
        digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
        known = self._store.get_vectors(self.name, digests, dimension=self.dimension)
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        names = list(missing)
        for start in range(0, len(names), BATCH):
            self._observe(start, len(names))
            batch = names[start : start + BATCH]
            fresh = dict(zip(batch, self._encoder.encode_passages([missing[name] for name in batch]), strict=True))
            self._store.put_vectors(self.name, fresh)
            known |= fresh
            self.encoded += len(fresh)
        vectors = np.array([known[digest] for digest in digests], dtype=np.float32)
        return vectors.reshape(len(texts), self.dimension)
