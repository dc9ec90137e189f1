"""Reciprocal rank fusion of BM25 and cosine over the same chunks.

Source: Cormack, Clarke and Büttcher, 2009.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from eval.methods._chunks import CHUNK_TOKENS, chunks
from eval.methods._ranking import Ranked
from eval.ports import Method, Parts
from hiercomp import retrievers
from hiercomp.ports import Index, Retriever
from hiercomp.types import Hit, Node, Ranking

NAMES = ("fusion",)
K = 60
"""The constant of the paper."""


def build(name: str, parts: Parts) -> Method:
    """Build the method."""
    fused = [retrievers.build(retriever, encoder=parts.encoder) for retriever in ("bm25", "dense")]
    settings: dict[str, object] = {"chunk_tokens": CHUNK_TOKENS, "k": K, "encoder": parts.encoder.name}
    return Ranked(partial(chunks, tokenizer=parts.tokenizer), ReciprocalRank(fused), parts.tokenizer, settings)


@dataclass(frozen=True, slots=True)
class ReciprocalRank:
    """Several retrievers whose rankings are fused."""

    retrievers: Sequence[Retriever]

    def index(self, passages: Sequence[Node]) -> Index:
        """Index the passages with each retriever."""
        return _ReciprocalRankIndex([retriever.index(passages) for retriever in self.retrievers], len(passages))


@dataclass(frozen=True, slots=True)
class _ReciprocalRankIndex:
    indices: Sequence[Index]
    size: int

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Fuse the rankings of each query."""
        by_index = [index.search(queries, self.size) for index in self.indices]
        return [_fused(rankings, k) for rankings in zip(*by_index, strict=True)]


def _fused(rankings: Sequence[Ranking], k: int) -> Ranking:
    """Rank passages by the sum of 1 / (60 + rank) over the rankings that contain them."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, hit in enumerate(ranking.hits, start=1):
            scores[hit.node_id] = scores.get(hit.node_id, 0.0) + 1 / (K + rank)
    return Ranking(Ranking.of(Hit(node_id, score) for node_id, score in scores.items()).hits[:k])
