"""Fuse the results of several retrievers into one calibrated probability that a passage holds evidence.

A logistic model combines each retriever's scores, scores relative to the best one, ranks, and the scores of the
neighbouring passages. Each set of retrievers has its own weights, which `eval/fit_evidence.py` fits. Ranks alone are
not fused: an unweighted fusion of a good and a poor ranking is worse than the good ranking.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
    columns = []
    for retriever in RETRIEVERS:
        found = {
            hit.node_id: (source.score, source.rank)
            for hit in ranking.hits
            for source in hit.sources
            if source.retriever == retriever
        }
        columns += _columns(passages, found)
    return np.column_stack(columns)


def _columns(passages: Sequence[Node], found: Mapping[str, tuple[float, int]]) -> list[NDArray[np.float64]]:
    """Compute the five features of one retriever from the score and rank of each passage that it found."""
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
