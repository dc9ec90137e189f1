"""Fuse the results of several retrievers into one calibrated probability that a passage holds evidence.

A logistic model combines each retriever's scores, scores relative to the best one, ranks, and the scores of the
neighbouring passages. Each set of retrievers has its own weights, which `eval/fit_evidence.py` fits. Ranks alone are
not fused: an unweighted fusion of a good and a poor ranking is worse than the good ranking.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hiercomp.ranking.evidence import Features, Logistic, fitted
from hiercomp.types import PASSAGE, Hierarchy, Hit, Node, Ranking

RETRIEVERS = ("bm25", "dense", "tokens")
FAMILIES: tuple[tuple[str, ...], ...] = (("bm25",), ("dense",), ("bm25", "dense"), ("bm25", "tokens"))
"""The sets of retrievers that have fitted weights, smallest first."""
PASSAGE_FEATURES = tuple(
    f"{retriever}_{feature}" for retriever in RETRIEVERS for feature in ("found", "score", "relative", "rank", "near")
)


def fuse(hierarchy: Hierarchy, ranking: Ranking) -> Ranking:
    """Rank all passages by their calibrated probability; passages that no retriever found come last.

    If no retriever found anything, the ranking is empty.
    """
    if not ranking.hits:
        return ranking
    found = {source.retriever for hit in ranking.hits for source in hit.sources} & {*RETRIEVERS}
    # A retriever that found nothing for this question still belongs to the family.
    family = next((family for family in FAMILIES if found and found <= {*family}), None)
    if family is None:
        return _by_rank(hierarchy, ranking.hits)
    return passage_probabilities(hierarchy, ranking, fitted("passage/" + "+".join(family)))


def passage_probabilities(hierarchy: Hierarchy, ranking: Ranking, model: Logistic) -> Ranking:
    """Rank all passages by the probability that a model gives them."""
    passages = hierarchy.level(PASSAGE)
    hits = {hit.node_id: hit for hit in ranking.hits}
    probabilities = model.probability(passage_features(passages, ranking)).tolist()
    return Ranking.of(
        Hit(node.id, probability, probability, hit.sources, hit.sentences)
        if (hit := hits.get(node.id))
        else Hit(node.id, probability, probability)
        for node, probability in zip(passages, probabilities, strict=True)
    )


def _by_rank(hierarchy: Hierarchy, hits: Sequence[Hit]) -> Ranking:
    """Rank all passages as a retriever without fitted weights does; 1 / (1 + rank) is a convention."""
    probabilities = {hit.node_id: 1 / (1 + rank) for rank, hit in enumerate(hits, start=1)}
    ranked = (replace(hit, score=probabilities[hit.node_id], probability=probabilities[hit.node_id]) for hit in hits)
    others = (Hit(node.id, 0.0) for node in hierarchy.level(PASSAGE) if node.id not in probabilities)
    return Ranking.of((*ranked, *others))


def passage_features(passages: Sequence[Node], ranking: Ranking) -> Features:
    """Compute the features of passages, given in document order.

    Returns:
        (n, d) float64, one row for each passage, columns as in `PASSAGE_FEATURES`. For each retriever: whether it
        found the passage, its score, its score less the best score, the logarithm of its rank, and the better one of
        the neighbours' relative scores. A passage that a retriever did not find gets its lowest score and last rank.
    """
    places = {node.id: place for place, node in enumerate(passages)}
    found: dict[str, list[tuple[int, float, int]]] = {retriever: [] for retriever in RETRIEVERS}
    for hit in ranking.hits:
        for source in hit.sources:
            if source.retriever in found and hit.node_id in places:
                found[source.retriever].append((places[hit.node_id], source.score, source.rank))
    return np.column_stack([column for each in found.values() for column in _columns(len(passages), each)])


def _columns(passages: int, found: Sequence[tuple[int, float, int]]) -> list[NDArray[np.float64]]:
    """Compute the five features of one retriever from the place, score and rank of each passage that it found."""
    places, scores, ranks = np.array(found, dtype=np.float64).reshape(-1, 3).T
    at = places.astype(np.intp)
    best, worst = (scores.max(), scores.min()) if found else (0.0, 0.0)
    is_found, score, rank = np.zeros(passages), np.full(passages, worst), np.full(passages, math.log1p(passages))
    is_found[at], score[at], rank[at] = 1.0, scores, np.log1p(ranks)
    relative = score - best
    lowest = np.full(1, worst - best)
    before, after = np.concatenate([lowest, relative[:-1]]), np.concatenate([relative[1:], lowest])
    return [is_found, score, relative, rank, np.maximum(before, after)]
