"""An encoder that stores its vectors: it encodes a text once, whatever document or run the text comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from hiercomp.building import Lazy
from hiercomp.cancellation import holding
from hiercomp.monitor import active_monitor, encoding
from hiercomp.ports import Encoder, TokenVectors
from hiercomp.storage.store import Store

BATCHES = 8
"""Batches into which the most passages of one question are divided; progress is reported before each batch."""


class StoredEncoder:
    """An encoder whose passage vectors are kept in the store, by the encoder's name and the SHA-256 of the text.

    Vectors of questions are not stored. The active monitor counts the texts that the encoder really reads.
    """

    def __init__(self, build: Callable[[], Encoder], store: Store, observe: Callable[[int, int], None]) -> None:
        self._encoder = Lazy(build)
        self._store = store
        self._observe = observe
        self._turn = Lock()

    @property
    def name(self) -> str:
        """The name of the encoder."""
        return self._loaded().name

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        return self._loaded().dimension

    @property
    def max_passages(self) -> int:
        """The most passages to encode for one question."""
        return self._loaded().max_passages

    def encode_query(self, text: str) -> TokenVectors:
        """Encode a question."""
        encoder = self._loaded()
        with encoding():
            tokens = encoder.encode_query(text)
        active_monitor().count_encoded(encoder.name, 1, len(tokens.rows))
        return tokens

    def encode_passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Encode the passages that the store does not hold, and read the others from the store."""
        by_digest = {_digest(text): text for text in texts}
        vectors = self._stored(by_digest)
        if len(vectors) < len(by_digest):
            # One thread encodes at a time. The others then find its vectors in the store.
            with holding(self._turn):
                vectors = self._encode_missing(by_digest)
        return [vectors[_digest(text)] for text in texts]

    def _stored(self, by_digest: Mapping[str, str]) -> dict[str, TokenVectors]:
        encoder = self._loaded()
        return self._store.get_tokens(encoder.name, list(by_digest), dimension=encoder.dimension)

    def _encode_missing(self, by_digest: Mapping[str, str]) -> dict[str, TokenVectors]:
        """Return the vectors of texts by their digests; encode and store those that the store does not hold."""
        encoder = self._loaded()
        vectors = self._stored(by_digest)
        missing = [digest for digest in by_digest if digest not in vectors]
        size = max(1, encoder.max_passages // BATCHES)
        for start in range(0, len(missing), size):
            self._observe(start, len(missing))
            batch = missing[start : start + size]
            with encoding():
                encoded = encoder.encode_passages([by_digest[digest] for digest in batch])
            active_monitor().count_encoded(encoder.name, len(batch), sum(len(tokens.rows) for tokens in encoded))
            # The store rounds vectors, and returns the rounded vectors, which a later run reads too.
            vectors |= self._store.put_tokens(encoder.name, dict(zip(batch, encoded, strict=True)))
        return vectors

    def _loaded(self) -> Encoder:
        with encoding():
            return self._encoder()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
