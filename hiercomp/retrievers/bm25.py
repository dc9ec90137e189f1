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

    def idf(self, term: str) -> float:
        """Return the idf of a term. A term that no passage contains has the highest idf."""
        found: float | None = self._scorer.idf.get(term) if self._scorer else None
        return found if found is not None else _idf(len(self._ids), 0)

    def rarity(self, text: str) -> float:
        """Return the highest idf of the terms of a text, or 0 if it has none."""
        return max(map(self.idf, self._terms(text)), default=0.0)

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return, for each query, at most k passages that share a term with it."""
        return [self._search(query, k) for query in queries]

    def _search(self, query: str, k: int) -> Ranking:
        terms = list(dict.fromkeys(self._terms(query)))
        if not self._scorer or not terms or k <= 0:
            return Ranking(())
        scores = np.asarray(self._scorer.get_scores(terms)) / (sum(map(self.idf, terms)) * (K1 + 1))
        order = sorted(np.flatnonzero(scores > 0), key=lambda row: (-scores[row], self._ids[row]))
        return Ranking(
            tuple(
                Hit(self._ids[row], float(scores[row]), sources=(RetrieverScore("bm25", rank, float(scores[row])),))
                for rank, row in enumerate(order[:k], start=1)
            )
        )


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
