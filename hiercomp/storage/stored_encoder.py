"""An encoder that remembers: a text is encoded once, whatever document or run it is in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hiercomp.ledger import ENCODE, part
from hiercomp.ports import Encoder, TokenVectors
from hiercomp.storage.store import Store

REPORTS = 8
"""Reports of progress while as much is read as a question may have read."""


class StoredEncoder:
    """Another encoder with its vectors kept in the store, keyed by the encoder's name and the text's digest.

    `encoded` texts went through the encoder so far, and `tokens` of those whose tokens it tells apart.
    """

    def __init__(self, make: Callable[[], Encoder], store: Store, observe: Callable[[int, int], None]) -> None:
        self._make = make
        self._store = store
        self._observe = observe
        self.encoded = 0
        self.tokens = 0

    @cached_property
    def _encoder(self) -> Encoder:
        with part(ENCODE):
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
    def passages(self) -> int:
        """What the encoder may be given for one question."""
        return self._encoder.passages

    @property
    def loaded(self) -> bool:
        """Whether anything has asked for the encoder."""
        return "_encoder" in self.__dict__

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(d,) float32, unit length; questions are not kept."""
        self.encoded += 1
        with part(ENCODE):
            return self._encoder.encode_query(text)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows."""
        digests = [_digest(text) for text in texts]
        known = self._store.get_vectors(self.name, digests, dimension=self.dimension)
        for missing in self._batches(dict(zip(digests, texts, strict=True)), known):
            with part(ENCODE):
                fresh = dict(zip(missing, self._encoder.encode_passages(list(missing.values())), strict=True))
            self._store.put_vectors(self.name, fresh)
            known |= fresh
        vectors = np.array([known[digest] for digest in digests], dtype=np.float32)
        return vectors.reshape(len(texts), self.dimension)

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The vectors of a question and of its tokens; questions are not kept."""
        self.encoded += 1
        with part(ENCODE):
            tokens = self._encoder.encode_query_tokens(text)
        self.tokens += len(tokens.rows)
        return tokens

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The vectors of each text and of its tokens."""
        digests = [_digest(text) for text in texts]
        known = self._store.get_tokens(self.name, digests, dimension=self.dimension)
        for missing in self._batches(dict(zip(digests, texts, strict=True)), known):
            with part(ENCODE):
                fresh = dict(zip(missing, self._encoder.encode_passage_tokens(list(missing.values())), strict=True))
            self.tokens += sum(len(tokens.rows) for tokens in fresh.values())
            known |= self._store.put_tokens(self.name, fresh)
        return [known[digest] for digest in digests]

    def _batches(self, texts: Mapping[str, str], known: Container[str]) -> Iterator[dict[str, str]]:
        """The texts that are not known yet, in batches, each reported and counted."""
        missing = [digest for digest in texts if digest not in known]
        size = max(1, self.passages // REPORTS)
        for start in range(0, len(missing), size):
            self._observe(start, len(missing))
            batch = missing[start : start + size]
            yield {digest: texts[digest] for digest in batch}
            self.encoded += len(batch)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
