"""Coarse to fine: BM25 chooses the passages to encode, and late interaction scores the encoded passages.

The encoder reads a passage once; its vectors are stored. The neural work of a question is bounded whatever the length
of the document: each encoder declares the most passages to encode for one question, and the best by BM25 come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from hiercomp.errors import ConfigError
from hiercomp.ports import Encoder, Vectors
from hiercomp.ranking.late_interaction import Bounds, bounds_of, interaction, token_weights
from hiercomp.retrievers.bm25 import Bm25
from hiercomp.types import Hit, Node, Ranking, RetrieverScore, Span

Scores = dict[str, tuple[RetrieverScore, ...]]
"""A retriever's score of each passage, by the passage's id."""
SentenceScores = tuple[float | None, ...]
"""The score of each sentence of a passage, None for a sentence that the encoder did not read."""


@dataclass(frozen=True, slots=True)
class _Encoded:
    """Encoded passages.

    `vectors` has one row for each passage, and `rows` the vectors of all their tokens. `bounds` locates stretches of
    text in `rows`: for each passage the whole of it, then its sentences.
    """

    ids: tuple[str, ...]
    vectors: Vectors
    rows: Vectors
    bounds: Bounds


class CascadeIndex:
    """Passages indexed by their terms; the encoder reads them when a question needs them."""

    def __init__(self, encoder: Encoder, passages: Sequence[Node], max_passages: int | None) -> None:
        self._encoder = encoder
        self._max_passages = max_passages
        self._passages = {passage.id: passage for passage in passages}
        self._bm25 = Bm25().index(passages)
        self._last: _Encoded | None = None

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """Return, for each query, at most k passages with their scores by BM25 and by the encoder."""
        asked = [query for query in queries if query.strip()] if k > 0 else []
        found = iter(self._search(asked, k) if asked else ())
        return [next(found, Ranking(())) if query.strip() else Ranking(()) for query in queries]

    def _search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        found = self._bm25.search(queries, len(self._passages))
        lexical = [{hit.node_id: hit.sources for hit in ranking.hits} for ranking in found]
        neural = self._score(queries, self._encoded(self._choose(lexical)))
        return [_joined(scores, *scored, k) for scores, scored in zip(lexical, neural, strict=True)]

    def _choose(self, lexical: Sequence[Iterable[str]]) -> tuple[str, ...]:
        """Choose the passages to encode, up to the maximum.

        The best passages by BM25 come first: the best of each query, then the second of each, and so on. The first
        passages in document order follow.
        """
        limit = self._encoder.max_passages if self._max_passages is None else self._max_passages
        in_turn = (node_id for turn in zip_longest(*lexical) for node_id in turn if node_id is not None)
        chosen = frozenset(islice(dict.fromkeys(chain(in_turn, self._passages)), limit))
        # In document order, so that the next question reuses the arrays if all passages are encoded.
        return tuple(node_id for node_id in self._passages if node_id in chosen)

    def _encoded(self, chosen: tuple[str, ...]) -> _Encoded:
        """Return the encoded passages. Those of the last question are kept."""
        encoded = self._last
        if encoded is None or encoded.ids != chosen:
            encoded = self._last = self._encode(chosen)
        return encoded

    def _score(self, queries: Sequence[str], encoded: _Encoded) -> list[tuple[Scores, dict[str, SentenceScores]]]:
        """Score passages and their sentences for each query.

        They are compared token by token, or passages by one vector if there are no tokens.
        """
        vectors = [self._encoder.encode_query(query) for query in queries]
        by_token = [index for index, query in enumerate(vectors) if len(query.rows) and len(encoded.rows)]
        compared = [vectors[index] for index in by_token]
        weights = [token_weights(queries[index], vectors[index], self._bm25.rarity) for index in by_token]
        scores, is_read = interaction(compared, weights, encoded.rows, encoded.bounds)
        found = dict(zip(by_token, scores, strict=True))
        return [
            self._by_token(encoded.ids, found[index], is_read)
            if index in found
            else (_ranked("dense", dict(zip(encoded.ids, (encoded.vectors @ query.vector).tolist(), strict=True))), {})
            for index, query in enumerate(vectors)
        ]

    def _by_token(
        self, ids: Sequence[str], scores: NDArray[np.float32], is_read: NDArray[np.bool_]
    ) -> tuple[Scores, dict[str, SentenceScores]]:
        """Return the scores of the passages that the encoder read, and those of their sentences."""
        read_scores = [score if read else None for score, read in zip(scores.tolist(), is_read.tolist(), strict=True)]
        passages: dict[str, float] = {}
        sentences: dict[str, SentenceScores] = {}
        position = 0
        for node_id in ids:
            end = position + 1 + len(self._passages[node_id].sentences)
            whole = read_scores[position]
            if whole is not None:
                passages[node_id], sentences[node_id] = whole, tuple(read_scores[position + 1 : end])
            position = end
        return _ranked("tokens", passages), sentences

    def _encode(self, chosen: tuple[str, ...]) -> _Encoded:
        passages = [self._passages[node_id] for node_id in chosen]
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


def _joined(lexical: Scores, neural: Scores, sentences: Mapping[str, SentenceScores], k: int) -> Ranking:
    """Return the k passages with the best sums of scores."""
    hits = []
    for node_id in lexical | neural:
        sources = lexical.get(node_id, ()) + neural.get(node_id, ())
        score = sum(source.score for source in sources)
        hits.append(Hit(node_id, score, sources=sources, sentences=sentences.get(node_id, ())))
    return Ranking(Ranking.of(hits).hits[:k])


def _ranked(retriever: str, scores: Mapping[str, float]) -> Scores:
    """Add ranks to the scores of a retriever. Passages with equal scores are ordered by id."""
    order = sorted(scores, key=lambda node_id: (-scores[node_id], node_id))
    return {node_id: (RetrieverScore(retriever, rank, scores[node_id]),) for rank, node_id in enumerate(order, start=1)}


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
