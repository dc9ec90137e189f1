"""Coarse to fine: BM25 says which passages the encoder reads, and what it reads is scored sentence by sentence.

A passage is read once and kept. The neural work of a question is bounded, whatever the document's length: how many
passages an encoder may be given for one question is its own to say, and the best by their terms come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, islice

import numpy as np

from hiercomp.errors import ConfigError
from hiercomp.ports import Encoder, Vectors
from hiercomp.ranking.late_interaction import Bounds, bounds_of, interaction, token_weights
from hiercomp.retrievers.bm25 import Bm25
from hiercomp.types import PASSAGE, Hit, Node, Ranking, Source, Span

Sources = dict[str, tuple[Source, ...]]
"""What a retriever says, by the node that it says it of."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the encoder made of passages: their vectors, the vectors of all their tokens, and where stretches stand.

    A passage's stretches come one after another: the whole of it, then its sentences.
    """

    ids: tuple[str, ...]
    vectors: Vectors
    rows: Vectors
    bounds: Bounds


class CascadeIndex:
    """Passages by their terms, and by their vectors when asked for."""

    def __init__(self, encoder: Encoder, nodes: Sequence[Node], width: int | None) -> None:
        self._encoder = encoder
        self._width = width
        self._passages = {
            node.id: replace(node, text=f"{node.title}\n{node.text}") for node in nodes if node.level == PASSAGE
        }
        self._terms = Bm25().index(list(self._passages.values()))
        self._last: _Reading | None = None

    def search(self, question: str, k: int) -> Ranking:
        """At most k passages, each with what BM25 and the encoder say of it."""
        if k <= 0 or not question.strip():
            return Ranking(())
        lexical = {hit.node_id: hit.sources for hit in self._terms.search(question, len(self._passages)).hits}
        fine, sentences = self._read(question, self._live(lexical))
        hits = []
        for node_id in lexical | fine:
            sources = lexical.get(node_id, ()) + fine.get(node_id, ())
            score = sum(source.score for source in sources)
            hits.append(Hit(node_id, score, sources=sources, sentences=sentences.get(node_id, ())))
        return Ranking(Ranking.of(hits).hits[:k])

    def _live(self, lexical: Iterable[str]) -> tuple[str, ...]:
        """The passages to read, best by their terms first, then in the order of the documents, up to the width."""
        width = self._encoder.passages if self._width is None else self._width
        order = dict.fromkeys((*lexical, *self._passages))
        # In the documents' order whenever all are read, so that the next question finds them as they are.
        chosen = frozenset(islice(order, width))
        return tuple(node_id for node_id in self._passages if node_id in chosen)

    def _read(self, question: str, live: tuple[str, ...]) -> tuple[Sources, dict[str, tuple[float, ...]]]:
        """How close passages are, token by token, else by their one vector; and how close their sentences are."""
        reading = self._last
        if reading is None or reading.ids != live:
            reading = self._last = self._reading(live)
        asked = self._encoder.encode_query_tokens(question)
        if not (len(asked.rows) and len(reading.rows)):
            return _ranked("dense", dict(zip(live, (reading.vectors @ asked.vector).tolist(), strict=True))), {}
        weights = token_weights(question, asked, self._terms.rarity)
        scores = interaction(asked, weights, reading.rows, reading.bounds).tolist()
        is_read = (reading.bounds[:, 0] < reading.bounds[:, 1]).tolist()
        wholes, sentences = {}, {}
        position = 0
        for passage_id in live:
            end = position + 1 + len(self._passages[passage_id].sentences)
            if is_read[position]:
                wholes[passage_id], sentences[passage_id] = scores[position], tuple(scores[position + 1 : end])
            position = end
        return _ranked("tokens", wholes), sentences

    def _reading(self, live: tuple[str, ...]) -> _Reading:
        """The passages as the encoder reads them."""
        passages = [self._passages[passage_id] for passage_id in live]
        read = self._encoder.encode_passage_tokens([passage.text for passage in passages])
        starts = accumulate((len(tokens.rows) for tokens in read), initial=0)
        bounds = [
            bounds_of(tokens, [Span(0, len(passage.text)), *_places(passage)]) + start
            for passage, tokens, start in zip(passages, read, starts, strict=False)
        ]
        dimension = self._encoder.dimension
        return _Reading(
            live,
            np.array([tokens.vector for tokens in read], dtype=np.float32).reshape(len(read), dimension),
            np.concatenate([np.zeros((0, dimension), np.float32), *(tokens.rows for tokens in read)]),
            np.concatenate([np.zeros((0, 2), np.intp), *bounds]),
        )


def _ranked(retriever: str, scores: Mapping[str, float]) -> Sources:
    """The scores that a retriever gave to nodes, with their ranks; equal ones are ordered by id."""
    order = sorted(scores, key=lambda node_id: (-scores[node_id], node_id))
    return {node_id: (Source(retriever, rank, scores[node_id]),) for rank, node_id in enumerate(order, start=1)}


def _places(passage: Node) -> Iterator[Span]:
    """Where the sentences of a passage stand in its text, which its title opens."""
    shift = len(passage.title) + 1 - passage.span.start
    for sentence in passage.sentences:
        yield Span(sentence.start + shift, sentence.end + shift)


class Cascade:
    """The retriever."""

    def __init__(self, encoder: Encoder, width: int | None) -> None:
        self._encoder = encoder
        self._width = width

    def index(self, nodes: Sequence[Node]) -> CascadeIndex:
        """Passages, ready to be searched."""
        return CascadeIndex(self._encoder, nodes, self._width)


def build(argument: str | None = None, *, encoder: Encoder, **_: object) -> Cascade:
    """The retriever over an encoder; the argument is how many passages a question may have read."""
    if argument is not None and not argument.isdigit():
        raise ConfigError(f"the retriever cascade takes a number of passages, such as cascade/64, not {argument!r}")
    return Cascade(encoder, int(argument) if argument else None)
