"""Coarse to fine: BM25 chooses the passages to encode, and late interaction scores the encoded passages.

The encoder reads a passage once; its vectors are stored. The neural work of a question is bounded whatever the length
of the document: each encoder declares the most passages to encode for one question, and the best by BM25 come first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from hiercomp.errors import ConfigError
from hiercomp.ports import Encoder, Vectors
from hiercomp.ranking.late_interaction import Bounds, bounds_of, interaction, token_weights
from hiercomp.retrievers.bm25 import Bm25
from hiercomp.types import Hit, Node, Ranking, RetrieverScore, Span

SentenceScores = tuple[float | None, ...]
"""The score of each sentence of a passage, None for a sentence that the encoder did not read."""


@dataclass(frozen=True, slots=True)
class _Encoded:
    """Encoded passages.

    `places` are their places among all passages. `vectors` has one row for each of them, and `rows` the vectors of all
    their tokens. `bounds` locates stretches of text in `rows`: for each passage the whole of it, then its sentences.
    """

    places: tuple[int, ...]
    vectors: Vectors
    rows: Vectors
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class _Compared:
    """The passages that the encoder compared with a query, by their places among all passages.

    `scores` has one score for each place. `sentences` is empty if passages are compared by one vector each.
    """

    retriever: str
    places: NDArray[np.intp]
    scores: NDArray[np.float64]
    sentences: Mapping[int, SentenceScores]


class CascadeIndex:
    """Passages indexed by their terms; the encoder reads them when a question needs them."""

    def __init__(self, encoder: Encoder, passages: Sequence[Node], max_passages: int | None) -> None:
        self._encoder = encoder
        self._max_passages = max_passages
        self._passages = tuple(passages)
        self._bm25 = Bm25().index(passages)
        self._last: _Encoded | None = None

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return, for each query, at most k passages with their scores by BM25 and by the encoder."""
        asked = [query for query in queries if query.strip()] if k > 0 else []
        found = iter(self._search(asked, k) if asked else ())
        return [next(found, Ranking(())) if query.strip() else Ranking(()) for query in queries]

    def _search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        lexical = self._bm25.scores(queries)
        matches = [[place for place, _ in self._bm25.matches(scores)] for scores in lexical]
        encoded = self._encoded(self._choose(matches))
        neural = self._compare(queries, encoded)
        return [self._joined(scores, compared, k) for scores, compared in zip(lexical, neural, strict=True)]

    def _choose(self, lexical: Sequence[Sequence[int]]) -> tuple[int, ...]:
        """Choose the passages to encode, up to the maximum.

        The best passages by BM25 come first: the best of each query, then the second of each, and so on. The first
        passages in document order follow.
        """
        limit = self._encoder.max_passages if self._max_passages is None else self._max_passages
        in_turn = (place for turn in zip_longest(*lexical) for place in turn if place is not None)
        chosen = islice(dict.fromkeys(chain(in_turn, range(len(self._passages)))), limit)
        # In document order, so that the next question reuses the arrays if all passages are encoded.
        return tuple(sorted(chosen))

    def _encoded(self, chosen: tuple[int, ...]) -> _Encoded:
        """Return the encoded passages. Those of the last question are kept."""
        encoded = self._last
        if encoded is None or encoded.places != chosen:
            encoded = self._last = self._encode(chosen)
        return encoded

    def _compare(self, queries: Sequence[str], encoded: _Encoded) -> list[_Compared]:
        """Compare passages with each query token by token, or by one vector if there are no tokens."""
        vectors = [self._encoder.encode_query(query) for query in queries]
        by_token = [index for index, query in enumerate(vectors) if len(query.rows) and len(encoded.rows)]
        compared = [vectors[index] for index in by_token]
        weights = [token_weights(queries[index], vectors[index], self._bm25.rarity) for index in by_token]
        scores, is_read = interaction(compared, weights, encoded.rows, encoded.bounds)
        found = dict(zip(by_token, scores, strict=True))
        places = np.array(encoded.places, dtype=np.intp)
        return [
            self._by_token(places, found[index].astype(np.float64), is_read)
            if index in found
            else _Compared("dense", places, (encoded.vectors @ query.vector).astype(np.float64), {})
            for index, query in enumerate(vectors)
        ]

    def _by_token(self, places: NDArray[np.intp], scores: NDArray[np.float64], is_read: NDArray[np.bool_]) -> _Compared:
        """Return the scores of the passages that the encoder read, and those of their sentences.

        `scores` and `is_read` have one value for each stretch of `_Encoded.bounds`.
        """
        values = [score if read else None for score, read in zip(scores.tolist(), is_read.tolist(), strict=True)]
        sizes = [1 + len(self._passages[place].sentences) for place in places.tolist()]
        ends = np.cumsum(sizes, dtype=np.intp)
        firsts = ends - sizes
        read = is_read[firsts]
        stretches = zip(places[read].tolist(), firsts[read].tolist(), ends[read].tolist(), strict=True)
        sentences = {place: tuple(values[first + 1 : end]) for place, first, end in stretches}
        return _Compared("tokens", places[read], scores[firsts[read]], sentences)

    def _joined(self, lexical: NDArray[np.float64], compared: _Compared, k: int) -> Ranking:
        """Return the k passages with the best sums of scores."""
        by_retriever = {
            "bm25": self._bm25.matches(lexical),
            compared.retriever: self._bm25.best_first(compared.places, compared.scores),
        }
        sources: dict[int, tuple[RetrieverScore, ...]] = {}
        for retriever, ranked in by_retriever.items():
            for rank, (place, score) in enumerate(ranked, start=1):
                sources[place] = (*sources.get(place, ()), RetrieverScore(retriever, rank, score))
        total = lexical.copy()
        total[compared.places] += compared.scores
        found = np.array(list(sources), dtype=np.intp)
        hits = [
            Hit(self._passages[place].id, score, 0.0, sources[place], compared.sentences.get(place, ()))
            for place, score in self._bm25.best_first(found, total[found])[:k]
        ]
        return Ranking(tuple(hits))

    def _encode(self, chosen: tuple[int, ...]) -> _Encoded:
        passages = [self._passages[place] for place in chosen]
        encoded = self._encoder.encode_passages([passage.search_text for passage in passages])
        starts = accumulate((len(tokens.rows) for tokens in encoded), initial=0)
        bounds = [
            bounds_of(tokens, _stretches(passage)) + start
            for passage, tokens, start in zip(passages, encoded, starts, strict=False)
        ]
        dimension = self._encoder.dimension
        return _Encoded(
            chosen,
            np.array([tokens.vector for tokens in encoded], dtype=np.float32).reshape(len(encoded), dimension),
            np.concatenate([np.zeros((0, dimension), np.float32), *(tokens.rows for tokens in encoded)]),
            np.concatenate([np.zeros((0, 2), np.intp), *bounds]),
        )


def _stretches(passage: Node) -> list[Span]:
    """Return the spans of a passage's search text and of its sentences in that text."""
    length = len(passage.search_text)
    shift = length - len(passage.text) - passage.span.start
    return [Span(0, length), *(Span(span.start + shift, span.end + shift) for span in passage.sentences)]


class Cascade:
    """The retriever `cascade`."""

    def __init__(self, encoder: Encoder, max_passages: int | None) -> None:
        self._encoder = encoder
        self._max_passages = max_passages

    def index(self, passages: Sequence[Node]) -> CascadeIndex:
        """Index passages by their terms."""
        return CascadeIndex(self._encoder, passages, self._max_passages)


def build(argument: str | None = None, *, encoder: Encoder) -> Cascade:
    """Build the retriever over an encoder. The argument is the most passages to encode for one question.

    Raises:
        ConfigError: the argument is not a whole number.
    """
    if argument is not None and not argument.isdigit():
        raise ConfigError(f"the retriever cascade takes a number of passages, such as cascade/64, not {argument!r}")
    return Cascade(encoder, None if argument is None else int(argument))
