"""Offer each node's renderings, with their costs in tokens and their values in expected evidence.

A sentence is worth its tokens times the probability that it is evidence. So a value is counted in tokens of evidence,
and the price of one more token is the probability below which a sentence is not worth showing.

A passage offers nested extracts, its best sentences first, up to the whole passage. A section and a document offer the
sentences that represent them, or the summary that a model wrote. A sentence that repeats is worth something once, where
it is worth most.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from hiercomp.allocation.token_counts import CountMany
from hiercomp.text.tables import with_heads, with_whole_tables
from hiercomp.types import CORPUS, Evidence, Hierarchy, Ladder, Node, Rendering, Span

JOIN_TOKENS = 1
"""The line break after a sentence."""
GAP_TOKENS = 2
"""The mark for omitted text between two sentences, with its line break."""
ADDRESS_TOKENS = 8
"""The number and the page at the head of a part, without its title."""
LABEL_TOKENS = 5
"""The number that is printed on the page, behind the page at the head of a part."""
WRITTEN_TOKENS = 8
"""The words that mark a summary as written by a model."""
LEAST_PROBABILITY = 1e-9
"""The probability of a repeated sentence: it is shown only if nothing else is left to show."""


def offer(hierarchy: Hierarchy, evidence: Evidence, count: CountMany) -> dict[str, Ladder]:
    """Return the ladders of the passages with evidence, and of the nodes above them."""
    once = discount_repeats(hierarchy, evidence.joint)
    # Heads come after repeats: the same years stand above many tables, and each table needs its own.
    return ladders_of(hierarchy, with_heads(hierarchy, with_whole_tables(hierarchy, once)), count)


def ladders_of(
    hierarchy: Hierarchy, probabilities: Mapping[str, Sequence[float]], count: CountMany
) -> dict[str, Ladder]:
    """Return the ladders of passages, given the probability of each of their sentences, and of the nodes above them."""
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
    addresses = {
        document.id: ADDRESS_TOKENS + LABEL_TOKENS * any(page.label is not None for page in document.pages)
        for document in hierarchy.documents
    }
    openings = count([node.title for node in above])
    summaries = count([node.text for node in above])
    for node, opening, summary in zip(above, openings, summaries, strict=True):
        costs = (0 if node.level == CORPUS else opening + addresses[node.document_id], summary)
        ladders[node.id] = _inner(hierarchy, node, by_span, costs)
    return ladders


def discount_repeats(hierarchy: Hierarchy, probabilities: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Set the probability of each repeated sentence close to 0, except for its most probable occurrence."""
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
    """Return the nodes above some nodes, each once, parents first."""
    found: set[str] = set()
    for node in nodes:
        parent_id = node.parent_id
        while parent_id is not None and parent_id not in found:
            found.add(parent_id)
            parent_id = hierarchy.node(parent_id).parent_id
    return [node for node in hierarchy.nodes if node.id in found]


def _count(hierarchy: Hierarchy, nodes: Sequence[Node], count: CountMany) -> dict[tuple[str, Span], int]:
    """Count the tokens of each sentence with its line break."""
    spans = list(dict.fromkeys((node.document_id, span) for node in nodes for span in node.sentences))
    texts = [span.of(hierarchy.document(document_id).text) for document_id, span in spans]
    return {key: tokens + JOIN_TOKENS for key, tokens in zip(spans, count(texts), strict=True)}


def _extracts(node: Node, values: Sequence[float], tokens: Mapping[tuple[str, Span], int]) -> tuple[Rendering, ...]:
    """Build a passage's nested extracts: each adds the sentence with the most value a token of those that remain."""
    costs = [tokens[node.document_id, span] for span in node.sentences]
    order = sorted(range(len(costs)), key=lambda index: (-values[index] / costs[index], index))
    kept: list[int] = []
    total = gaps = 0
    renderings = []
    for added in order:
        place = bisect_left(kept, added)
        follows, precedes = place > 0, place < len(kept)
        gaps += (follows and added - kept[place - 1] > 1) + (precedes and kept[place] - added > 1)
        gaps -= follows and precedes  # the sentence splits a gap in two
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
    """Keep the renderings that cost more than every cheaper one: filling a gap can make a longer extract cheaper."""
    kept: list[Rendering] = []
    for rendering in renderings:
        while kept and kept[-1].tokens >= rendering.tokens:
            kept.pop()
        kept.append(rendering)
    yield from kept


def _inner(
    hierarchy: Hierarchy, node: Node, by_span: Mapping[tuple[str, Span], tuple[float, int]], costs: tuple[int, int]
) -> Ladder:
    """Build the ladder of a section or a document: its summary.

    Args:
        hierarchy: The hierarchy of the node.
        node: The section or document.
        by_span: The value and the tokens of each offered sentence.
        costs: The tokens of the node's heading and address, and of its summary's text.
    """
    opening, summary_tokens = costs
    spans = tuple(span for span in node.sentences if (node.document_id, span) in by_span)
    if not spans:
        return Ladder(node.id, (), opening)
    values = tuple(by_span[node.document_id, span][0] for span in spans)
    if node.author is not None:
        tokens = opening + WRITTEN_TOKENS + summary_tokens
        # A model writes a summary from the whole text of the node.
        summary = Rendering(node.id, "written", (node.span,), (sum(values),), tokens, text=node.text)
    else:
        tokens = opening + sum(by_span[node.document_id, span][1] + GAP_TOKENS for span in spans)
        summary = Rendering(node.id, "summary", spans, values, tokens)
    return Ladder(node.id, (summary,), opening)
