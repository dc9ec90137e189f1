"""Variants of hiercomp's steps. Each one changes or removes one part and keeps the product's other parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from eval.encoding import WholeTextEncoder
from hiercomp import retrievers
from hiercomp.allocation.ladder import LEAST_PROBABILITY, discount_repeats, ladders_of, offer, offered
from hiercomp.allocation.token_counts import CountMany
from hiercomp.ports import Encoder, Retriever
from hiercomp.ranking.evidence import Lexicon, sentence_probabilities
from hiercomp.text.tables import with_heads
from hiercomp.types import PASSAGE, Hierarchy, Ladder, Ranking

Ladders = dict[str, Ladder]
Probabilities = Mapping[str, Sequence[float]]
"""The probability that each sentence of a passage is evidence, by passage id."""


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
        """Return the ladders of the passages that a budget could hold, and of the nodes above them."""
        ...


def retriever_of(name: str) -> Callable[[Encoder], Retriever]:
    """Return a builder of the retriever with a name."""
    return lambda encoder: retrievers.build(name, encoder=encoder)


def by_one_vector(encoder: Encoder) -> Retriever:
    """Build the cascade over an encoder without token vectors."""
    return retrievers.build("cascade", encoder=WholeTextEncoder(encoder))


def _changed_ladders(change: Callable[[Hierarchy, Ladders], Ladders]) -> Offer:
    """Return the product's `offer` with a change to its ladders."""

    def changed(
        hierarchy: Hierarchy, ranking: Ranking, question: str, *, lexicon: Lexicon, count: CountMany, budget: int
    ) -> Ladders:
        return change(hierarchy, offer(hierarchy, ranking, question, lexicon=lexicon, count=count, budget=budget))

    return changed


def _changed_probabilities(change: Callable[[Hierarchy, Probabilities], Probabilities]) -> Offer:
    """Return the product's `offer` with another function instead of `discount_repeats`."""

    def changed(
        hierarchy: Hierarchy, ranking: Ranking, question: str, *, lexicon: Lexicon, count: CountMany, budget: int
    ) -> Ladders:
        found = sentence_probabilities(hierarchy, offered(hierarchy, ranking, budget), question, lexicon)
        return ladders_of(hierarchy, with_heads(hierarchy, change(hierarchy, found)), count)

    return changed


def _without_summaries(hierarchy: Hierarchy, ladders: Ladders) -> Ladders:
    return {
        node_id: ladder if hierarchy.node(node_id).level == PASSAGE else replace(ladder, renderings=())
        for node_id, ladder in ladders.items()
    }


def _without_extracts(hierarchy: Hierarchy, ladders: Ladders) -> Ladders:
    """Keep only the last rendering of each passage, which is the whole passage."""
    return {
        node_id: replace(ladder, renderings=ladder.renderings[-1:])
        if hierarchy.node(node_id).level == PASSAGE
        else ladder
        for node_id, ladder in ladders.items()
    }


def _with_repeats(hierarchy: Hierarchy, probabilities: Probabilities) -> Probabilities:
    """Keep the probabilities of repeats. Probabilities must be above 0, because a ladder must rise."""
    return {
        node_id: [max(probability, LEAST_PROBABILITY) for probability in row] for node_id, row in probabilities.items()
    }


def _by_rank(hierarchy: Hierarchy, probabilities: Probabilities) -> Probabilities:
    """Give each sentence 1 / (1 + rank) over all passages.

    Equal sentences are ordered by the rank of their passage, then by their order in it.
    """
    places = [(node_id, index) for node_id, row in probabilities.items() for index in range(len(row))]
    order = sorted(places, key=lambda place: -probabilities[place[0]][place[1]])
    ranks = {place: rank for rank, place in enumerate(order, start=1)}
    by_rank = {
        node_id: [1 / (1 + ranks[node_id, index]) for index in range(len(row))]
        for node_id, row in probabilities.items()
    }
    return discount_repeats(hierarchy, by_rank)


without_summaries = _changed_ladders(_without_summaries)
without_extracts = _changed_ladders(_without_extracts)
with_repeats = _changed_probabilities(_with_repeats)
by_rank = _changed_probabilities(_by_rank)
