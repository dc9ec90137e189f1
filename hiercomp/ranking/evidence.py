"""Estimate the probability that a sentence or table row is evidence for a question.

The estimate is a small calibrated logistic model over cheap features. `eval/fit_evidence.py` fits its weights,
`evidence.json`, on documents that no published figure comes from.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from hiercomp.text.analysis import analysis_for
from hiercomp.text.chunking import weighted_bytes
from hiercomp.types import DOCUMENT, PASSAGE, SECTION, Hierarchy, Node, Ranking, Span

Features = NDArray[np.float64]
"""(n, d) float64, one row for each passage or sentence."""
SENTENCE_FEATURES = (
    "passage",
    "coverage",
    "relative",
    "near",
    "bytes",
    "tokens_read",
    "tokens",
    "tokens_relative",
    "tokens_rank",
)
REPRESENTS = {SECTION: 0.25, DOCUMENT: 0.5}
"""The value of a representative sentence if there is no question: a convention, not a fit."""
UNREMARKABLE = 0.01
"""The value of any other sentence if there is no question: it fills the rest of the budget."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """P = 1 / (1 + exp(-(bias + features · weights)))."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, features: Features) -> NDArray[np.float64]:
        """Return (n,) probabilities."""
        logits = self.bias + features @ np.asarray(self.weights)
        probabilities: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))
        return probabilities


@cache
def fitted(name: str) -> Logistic:
    """Load a model of `evidence.json` by its name, such as `sentence` or `passage/bm25+dense`."""
    model = json.loads(files("hiercomp.ranking").joinpath("evidence.json").read_text(encoding="utf-8"))["models"][name]
    return Logistic(model["bias"], tuple(model["weights"]))


class Lexicon:
    """The terms of each sentence of a hierarchy, and the rarity of each term."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self._analysis = analysis_for(node.text for node in hierarchy.level(PASSAGE))
        self._terms = {
            (node.document_id, span): frozenset(self._analysis(span.of(hierarchy.document(node.document_id).text)))
            for node in hierarchy.level(PASSAGE)
            for span in node.sentences
        }
        self._frequency = Counter(chain.from_iterable(self._terms.values()))
        self._weights = lru_cache(maxsize=16)(self._weigh)  # the same question is compared with many passages

    def idf(self, term: str) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)), where n of all N sentences contain the term."""
        count = self._frequency[term]
        return math.log(1 + (len(self._terms) - count + 0.5) / (count + 0.5))

    def coverage(self, question: str, node: Node) -> list[float]:
        """Return, for each sentence of a passage, the share (0 to 1) of the question's term weight that it contains."""
        weights = self._weights(question)
        total = sum(weight for _, weight in weights) or 1.0
        held = (self._terms[node.document_id, span] for span in node.sentences)
        return [sum([weight for term, weight in weights if term in terms]) / total for terms in held]

    def _weigh(self, question: str) -> tuple[tuple[str, float], ...]:
        """Return the distinct terms of a question with their idf."""
        return tuple((term, self.idf(term)) for term in dict.fromkeys(self._analysis(question)))


def overview(hierarchy: Hierarchy) -> dict[tuple[str, Span], float]:
    """Return the value of each representative sentence if there is no question; higher nodes give higher values."""
    return {
        (node.document_id, span): REPRESENTS[node.level]
        for node in reversed(hierarchy.nodes)
        if node.level in REPRESENTS
        for span in node.sentences
    }


def sentence_probabilities(
    hierarchy: Hierarchy, ranking: Ranking, question: str, lexicon: Lexicon
) -> dict[str, tuple[float, ...]]:
    """Return, for each ranked passage, the probability that each of its sentences is evidence.

    Without a question the probabilities are the values of `overview`.
    """
    nodes = [hierarchy.node(hit.node_id) for hit in ranking.hits]
    if not question.strip():
        values = overview(hierarchy)
        return {
            node.id: tuple(values.get((node.document_id, span), UNREMARKABLE) for span in node.sentences)
            for node in nodes
        }
    features = sentence_features(hierarchy, ranking, question, lexicon)
    model = fitted("sentence+tokens" if any(hit.sentences for hit in ranking.hits) else "sentence")
    probabilities = model.probability(features).tolist()
    found = {}
    position = 0
    for node in nodes:
        found[node.id] = tuple(probabilities[position : position + len(node.sentences)])
        position += len(node.sentences)
    return found


def sentence_features(hierarchy: Hierarchy, ranking: Ranking, question: str, lexicon: Lexicon) -> Features:
    """Compute (n, d) float64: one row for each sentence of the ranked passages, columns as in `SENTENCE_FEATURES`."""
    covered = {hit.node_id: lexicon.coverage(question, hierarchy.node(hit.node_id)) for hit in ranking.hits}
    best = max((share for shares in covered.values() for share in shares), default=0.0) or 1.0
    neighbours = _neighbours(hierarchy, covered, best)
    rows: list[list[float]] = []
    for hit in ranking.hits:
        node = hierarchy.node(hit.node_id)
        chance = min(max(hit.probability, 1e-9), 1 - 1e-9)
        logit = math.log(chance / (1 - chance))
        document = hierarchy.document(node.document_id)
        shares = covered[hit.node_id]
        for index, (span, share) in enumerate(zip(node.sentences, shares, strict=True)):
            before, after = neighbours[node.id][index], neighbours[node.id][index + 2]
            length = math.log1p(weighted_bytes(span.of(document.text)))
            rows.append([logit, share, share / best, max(before, after), length])
    own = np.array(rows, dtype=np.float64).reshape(-1, 5)
    return np.column_stack([own, _token_columns(hierarchy, ranking)])


def _token_columns(hierarchy: Hierarchy, ranking: Ranking) -> Features:
    """Compute the features of late interaction for each sentence.

    Returns:
        (n, 4): whether the encoder read the sentence, its score, its score less the best one, and the logarithm of
        its rank. A sentence that was not read gets the lowest score of those that were, and ranks last.
    """
    found = [
        score
        for hit in ranking.hits
        for score in (hit.sentences or (None,) * len(hierarchy.node(hit.node_id).sentences))
    ]
    read = np.array([score is not None for score in found], dtype=bool)
    scores = np.array([0.0 if score is None else score for score in found], dtype=np.float64)
    scores[~read] = scores[read].min() if read.any() else 0.0
    best = scores.max(initial=-1.0)
    ranks = np.full(len(scores), float(len(scores)))
    ranks[np.argsort(-np.where(read, scores, -np.inf), kind="stable")] = np.arange(1, len(scores) + 1)
    ranks[~read] = len(scores)
    return np.column_stack([read, scores, scores - best, np.log(np.maximum(ranks, 1.0))])


def _neighbours(hierarchy: Hierarchy, covered: dict[str, list[float]], best: float) -> dict[str, list[float]]:
    """Return each passage's relative coverages, with one more sentence before and one after the passage."""
    padded: dict[str, list[float]] = {}
    order = [node for node in hierarchy.level(PASSAGE) if node.id in covered]
    for index, node in enumerate(order):
        previous = covered[order[index - 1].id] if index and _adjoin(order[index - 1], node) else []
        following = covered[order[index + 1].id] if index + 1 < len(order) and _adjoin(node, order[index + 1]) else []
        shares = [*(previous[-1:] or [0.0]), *covered[node.id], *(following[:1] or [0.0])]
        padded[node.id] = [share / best for share in shares]
    return padded


def _adjoin(before: Node, after: Node) -> bool:
    """Whether one passage directly follows the other."""
    return before.document_id == after.document_id and before.span.end == after.span.start
