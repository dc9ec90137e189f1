"""BM25 over the terms of passages. A score is divided by the best score that the question could get: 0 to 1.

The idf is Lucene's, ln(1 + (N - n + 0.5) / (n + 0.5)). It is never negative, so that it ranks one or two passages
sensibly. Every passage that shares a term with the question is a hit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from hiercomp.errors import ConfigError
from hiercomp.text.analysis import analysis_for
from hiercomp.types import Hit, Node, Ranking, RetrieverScore

K1 = 1.2
B = 0.75


class _PositiveOkapi(BM25Okapi):  # type: ignore[misc]
    """Okapi BM25 with an idf that is positive for every term, and with faster counting."""

    def _initialize(self, corpus: Sequence[Sequence[str]]) -> Counter[str]:
        self.corpus_size = len(corpus)
        self.doc_freqs = [Counter(terms) for terms in corpus]
        self.doc_len = [len(terms) for terms in corpus]
        self.avgdl = sum(self.doc_len) / self.corpus_size
        return Counter(chain.from_iterable(self.doc_freqs))

    def _calc_idf(self, nd: dict[str, int]) -> None:
        self.idf = {term: _idf(self.corpus_size, count) for term, count in nd.items()}


def _idf(passages: int, count: int) -> float:
    return math.log(1 + (passages - count + 0.5) / (count + 0.5))


class Bm25Index:
    """Passages indexed by their terms."""

    def __init__(self, passages: Sequence[Node]) -> None:
        self._ids = [passage.id for passage in passages]
        self._terms = analysis_for(passage.search_text for passage in passages)
        corpus = [self._terms(passage.search_text) for passage in passages]
        # rank_bm25 divides by the mean length, which must not be 0.
        self._scorer = _PositiveOkapi(corpus, k1=K1, b=B) if any(corpus) else None
        self._by_id = np.argsort(np.argsort(np.array(self._ids, dtype=str)))

    def idf(self, term: str) -> float:
        """Return the idf of a term. A term that no passage contains has the highest idf."""
        found: float | None = self._scorer.idf.get(term) if self._scorer else None
        return found if found is not None else _idf(len(self._ids), 0)

    def rarity(self, text: str) -> float:
        """Return the highest idf of the terms of a text, or 0 if it has none."""
        return max(map(self.idf, self._terms(text)), default=0.0)

    def scores(self, queries: Sequence[str]) -> NDArray[np.float64]:
        """Return (m, n), for each query the score (0 to 1) of each passage, in the order of the passages."""
        scores = np.zeros((len(queries), len(self._ids)))
        if self._scorer is None:
            return scores
        by_term: dict[str, NDArray[np.float64]] = {}  # the needs of a plan share terms
        for row, query in zip(scores, queries, strict=True):
            terms = list(dict.fromkeys(self._terms(query)))
            for term in terms:
                if term not in by_term:
                    by_term[term] = np.asarray(self._scorer.get_scores([term]))
                row += by_term[term]
            row /= sum(map(self.idf, terms)) * (K1 + 1) or 1.0
        return scores

    def matches(self, scores: NDArray[np.float64]) -> list[tuple[int, float]]:
        """Return the place and the score of each passage with a positive score, best first."""
        places = np.flatnonzero(scores > 0)
        return self.best_first(places, scores[places])

    def best_first(self, places: NDArray[np.intp], scores: NDArray[np.float64]) -> list[tuple[int, float]]:
        """Sort the places of some passages with their scores, best first; equal scores by the passages' ids."""
        order = np.lexsort((self._by_id[places], -scores))
        return list(zip(places[order].tolist(), scores[order].tolist(), strict=True))

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return, for each query, at most k passages that share a term with it."""
        return [
            Ranking(
                tuple(
                    Hit(self._ids[place], score, sources=(RetrieverScore("bm25", rank, score),))
                    for rank, (place, score) in enumerate(self.matches(scores)[: max(0, k)], start=1)
                )
            )
            for scores in self.scores(queries)
        ]


class Bm25:
    """The retriever `bm25`."""

    def index(self, passages: Sequence[Node]) -> Bm25Index:
        """Index passages by the terms of their titles and texts."""
        return Bm25Index(passages)


def build(argument: str | None = None) -> Bm25:
    """Build the retriever. It takes no argument."""
    if argument is not None:
        raise ConfigError(f"the retriever bm25 takes no argument, not {argument!r}")
    return Bm25()
