"""The steps of hiercomp with a part taken away, each made of the product's own steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast

from hiercomp import registry
from hiercomp.allocation.ladder import LEAST_PROBABILITY, ladders_of, offer, offered, once
from hiercomp.allocation.token_counts import CountMany
from hiercomp.ports import Encoder, Index, Retriever, TokenVectors
from hiercomp.ranking.evidence import Lexicon, sentence_probabilities
from hiercomp.text.tables import with_heads
from hiercomp.types import PASSAGE, Hierarchy, Ladder, Node, Ranking

Ladders = dict[str, Ladder]
Chances = Mapping[str, Sequence[float]]
"""For each passage, what its sentences are thought to be worth."""


class Offer(Protocol):
    """The signature of `hiercomp.allocation.ladder.offer`."""

    def __call__(
        self,
        hierarchy: Hierarchy,
        ranking: Ranking,
        question: str,
        *,
        lexicon: Lexicon,
        count: CountMany,
        budget: int,
    ) -> Ladders:
        """The ladders of the passages that a budget could hold, and of the nodes above them."""
        ...


def passages_by(name: str) -> Callable[[Encoder], Retriever]:
    """A retriever that searches passages with their titles, as the cascade does, by one thing alone."""
    return lambda encoder: _Passages(cast("Retriever", registry.build("retrievers", name, encoder=encoder)))


@dataclass(frozen=True, slots=True)
class _Passages:
    retriever: Retriever

    def index(self, nodes: Sequence[Node]) -> Index:
        passages = [replace(node, text=f"{node.title}\n{node.text}") for node in nodes if node.level == PASSAGE]
        return self.retriever.index(passages)


def cascade_of(width: int) -> Callable[[Encoder], Retriever]:
    """The cascade that reads as many passages."""
    return lambda encoder: cast("Retriever", registry.build("retrievers", f"cascade/{width}", encoder=encoder))


def by_one_vector(encoder: Encoder) -> Retriever:
    """The cascade over an encoder that does not tell tokens apart."""
    return cast("Retriever", registry.build("retrievers", "cascade", encoder=_Untold(encoder)))


class _Untold:
    """An encoder without the vectors of tokens."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.dimension, self.passages = encoder.name, encoder.dimension, encoder.passages
        self.encode_query, self.encode_passages = encoder.encode_query, encoder.encode_passages

    def encode_query_tokens(self, text: str) -> TokenVectors:
        """The question's vector alone."""
        return TokenVectors.untold(self.encode_query(text))

    def encode_passage_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Each text's vector alone."""
        return [TokenVectors.untold(vector) for vector in self.encode_passages(texts)]


def _then(change: Callable[[Hierarchy, Ladders], Ladders]) -> Offer:
    """The product's ladders, changed."""

    def changed(
        hierarchy: Hierarchy, ranking: Ranking, question: str, *, lexicon: Lexicon, count: CountMany, budget: int
    ) -> Ladders:
        return change(hierarchy, offer(hierarchy, ranking, question, lexicon=lexicon, count=count, budget=budget))

    return changed


def _judged(judge: Callable[[Hierarchy, Chances], Chances]) -> Offer:
    """The product's steps, with another one in the place of `once`."""

    def judged(
        hierarchy: Hierarchy, ranking: Ranking, question: str, *, lexicon: Lexicon, count: CountMany, budget: int
    ) -> Ladders:
        found = sentence_probabilities(hierarchy, offered(hierarchy, ranking, budget), question, lexicon)
        return ladders_of(hierarchy, with_heads(hierarchy, judge(hierarchy, found)), count)

    return judged


def _without_summaries(hierarchy: Hierarchy, ladders: Ladders) -> Ladders:
    return {
        node_id: ladder if hierarchy.node(node_id).level == PASSAGE else replace(ladder, renderings=())
        for node_id, ladder in ladders.items()
    }


def _without_extracts(hierarchy: Hierarchy, ladders: Ladders) -> Ladders:
    """Of each passage the last rung, which is all of it."""
    return {
        node_id: replace(ladder, renderings=ladder.renderings[-1:])
        if hierarchy.node(node_id).level == PASSAGE
        else ladder
        for node_id, ladder in ladders.items()
    }


def _each_time(hierarchy: Hierarchy, chances: Chances) -> Chances:
    """Repeats as they are; a ladder must rise, so nothing is worth nothing."""
    return {node_id: [max(chance, LEAST_PROBABILITY) for chance in row] for node_id, row in chances.items()}


def _by_rank(hierarchy: Hierarchy, chances: Chances) -> Chances:
    """1 / (1 + rank) for each sentence, ranked over all passages; equal ones by their passage's rank, then in order."""
    places = [(node_id, index) for node_id, row in chances.items() for index in range(len(row))]
    order = sorted(places, key=lambda place: -chances[place[0]][place[1]])
    ranks = {place: rank for rank, place in enumerate(order, start=1)}
    by_rank = {
        node_id: [1 / (1 + ranks[node_id, index]) for index in range(len(row))] for node_id, row in chances.items()
    }
    return once(hierarchy, by_rank)


without_summaries = _then(_without_summaries)
without_extracts = _then(_without_extracts)
with_repeats = _judged(_each_time)
by_rank = _judged(_by_rank)
