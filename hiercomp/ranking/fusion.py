"""What several retrievers say of a passage, as one calibrated probability that it holds evidence. Pure.

A logistic model over scores, scores relative to the best, ranks, and the neighbours' scores; one set of weights for
each set of retrievers. Ranks alone are not fused: an unweighted fusion of a good and a poor ranking is worse than the
good one. `eval/fit_evidence.py` fits the weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hiercomp.ranking.evidence import Features, Logistic, fitted, overview
from hiercomp.types import PASSAGE, Hierarchy, Hit, Node, Ranking

RETRIEVERS = ("bm25", "dense", "tokens")
FAMILIES: tuple[tuple[str, ...], ...] = (("bm25",), ("dense",), ("bm25", "dense"), ("bm25", "tokens"), RETRIEVERS)
"""The sets of retrievers that weights are fitted for, smallest first."""
PASSAGE_FEATURES = tuple(
    f"{retriever}_{feature}" for retriever in RETRIEVERS for feature in ("found", "score", "relative", "rank", "near")
)


def fuse(hierarchy: Hierarchy, ranking: Ranking) -> Ranking:
    """All passages with their calibrated probability, best first; those that no retriever found come last.

    Where nothing was found, or nothing asked, the passages that represent their document come first.
    """
    hits = [hit for hit in ranking.hits if hierarchy.node(hit.node_id).level == PASSAGE]
    if not hits:
        return _overview(hierarchy)
    found = {source.retriever for hit in hits for source in hit.sources} & {*RETRIEVERS}
    if not found:
        return _by_rank(hierarchy, hits)
    # A retriever that found nothing this time is one of the family all the same.
    family = next(family for family in FAMILIES if found <= {*family})
    return passage_probabilities(hierarchy, ranking, fitted("passage/" + "+".join(family)))


def passage_probabilities(hierarchy: Hierarchy, ranking: Ranking, model: Logistic) -> Ranking:
    """All passages by the probability that a model gives them."""
    passages = hierarchy.level(PASSAGE)
    hits = {hit.node_id: hit for hit in ranking.hits}
    probabilities = model.probability(passage_features(passages, ranking)).tolist()
    return Ranking.of(
        Hit(node.id, probability, probability, hit.sources, hit.sentences)
        if (hit := hits.get(node.id))
        else Hit(node.id, probability, probability)
        for node, probability in zip(passages, probabilities, strict=True)
    )


def _overview(hierarchy: Hierarchy) -> Ranking:
    """Passages by their sentence that represents most."""
    values = overview(hierarchy)
    scores = {
        node.id: max((values.get((node.document_id, span), 0.0) for span in node.sentences), default=0.0)
        for node in hierarchy.level(PASSAGE)
    }
    return Ranking.of(Hit(node_id, score, score) for node_id, score in scores.items())


def _by_rank(hierarchy: Hierarchy, hits: Sequence[Hit]) -> Ranking:
    """All passages in the order of a retriever that no weights are fitted for; 1 / (1 + rank) is a convention."""
    chances = {hit.node_id: 1 / (1 + rank) for rank, hit in enumerate(hits, start=1)}
    ranked = (replace(hit, score=chances[hit.node_id], probability=chances[hit.node_id]) for hit in hits)
    others = (Hit(node.id, 0.0) for node in hierarchy.level(PASSAGE) if node.id not in chances)
    return Ranking.of((*ranked, *others))


def passage_features(passages: Sequence[Node], ranking: Ranking) -> Features:
    """(n, d) float64, a row a passage in document order, columns as in `PASSAGE_FEATURES`.

    For each retriever: whether it found the passage, its score, its score less the best one, the logarithm of its rank,
    and the better of the neighbours' relative scores. A passage that it did not find has its lowest relative score.
    """
    columns = []
    for retriever in RETRIEVERS:
        scores = {
            hit.node_id: source for hit in ranking.hits for source in hit.sources if source.retriever == retriever
        }
        columns += _columns(passages, {node_id: (source.score, source.rank) for node_id, source in scores.items()})
    return np.column_stack(columns)


def _columns(passages: Sequence[Node], found: Mapping[str, tuple[float, int]]) -> list[NDArray[np.float64]]:
    """The five features of one retriever."""
    best = max((score for score, _ in found.values()), default=0.0)
    worst = min((score for score, _ in found.values()), default=0.0)
    last = math.log1p(len(passages))
    is_found = np.array([node.id in found for node in passages], dtype=np.float64)
    score = np.array([found[node.id][0] if node.id in found else worst for node in passages])
    rank = np.array([math.log1p(found[node.id][1]) if node.id in found else last for node in passages])
    relative = score - best
    lowest = np.full(1, worst - best)
    before, after = np.concatenate([lowest, relative[:-1]]), np.concatenate([relative[1:], lowest])
    return [is_found, score, relative, rank, np.maximum(before, after)]
