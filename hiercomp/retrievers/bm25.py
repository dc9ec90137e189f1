"""BM25 over the terms of nodes, scaled to the share of the best score that a question could get: 0 to 1.

The idf is Lucene's, ln(1 + (N - n + 0.5) / (n + 0.5)): never negative, so that one or two nodes rank sensibly. A node
is a hit when it shares a term with the question, whatever its score.
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
from hiercomp.types import Hit, Node, Ranking, Source

K1 = 1.2
B = 0.75


class _PositiveOkapi(BM25Okapi):  # type: ignore[misc]
    """Okapi with an idf that is positive for every term, its counts made by the standard library's fast counter."""

    def _initialize(self, corpus: Sequence[Sequence[str]]) -> Counter[str]:
        self.corpus_size = len(corpus)
        self.doc_freqs = [Counter(terms) for terms in corpus]
        self.doc_len = [len(terms) for terms in corpus]
        self.avgdl = sum(self.doc_len) / self.corpus_size
        return Counter(chain.from_iterable(self.doc_freqs))

    def _calc_idf(self, nd: dict[str, int]) -> None:
        self.idf = {term: _idf(self.corpus_size, count) for term, count in nd.items()}


def _idf(nodes: int, count: int) -> float:
    return math.log(1 + (nodes - count + 0.5) / (count + 0.5))


class Bm25Index:
    """Nodes by their terms."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._ids = [node.id for node in nodes]
        self._terms = analysis_for(node.text for node in nodes)
        corpus = [self._terms(node.text) for node in nodes]
        # The library divides by the mean length, which must not be 0.
        self._scorer = _PositiveOkapi(corpus, k1=K1, b=B) if any(corpus) else None

    def idf(self, term: str) -> float:
        """How rare a term is among the nodes; a term that none holds is rarest."""
        found: float | None = self._scorer.idf.get(term) if self._scorer else None
        return found if found is not None else _idf(len(self._ids), 0)

    def rarity(self, text: str) -> float:
        """The idf of a text's rarest term, 0 where it has none."""
        return max(map(self.idf, self._terms(text)), default=0.0)

    def search(self, question: str, k: int) -> Ranking:
        """At most k nodes that share a term with the question."""
        asked = list(dict.fromkeys(self._terms(question)))
        if not self._scorer or not asked or k <= 0:
            return Ranking(())
        scores = np.asarray(self._scorer.get_scores(asked)) / (sum(map(self.idf, asked)) * (K1 + 1))
        order = sorted(np.flatnonzero(scores > 0), key=lambda row: (-scores[row], self._ids[row]))
        return Ranking(
            tuple(
                Hit(self._ids[row], float(scores[row]), sources=(Source("bm25", rank, float(scores[row])),))
                for rank, row in enumerate(order[:k], start=1)
            )
        )


class Bm25:
    """The retriever."""

    def index(self, nodes: Sequence[Node]) -> Bm25Index:
        """The nodes by their terms."""
        return Bm25Index(nodes)


def build(argument: str | None = None, **_: object) -> Bm25:
    """The retriever; it takes no argument."""
    if argument is not None:
        raise ConfigError(f"the retriever bm25 takes no argument, not {argument!r}")
    return Bm25()
