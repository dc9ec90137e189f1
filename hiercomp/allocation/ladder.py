"""Each node's renderings, priced by the run's tokenizer and valued by expected evidence. Pure but for the counting.

A sentence is worth its tokens times the probability that it is evidence: value is counted in tokens of evidence, and
the price of a further token is the probability at which it is no longer worth showing.

A passage offers nested extracts, its best sentences first, up to the whole of it. A section and a document offer the
sentences that represent them. A sentence that occurs again and again is worth something once, where it is worth most.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from hiercomp.allocation.token_counts import CountMany
from hiercomp.ranking.evidence import Lexicon, sentence_probabilities
from hiercomp.text.chunking import size
from hiercomp.text.tables import with_heads
from hiercomp.types import CORPUS, Hierarchy, Ladder, Node, Ranking, Rendering, Span

JOIN_TOKENS = 1
"""A line break after a sentence."""
GAP_TOKENS = 2
"""The mark for what is left out between two sentences, with its line break."""
ADDRESS_TOKENS = 8
"""The number and the page at the head of a part, without its title."""
OFFERED = 6
"""Tokens offered for each token of the budget: what ranks below can not be chosen."""
LEAST_OFFERED = 512
"""The budget that smaller ones are offered as much as: what does not fit is then refused with the same least budget."""
LEAST_PROBABILITY = 1e-9
"""Of a repeat: it is shown only where nothing else is left to show."""


def offer(
    hierarchy: Hierarchy, ranking: Ranking, question: str, *, lexicon: Lexicon, count: CountMany, budget: int
) -> dict[str, Ladder]:
    """The ladders of the passages that a budget could hold, and of the nodes above them."""
    found = sentence_probabilities(hierarchy, offered(hierarchy, ranking, budget), question, lexicon)
    # Heads come last: the same years stand above many tables, and each needs its own.
    return ladders_of(hierarchy, with_heads(hierarchy, once(hierarchy, found)), count)


def ladders_of(
    hierarchy: Hierarchy, probabilities: Mapping[str, Sequence[float]], count: CountMany
) -> dict[str, Ladder]:
    """The ladders of passages, from the probability of each of their sentences, and of the nodes above them."""
    nodes = [hierarchy.node(node_id) for node_id in probabilities]
    above = _ancestors(hierarchy, nodes)
    tokens = _count(hierarchy, nodes, count)
    values = {
        node.id: [
            probability * tokens[node.document_id, span]
            for span, probability in zip(node.sentences, probabilities[node.id], strict=True)
        ]
        for node in nodes
    }
    ladders = {node.id: Ladder(node.id, _extracts(node, values[node.id], tokens)) for node in nodes}
    by_span = {
        (node.document_id, span): (value, tokens[node.document_id, span])
        for node in nodes
        for span, value in zip(node.sentences, values[node.id], strict=True)
    }
    openings = count([node.title for node in above])
    summaries = count([node.text for node in above])
    for node, opening, summary in zip(above, openings, summaries, strict=True):
        costs = (0, summary) if node.level == CORPUS else (opening + ADDRESS_TOKENS, summary)
        ladders[node.id] = _inner(hierarchy, node, by_span, costs)
    return ladders


def offered(hierarchy: Hierarchy, ranking: Ranking, budget: int) -> Ranking:
    """The best hits that hold a sentence, until they hold many times the budget."""
    hits = []
    room = 4 * OFFERED * max(budget, LEAST_OFFERED)
    for hit in ranking.hits:
        if room <= 0:
            break
        node = hierarchy.node(hit.node_id)
        if node.sentences:
            hits.append(hit)
            room -= size(node.text)
    return Ranking(tuple(hits))


def once(hierarchy: Hierarchy, probabilities: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Probabilities with every repeat of a sentence's text next to nothing, but for its likeliest occurrence."""
    likeliest: dict[str, tuple[float, str, int]] = {}
    texts: dict[tuple[str, int], str] = {}
    for node_id, chances in probabilities.items():
        node = hierarchy.node(node_id)
        for index, (span, chance) in enumerate(zip(node.sentences, chances, strict=True)):
            text = texts[node_id, index] = _text(hierarchy, node, span)
            if text not in likeliest or chance > likeliest[text][0]:
                likeliest[text] = (chance, node_id, index)
    return {
        node_id: [
            max(chance, LEAST_PROBABILITY)
            if likeliest[texts[node_id, index]][1:] == (node_id, index)
            else LEAST_PROBABILITY
            for index, chance in enumerate(chances)
        ]
        for node_id, chances in probabilities.items()
    }


def _text(hierarchy: Hierarchy, node: Node, span: Span) -> str:
    return span.of(hierarchy.document(node.document_id).text)


def _ancestors(hierarchy: Hierarchy, nodes: Sequence[Node]) -> list[Node]:
    """The nodes above, each once, parents first."""
    found: set[str] = set()
    for node in nodes:
        parent_id = node.parent_id
        while parent_id is not None and parent_id not in found:
            found.add(parent_id)
            parent_id = hierarchy.node(parent_id).parent_id
    return [node for node in hierarchy.nodes if node.id in found]


def _count(hierarchy: Hierarchy, nodes: Sequence[Node], count: CountMany) -> dict[tuple[str, Span], int]:
    """The tokens of each sentence with its line break."""
    spans = list(dict.fromkeys((node.document_id, span) for node in nodes for span in node.sentences))
    texts = [span.of(hierarchy.document(document_id).text) for document_id, span in spans]
    return {key: tokens + JOIN_TOKENS for key, tokens in zip(spans, count(texts), strict=True)}


def _extracts(node: Node, values: Sequence[float], tokens: Mapping[tuple[str, Span], int]) -> tuple[Rendering, ...]:
    """A passage's nested extracts, each one sentence longer, best value a token first."""
    costs = [tokens[node.document_id, span] for span in node.sentences]
    order = sorted(range(len(costs)), key=lambda index: (-values[index] / costs[index], index))
    kept: list[int] = []
    total = gaps = 0
    renderings = []
    for added in order:
        place = bisect_left(kept, added)
        follows, precedes = place > 0, place < len(kept)
        gaps += (follows and added - kept[place - 1] > 1) + (precedes and kept[place] - added > 1)
        gaps -= follows and precedes  # there was a gap where it goes
        kept.insert(place, added)
        total += costs[added]
        renderings.append(
            Rendering(
                node_id=node.id,
                detail="verbatim" if len(kept) == len(order) else "extract",
                spans=tuple([node.sentences[index] for index in kept]),
                values=tuple([values[index] for index in kept]),
                tokens=total + gaps * GAP_TOKENS,
            )
        )
    return tuple(_rising(renderings))


def _rising(renderings: Sequence[Rendering]) -> Iterator[Rendering]:
    """The renderings that cost more and are worth more than every cheaper one: a filled gap can cost less than two."""
    kept: list[Rendering] = []
    for rendering in renderings:
        while kept and kept[-1].tokens >= rendering.tokens:
            kept.pop()
        kept.append(rendering)
    yield from kept


def _inner(
    hierarchy: Hierarchy, node: Node, by_span: Mapping[tuple[str, Span], tuple[float, int]], costs: tuple[int, int]
) -> Ladder:
    """A section's or a document's ladder: the sentences that represent it, or a model's summary of them.

    Args:
        hierarchy: Where the node stands.
        node: The inner node.
        by_span: The value and the tokens of each offered sentence.
        costs: The tokens of opening the node, and of its summary.
    """
    opening, summary_tokens = costs
    spans = tuple(span for span in node.sentences if (node.document_id, span) in by_span)
    if not spans:
        return Ladder(node.id, (), opening)
    written = node.text != "\n".join(_text(hierarchy, node, span) for span in node.sentences)
    extract_tokens = sum(by_span[node.document_id, span][1] + GAP_TOKENS for span in spans)
    summary = Rendering(
        node_id=node.id,
        detail="summary",
        spans=spans,
        values=tuple(by_span[node.document_id, span][0] for span in spans),
        tokens=opening + (summary_tokens if written else extract_tokens),
        text=node.text if written else None,
    )
    return Ladder(node.id, (summary,), opening)
