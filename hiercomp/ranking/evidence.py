"""Estimate the probability that a sentence or table row is evidence for a question.

The estimate is a small calibrated logistic model over cheap features. `eval/fit_evidence.py` fits its weights,
`evidence.json`, on documents that no published figure comes from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from hiercomp.ranking.row_labels import RowLabels
from hiercomp.text.analysis import Analysis, analysis_for
from hiercomp.text.chunking import weighted_bytes
from hiercomp.text.rows import is_row, label
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
    """The sentences of a hierarchy with their terms. Sentences are numbered in document order."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self.analysis: Analysis = analysis_for(node.text for node in hierarchy.level(PASSAGE))
        self._slices: dict[str, slice] = {}
        postings: dict[str, list[int]] = {}
        labels: dict[int, frozenset[str]] = {}
        sizes: list[int] = []
        follows: list[bool] = []
        previous: Node | None = None
        for node in hierarchy.level(PASSAGE):
            text = hierarchy.document(node.document_id).text
            self._slices[node.id] = slice(len(sizes), len(sizes) + len(node.sentences))
            for index, span in enumerate(node.sentences):
                sentence = span.of(text)
                for term in set(self.analysis(sentence)):
                    postings.setdefault(term, []).append(len(sizes))
                if is_row(sentence):
                    labels[len(sizes)] = frozenset(self.analysis(label(sentence)))
                follows.append(index > 0 or (previous is not None and _adjoin(previous, node)))
                sizes.append(weighted_bytes(sentence))
            previous = node if node.sentences else None
        with_sentences = {node_id: rows.start for node_id, rows in self._slices.items() if rows.stop > rows.start}
        self._ids, self._starts = list(with_sentences), np.array(list(with_sentences.values()), dtype=np.intp)
        self._postings = {term: np.array(rows, dtype=np.intp) for term, rows in postings.items()}
        self.lengths = np.log1p(np.array(sizes, dtype=np.float64))
        """(n,) float64, the logarithm of each sentence's length."""
        self.follows = np.array(follows, dtype=bool)
        """(n,) bool, whether the sentence before it directly precedes each sentence."""
        self.labels = RowLabels(labels, self.idf)
        self.coverage = lru_cache(maxsize=64)(self._cover)  # a question is compared once for each budget

    def sentences(self, node_id: str) -> slice:
        """Return the numbers of a passage's sentences."""
        return self._slices[node_id]

    def places(self, numbers: NDArray[np.intp]) -> list[tuple[str, int]]:
        """Return the passage of each of some sentences, by their numbers, and the sentence's number in it."""
        at = np.searchsorted(self._starts, numbers, side="right") - 1
        indexes = numbers - self._starts[at]
        return [(self._ids[passage], index) for passage, index in zip(at.tolist(), indexes.tolist(), strict=True)]

    def with_all(self, terms: Sequence[str]) -> NDArray[np.intp]:
        """Return the numbers of the sentences that contain all of some terms, in document order."""
        found = [self._postings.get(term, np.zeros(0, np.intp)) for term in terms]
        return reduce(np.intersect1d, found) if found else np.zeros(0, np.intp)

    def share(self, word: str) -> float:
        """Return the share (0 to 1) of the sentences that contain a word in any of its forms."""
        counts = (len(self._postings.get(term, ())) for term in self.analysis(word))
        return max(counts, default=0) / max(1, len(self.lengths))

    def idf(self, term: str) -> float:
        """Return ln(1 + (N - n + 0.5) / (n + 0.5)), where n of all N sentences contain the term."""
        count = len(self._postings.get(term, ()))
        return math.log(1 + (len(self.lengths) - count + 0.5) / (count + 0.5))

    def _cover(self, query: str) -> NDArray[np.float64]:
        """Return, for each sentence, the share (0 to 1) of a query's term weight that it contains."""
        weights = {term: self.idf(term) for term in dict.fromkeys(self.analysis(query))}
        covered = np.zeros(len(self.lengths))
        for term, weight in weights.items():
            if term in self._postings:
                covered[self._postings[term]] += weight
        return covered / (sum(weights.values()) or 1.0)


def overview(hierarchy: Hierarchy) -> dict[tuple[str, Span], float]:
    """Return the value of each representative sentence if there is no question; higher nodes give higher values."""
    return {
        (node.document_id, span): REPRESENTS[node.level]
        for node in reversed(hierarchy.nodes)
        if node.level in REPRESENTS
        for span in node.sentences
    }


def sentence_probabilities(ranking: Ranking, query: str, lexicon: Lexicon) -> dict[str, tuple[float, ...]]:
    """Return, for each ranked passage, the probability that each of its sentences is evidence for a query."""
    model = fitted("sentence+tokens" if any(hit.sentences for hit in ranking.hits) else "sentence")
    probabilities = model.probability(sentence_features(ranking, query, lexicon)).tolist()
    found = {}
    position = 0
    for hit in ranking.hits:
        rows = lexicon.sentences(hit.node_id)
        end = position + rows.stop - rows.start
        found[hit.node_id] = tuple(probabilities[position:end])
        position = end
    return found


def sentence_features(ranking: Ranking, query: str, lexicon: Lexicon) -> Features:
    """Compute (n, d) float64: one row for each sentence of the ranked passages, columns as in `SENTENCE_FEATURES`."""
    slices = [lexicon.sentences(hit.node_id) for hit in ranking.hits]
    rows = np.concatenate([np.zeros(0, np.intp), *(np.arange(each.start, each.stop) for each in slices)])
    covered = lexicon.coverage(query)
    best = covered[rows].max(initial=0.0) or 1.0
    relative = np.zeros(len(covered) + 2)  # one place before the first sentence and one after the last
    relative[rows + 1] = covered[rows] / best
    follows = np.append(lexicon.follows, False)
    before, after = relative[rows], relative[rows + 2]
    near = np.maximum(np.where(follows[rows], before, 0.0), np.where(follows[rows + 1], after, 0.0))
    counts = [each.stop - each.start for each in slices]
    chances = np.clip([hit.probability for hit in ranking.hits], 1e-9, 1 - 1e-9)
    logits = np.repeat(np.log(chances / (1 - chances)), counts)
    own = [logits, covered[rows], relative[rows + 1], near, lexicon.lengths[rows]]
    return np.column_stack([*own, _token_columns(ranking, counts)])


def _token_columns(ranking: Ranking, counts: Sequence[int]) -> Features:
    """Compute the features of late interaction for each sentence.

    Args:
        ranking: The ranked passages.
        counts: The number of sentences of each passage.

    Returns:
        (n, 4): whether the encoder read the sentence, its score, its score less the best one, and the logarithm of
        its rank. A sentence that was not read gets the lowest score of those that were, and ranks last.
    """
    found = [
        score for hit, count in zip(ranking.hits, counts, strict=True) for score in (hit.sentences or (None,) * count)
    ]
    read = np.array([score is not None for score in found], dtype=bool)
    scores = np.array([0.0 if score is None else score for score in found], dtype=np.float64)
    scores[~read] = scores[read].min() if read.any() else 0.0
    best = scores.max(initial=-1.0)
    ranks = np.full(len(scores), float(len(scores)))
    ranks[np.argsort(-np.where(read, scores, -np.inf), kind="stable")] = np.arange(1, len(scores) + 1)
    ranks[~read] = len(scores)
    return np.column_stack([read, scores, scores - best, np.log(np.maximum(ranks, 1.0))])


def _adjoin(before: Node, after: Node) -> bool:
    """Whether one passage directly follows the other."""
    return before.document_id == after.document_id and before.span.end == after.span.start
