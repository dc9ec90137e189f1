"""Embeddings in FAISS: exact inner product over unit vectors, so a score is a cosine."""

from __future__ import annotations

from collections.abc import Sequence

import faiss
import numpy as np

from hiercomp.errors import ConfigError
from hiercomp.ports import Encoder
from hiercomp.types import Hit, Node, Ranking, Source


class DenseIndex:
    """Nodes by the vectors of their texts."""

    def __init__(self, encoder: Encoder, nodes: Sequence[Node]) -> None:
        self._encoder = encoder
        self._ids = [node.id for node in nodes]
        self._index = faiss.IndexFlatIP(encoder.dimension)
        if nodes:
            self._index.add(encoder.encode_passages([node.text for node in nodes]))

    def search(self, question: str, k: int) -> Ranking:
        """The k nodes whose vectors are closest to the question's."""
        if not question.strip() or not self._ids or k <= 0:
            return Ranking(())
        query = self._encoder.encode_query(question)[np.newaxis]
        # All are asked for: among equal scores the library keeps any, we keep the first by id.
        cosines, rows = self._index.search(query, len(self._ids))
        found = Ranking.of(Hit(self._ids[row], float(cosine)) for cosine, row in zip(cosines[0], rows[0], strict=True))
        return Ranking(
            tuple(
                Hit(hit.node_id, hit.score, sources=(Source("dense", rank, hit.score),))
                for rank, hit in enumerate(found.hits[:k], start=1)
            )
        )


class Dense:
    """The retriever."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def index(self, nodes: Sequence[Node]) -> DenseIndex:
        """The nodes, encoded."""
        return DenseIndex(self._encoder, nodes)


def build(argument: str | None = None, *, encoder: Encoder, **_: object) -> Dense:
    """The retriever over an encoder; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the retriever dense takes no argument, not {argument!r}")
    return Dense(encoder)
