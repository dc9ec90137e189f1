"""Take over the order of another retriever: the ranks that a caller's texts had before hiercomp ranks them.

The scores of different retrievers have different scales, so only their order is used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from hiercomp.types import Hierarchy, Ranking

Prior = Mapping[str, float]
"""What is added to the log-odds of the passages of each document, by the document's id."""
WEIGHT = 0.5
"""The weight of the logarithm of a rank. `eval/results/order.md` compares it with others.

A greater weight gains more from a good order, and loses more from an order that is no ranking.
"""


def prior_of(scores: Mapping[str, float], weight: float = WEIGHT) -> dict[str, float]:
    """Return the prior of documents from another retriever's scores; higher is better. Equal scores share a rank.

    A document of rank r gets -`weight` · ln r, less the mean of all documents, so that the log-odds stay the same on
    average.
    """
    ranks = {score: rank for rank, score in reversed(list(enumerate(sorted(scores.values(), reverse=True), start=1)))}
    logarithms = {document_id: math.log(ranks[score]) for document_id, score in scores.items()}
    mean = sum(logarithms.values()) / max(1, len(logarithms))
    return {document_id: weight * (mean - logarithm) for document_id, logarithm in logarithms.items()}


def with_prior(hierarchy: Hierarchy, ranking: Ranking, prior: Prior | None) -> Ranking:
    """Add a prior to the log-odds of each passage of a calibrated ranking. Documents without a prior stay the same."""
    if not prior:
        return ranking
    hits = []
    for hit in ranking.hits:
        factor = math.exp(prior.get(hierarchy.node(hit.node_id).document_id, 0.0))
        probability = factor * hit.probability / (1 - hit.probability + factor * hit.probability)
        hits.append(replace(hit, score=probability, probability=probability))
    return Ranking.of(hits)
