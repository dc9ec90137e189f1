"""Variants of hiercomp's steps. Each one changes or removes one part and keeps the product's other parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from eval.encoding import WholeTextEncoder
from hiercomp import allocators, retrievers
from hiercomp.allocation.ladder import LEAST_PROBABILITY, discount_repeats, ladders_of, offer
from hiercomp.allocation.token_counts import CountMany
from hiercomp.ports import Encoder, Retriever
from hiercomp.text.tables import with_heads, with_whole_tables
from hiercomp.types import PASSAGE, Evidence, Hierarchy, Ladder, Rendering

CONCAVE_ROUNDS = 3
"""The allocations that are made one after another, each with the weights that the last one gives."""
CONCAVE_SATURATION = 0.05
"""The share of the budget in expected evidence at which the weight of a need is halved."""
Ladders = dict[str, Ladder]
Probabilities = Mapping[str, Sequence[float]]
"""The probability that each sentence of a passage is evidence, by passage id."""


class Offer(Protocol):
    """The signature of `hiercomp.allocation.ladder.offer`."""

    def __call__(self, hierarchy: Hierarchy, evidence: Evidence, count: CountMany) -> Ladders:
        """Return the ladders of the passages with evidence, and of the nodes above them."""
        ...


Reweigh = Callable[[Hierarchy, Evidence, int, CountMany], Evidence]
"""Changes the evidence of a question before ladders are made, given the budget and a token counter."""


def retriever_of(name: str) -> Callable[[Encoder], Retriever]:
    """Return a builder of the retriever with a name."""
    return lambda encoder: retrievers.build(name, encoder=encoder)


def by_one_vector(encoder: Encoder) -> Retriever:
    """Build the cascade over an encoder without token vectors."""
    return retrievers.build("cascade", encoder=WholeTextEncoder(encoder))


def _changed_ladders(change: Callable[[Hierarchy, Ladders], Ladders]) -> Offer:
    """Return the product's `offer` with a change to its ladders."""

    def changed(hierarchy: Hierarchy, evidence: Evidence, count: CountMany) -> Ladders:
        return change(hierarchy, offer(hierarchy, evidence, count))

    return changed


def _changed_probabilities(change: Callable[[Hierarchy, Probabilities], Probabilities]) -> Offer:
    """Return the product's `offer` with another function instead of `discount_repeats`."""

    def changed(hierarchy: Hierarchy, evidence: Evidence, count: CountMany) -> Ladders:
        whole = with_whole_tables(hierarchy, change(hierarchy, evidence.joint))
        return ladders_of(hierarchy, with_heads(hierarchy, whole), count)

    return changed


def without_whole_tables(hierarchy: Hierarchy, evidence: Evidence, count: CountMany) -> Ladders:
    """Return the ladders of the product without `with_whole_tables`: rows have only their own probability."""
    return ladders_of(hierarchy, with_heads(hierarchy, discount_repeats(hierarchy, evidence.joint)), count)


def unchanged(hierarchy: Hierarchy, evidence: Evidence, budget: int, count: CountMany) -> Evidence:
    """Return the evidence as it is."""
    return evidence


def by_maximum(hierarchy: Hierarchy, evidence: Evidence, budget: int, count: CountMany) -> Evidence:
    """Join the needs by their greatest probability instead of the noisy-or."""
    if not evidence.by_need:
        return evidence
    joint = {
        node_id: tuple(np.max([need[node_id] for need in evidence.by_need if node_id in need], axis=0).tolist())
        for node_id in evidence.joint
    }
    return replace(evidence, joint=joint)


def concave(hierarchy: Hierarchy, evidence: Evidence, budget: int, count: CountMany) -> Evidence:
    """Give a need the weight 1 / (1 + shown evidence / saturation), and allocate again with these weights.

    The weights maximize the sum over the needs of ln(1 + evidence / saturation), step by step.
    """
    needs = [need for need in evidence.by_need if need]
    if not needs:
        return evidence
    weights = [1.0] * len(needs)
    for _ in range(CONCAVE_ROUNDS):
        weighted = [
            {node_id: weight * np.array(row) for node_id, row in need.items()}
            for weight, need in zip(weights, needs, strict=True)
        ]
        joint = {
            node_id: tuple((1 - np.prod([1 - need[node_id] for need in weighted], axis=0)).tolist())
            for node_id in evidence.joint
        }
        evidence = replace(evidence, joint=joint)
        shown = allocators.build("tree_cut").allocate(hierarchy, offer(hierarchy, evidence, count), budget).renderings
        found = [sum(_shown_evidence(hierarchy, rendering, need, count) for rendering in shown) for need in needs]
        weights = [1 / (1 + tokens / (CONCAVE_SATURATION * budget)) for tokens in found]
        weights = [weight / max(weights) for weight in weights]
    return evidence


def _shown_evidence(hierarchy: Hierarchy, rendering: Rendering, need: Probabilities, count: CountMany) -> float:
    """Return the expected evidence of a rendering for one need, in tokens."""
    node = hierarchy.node(rendering.node_id)
    row = need.get(node.id)
    if row is None:
        return 0.0
    text = hierarchy.document(node.document_id).text
    tokens = count([span.of(text) for span in rendering.spans])
    chances = [row[node.sentences.index(span)] for span in rendering.spans]
    return sum(chance * size for chance, size in zip(chances, tokens, strict=True))


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
