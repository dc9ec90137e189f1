"""The probability that a sentence or row is evidence for a question: a small calibrated model over cheap features.

The weights are `evidence.json`, fitted by `eval/fit_evidence.py` on documents that no reported figure comes from.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from hiercomp.text.analysis import analysis_for
from hiercomp.text.chunking import size
from hiercomp.types import DOCUMENT, PASSAGE, SECTION, Hierarchy, Node, Ranking, Span

Features = NDArray[np.float64]
"""(n, d) float64, a row a thing to be judged."""
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
"""A convention, not a fit: a sentence that represents a document is worth two that represent a section."""
UNREMARKABLE = 0.01
"""A sentence that represents nothing: it fills what is left."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """P = 1 / (1 + exp(-(bias + features · weights)))."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, features: Features) -> NDArray[np.float64]:
        """(n,) probabilities."""
        logits = self.bias + features @ np.asarray(self.weights)
        probabilities: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))
        return probabilities


@cache
def fitted(name: str) -> Logistic:
    """A model of `evidence.json`, such as `sentence` or `passage/bm25+dense+section`."""
    model = json.loads(files("hiercomp.ranking").joinpath("evidence.json").read_text(encoding="utf-8"))["models"][name]
    return Logistic(model["bias"], tuple(model["weights"]))


class Lexicon:
    """Which terms the sentences of a hierarchy hold, and how rare each term is among them."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self._analysis = analysis_for(node.text for node in hierarchy.level(PASSAGE))
        self._terms = {
            (node.document_id, span): frozenset(self._analysis(span.of(hierarchy.document(node.document_id).text)))
            for node in hierarchy.level(PASSAGE)
            for span in node.sentences
        }
        self._frequency = Counter(chain.from_iterable(self._terms.values()))
        self._weights = lru_cache(maxsize=16)(self._weigh)  # of a question, which is asked of passage after passage

    def idf(self, term: str) -> float:
        """ln(1 + (N - n + 0.5) / (n + 0.5)) over the N sentences of which n hold the term."""
        count = self._frequency[term]
        return math.log(1 + (len(self._terms) - count + 0.5) / (count + 0.5))

    def coverage(self, question: str, node: Node) -> list[float]:
        """For each sentence of a passage, the share of the question's weight in terms that it holds: 0 to 1."""
        weights = self._weights(question)
        total = sum(weight for _, weight in weights) or 1.0
        held = (self._terms[node.document_id, span] for span in node.sentences)
        return [sum([weight for term, weight in weights if term in terms]) / total for terms in held]

    def _weigh(self, question: str) -> tuple[tuple[str, float], ...]:
        """The different terms of a question with their idf."""
        return tuple((term, self.idf(term)) for term in dict.fromkeys(self._analysis(question)))


def overview(hierarchy: Hierarchy) -> dict[tuple[str, Span], float]:
    """What the sentences that represent a node are worth where nothing is asked: more, the higher the node."""
    return {
        (node.document_id, span): REPRESENTS[node.level]
        for node in reversed(hierarchy.nodes)
        if node.level in REPRESENTS
        for span in node.sentences
    }


def sentence_probabilities(
    hierarchy: Hierarchy, ranking: Ranking, question: str, lexicon: Lexicon
) -> dict[str, tuple[float, ...]]:
    """For each ranked passage, the probability that each sentence is evidence; an overview without a question."""
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
    """(n, d) float64: a row a sentence of each ranked passage in turn, columns as in `SENTENCE_FEATURES`."""
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
            length = math.log1p(size(span.of(document.text)))
            rows.append([logit, share, share / best, max(before, after), length])
    own = np.array(rows, dtype=np.float64).reshape(-1, 5)
    return np.column_stack([own, _token_columns(hierarchy, ranking)])


def _token_columns(hierarchy: Hierarchy, ranking: Ranking) -> Features:
    """(n, 4): whether tokens of a sentence were read, its score by them, that less the best, its rank's logarithm.

    A sentence of which no token was read ranks last and has the lowest score of those that were.
    """
    scores = np.array(
        [
            score
            for hit in ranking.hits
            for score in (hit.sentences or (0.0,) * len(hierarchy.node(hit.node_id).sentences))
        ]
    )
    read = scores != 0.0
    scores[~read] = scores[read].min() if read.any() else 0.0
    best = scores.max(initial=-1.0)
    ranks = np.full(len(scores), float(len(scores)))
    ranks[np.argsort(-np.where(read, scores, -np.inf), kind="stable")] = np.arange(1, len(scores) + 1)
    ranks[~read] = len(scores)
    return np.column_stack([read, scores, scores - best, np.log(np.maximum(ranks, 1.0))])


def _neighbours(hierarchy: Hierarchy, covered: dict[str, list[float]], best: float) -> dict[str, list[float]]:
    """Each passage's relative coverages with the one before its first and the one after its last sentence."""
    padded: dict[str, list[float]] = {}
    order: Sequence[Node] = [node for node in hierarchy.level(0) if node.id in covered]
    for index, node in enumerate(order):
        previous = covered[order[index - 1].id] if index and _adjoin(order[index - 1], node) else []
        following = covered[order[index + 1].id] if index + 1 < len(order) and _adjoin(node, order[index + 1]) else []
        shares = [*(previous[-1:] or [0.0]), *covered[node.id], *(following[:1] or [0.0])]
        padded[node.id] = [share / best for share in shares]
    return padded


def _adjoin(before: Node, after: Node) -> bool:
    return before.document_id == after.document_id and before.span.end == after.span.start
