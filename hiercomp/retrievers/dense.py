"""Embeddings in FAISS: an exact search by inner product. Vectors have unit length, so a score is a cosine."""

from __future__ import annotations

from collections.abc import Sequence

import faiss
import numpy as np

from hiercomp.building import Lazy
from hiercomp.errors import ConfigError
from hiercomp.ports import Encoder
from hiercomp.types import Hit, Node, Ranking, RetrieverScore

BATCH = 64
"""Passages encoded at a time. This limits the memory of their token vectors, which this retriever does not use."""


class DenseIndex:
    """Passages by the vectors of their titles and texts. The first question encodes them."""

    def __init__(self, encoder: Encoder, passages: Sequence[Node]) -> None:
        self._encoder = encoder
        self._ids = [passage.id for passage in passages]
        self._texts = [passage.search_text for passage in passages]
        self._vectors = Lazy(self._encode)

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return, for each query, the k passages whose vectors are closest to it."""
        return [self._search(query, k) for query in queries]

    def _search(self, query: str, k: int) -> Ranking:
        if not query.strip() or not self._ids or k <= 0:
            return Ranking(())
        vector = self._encoder.encode_query(query).vector[np.newaxis]
        # Ask for all passages: FAISS breaks ties arbitrarily, Ranking.of breaks them by id.
        cosines, rows = self._vectors().search(vector, len(self._ids))
        found = Ranking.of(Hit(self._ids[row], float(cosine)) for cosine, row in zip(cosines[0], rows[0], strict=True))
        return Ranking(
            tuple(
                Hit(hit.node_id, hit.score, sources=(RetrieverScore("dense", rank, hit.score),))
                for rank, hit in enumerate(found.hits[:k], start=1)
            )
        )

    def _encode(self) -> faiss.IndexFlatIP:
        vectors = faiss.IndexFlatIP(self._encoder.dimension)
        for start in range(0, len(self._texts), BATCH):
            encoded = self._encoder.encode_passages(self._texts[start : start + BATCH])
            vectors.add(np.array([tokens.vector for tokens in encoded], dtype=np.float32))
        return vectors


class Dense:
    """The retriever `dense`."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def index(self, passages: Sequence[Node]) -> DenseIndex:
        """Index passages; the first question encodes them."""
        return DenseIndex(self._encoder, passages)


def build(argument: str | None = None, *, encoder: Encoder) -> Dense:
    """Build the retriever over an encoder. It takes no argument."""
    if argument is not None:
        raise ConfigError(f"the retriever dense takes no argument, not {argument!r}")
    return Dense(encoder)
