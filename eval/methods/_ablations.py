"""The steps of hiercomp with a part taken away, each made of the product's own steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast

from hiercomp import registry
from hiercomp.counts import CountMany
from hiercomp.evidence import Lexicon, sentence_probabilities
from hiercomp.ladder import LEAST_PROBABILITY, ladders_of, offer, offered, once
from hiercomp.ports import Encoder, Index, Retriever
from hiercomp.tables import with_heads
from hiercomp.types import PASSAGE, Hierarchy, Ladder, Node, Ranking

Ladders = dict[str, Ladder]
Chances = Mapping[str, Sequence[float]]
"""For each passage, what its sentences are thought to be worth."""


class Offer(Protocol):
    """The signature of `hiercomp.ladder.offer`."""

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


def cascade_without(*names: str, width: int | None = None) -> Callable[[Encoder], Retriever]:
    """The cascade without what some of its retrievers say; `width` passages are encoded, its own number if None."""
    component = "cascade" if width is None else f"cascade/{width}"
    return lambda encoder: _Without(
        cast("Retriever", registry.build("retrievers", component, encoder=encoder)), frozenset(names)
    )


@dataclass(frozen=True, slots=True)
class _Without:
    retriever: Retriever
    names: frozenset[str]

    def index(self, nodes: Sequence[Node]) -> Index:
        return _WithoutIndex(self.retriever.index(nodes), self.names)


@dataclass(frozen=True, slots=True)
class _WithoutIndex:
    index: Index
    names: frozenset[str]

    def search(self, question: str, k: int) -> Ranking:
        hits = [
            replace(
                hit,
                sources=tuple(source for source in hit.sources if source.retriever not in self.names),
                sentences=() if "tokens" in self.names else hit.sentences,
            )
            for hit in self.index.search(question, k).hits
        ]
        return Ranking(tuple(hit for hit in hits if hit.sources))


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
