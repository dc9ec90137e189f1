"""Builds the hierarchy of documents. Its levels are passages, sections, documents and a corpus.

Sections follow the document's headings, or else its pages. A node above the passages is represented by its most
informative sentences, verbatim and with their spans. Only `summarize` calls a model.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hiercomp.ports import Compressor
from hiercomp.text.analysis import words
from hiercomp.text.chunking import passages, weighted_bytes
from hiercomp.types import CORPUS, DOCUMENT, PASSAGE, SECTION, Document, Heading, Hierarchy, Node, Span

SECTION_SIZE = 4000
"""The greatest size of a section, in weighted bytes: about a page."""
SECTION_MINIMUM = 800
"""The least size of a section that ends before a heading. A smaller one continues under the next heading."""
SUMMARY_SIZE = {SECTION: 320, DOCUMENT: 1600, CORPUS: 3200}
"""The greatest total size of the sentences that represent a node, by level."""
LEAST_WORDS = 5
"""The fewest distinct words of a representative sentence. Fragments and rows of numbers have fewer."""


def build_hierarchy(document: Document) -> Hierarchy:
    """Build the hierarchy of one document. Its root is the document's node."""
    leaves = _leaves(document)
    starts = [leaf.sentences[0].start if leaf.sentences else leaf.span.start for leaf in leaves]
    paths = _heading_paths(document.headings, starts)
    leaves = [replace(leaf, title=" › ".join(path)) for leaf, path in zip(leaves, paths, strict=True)]
    salience = Salience(document.text, [span for leaf in leaves for span in leaf.sentences])
    groups = _group_leaves(document, leaves)
    sections = [_parent(document, SECTION, _shared_title(group), group, salience) for group in groups]
    root = _parent(document, DOCUMENT, document.title, sections, salience)
    section_ids = {leaf_id: section.id for section in sections for leaf_id in section.child_ids}
    sections = [replace(section, parent_id=root.id) for section in sections]
    leaves = [replace(leaf, parent_id=section_ids[leaf.id]) for leaf in leaves]
    return Hierarchy((document,), (root, *sections, *leaves))


def join(hierarchies: Sequence[Hierarchy]) -> Hierarchy:
    """Put several documents under one corpus node.

    The documents of a hierarchy that is a corpus itself are used one by one. A document that occurs twice is used once.
    A single document gets no corpus node.
    """
    distinct: dict[str, Hierarchy] = {}
    for tree in hierarchies:
        for part in _split(tree):
            distinct.setdefault(part.root.id, part)
    trees = list(distinct.values())
    if len(trees) == 1:
        return trees[0]
    roots = [tree.root for tree in trees]
    corpus = Node(
        id="corpus:" + ",".join(root.document_id[:12] for root in roots),
        document_id="",
        level=CORPUS,
        title=f"{len(roots)} documents",
        span=Span(0, sum(len(root.span) for root in roots)),
        text="\n".join(root.title for root in roots),
        sentences=(),
        child_ids=tuple(root.id for root in roots),
    )
    nodes = [corpus, *(replace(root, parent_id=corpus.id) for root in roots)]
    nodes += [node for tree in trees for node in tree.nodes[1:]]
    return Hierarchy(tuple(document for tree in trees for document in tree.documents), tuple(nodes))


def _split(hierarchy: Hierarchy) -> Iterator[Hierarchy]:
    """Yield the hierarchy of each document."""
    if hierarchy.root.level != CORPUS:
        yield hierarchy
        return
    for document in hierarchy.documents:
        root, *nodes = (node for node in hierarchy.nodes if node.document_id == document.id)
        yield Hierarchy((document,), (replace(root, parent_id=None), *nodes))


def summarize(hierarchy: Hierarchy, compressor: Compressor, *, author: str) -> Hierarchy:
    """Return a hierarchy whose sections and documents have the summaries that a compressor makes.

    A section's summary is made from its passages. Then a document's summary is made from those of its sections.

    Args:
        hierarchy: the hierarchy to summarize.
        compressor: it may write in its own words, or select sentences.
        author: the compressor's model. Nodes get this author if their summary is not made of lines of the document.
    """
    nodes = {node.id: node for node in hierarchy.nodes}
    for level in (SECTION, DOCUMENT):
        parents = hierarchy.level(level)
        sources = ["\n".join(nodes[child_id].text for child_id in parent.child_ids) for parent in parents]
        summaries = compressor.compress(sources, SUMMARY_SIZE[level] // 4)
        for parent, summary in zip(parents, summaries, strict=True):
            nodes[parent.id] = _with_summary(hierarchy, parent, summary, author)
    return replace(hierarchy, nodes=tuple(nodes.values()))


def _with_summary(hierarchy: Hierarchy, node: Node, summary: str, author: str) -> Node:
    """Return a node with a new summary. It is unchanged if the summary is verbatim but not of whole sentences."""
    if summary == node.text:
        return node
    text = hierarchy.document(node.document_id).text
    own_text = node.span.of(text)
    if any(line.strip() not in own_text for line in summary.splitlines()):
        return replace(node, text=summary, author=author)
    spans = _locate(summary, text, _sentences_below(hierarchy, node))
    return replace(node, text=_join_lines(text, spans), sentences=spans, author=None) if spans else node


def _sentences_below(hierarchy: Hierarchy, node: Node) -> Iterator[Span]:
    """Yield the sentences of all passages below a node, in text order."""
    for child in hierarchy.children(node):
        yield from child.sentences if child.level == PASSAGE else _sentences_below(hierarchy, child)


def _locate(summary: str, text: str, sentences: Iterable[Span]) -> tuple[Span, ...]:
    """Return the sentences that a summary consists of, in text order, or none if it holds anything else."""
    spans = []
    rest = summary.strip()
    for span in sentences:
        sentence = span.of(text)
        if rest.startswith(sentence):
            spans.append(span)
            rest = rest[len(sentence) :].lstrip()
    return () if rest else tuple(spans)


def _join_lines(text: str, spans: Iterable[Span]) -> str:
    return "\n".join(span.of(text) for span in spans)


def _leaves(document: Document) -> list[Node]:
    return [
        Node(
            id=_node_id(document, PASSAGE, span),
            document_id=document.id,
            level=PASSAGE,
            title="",
            span=span,
            text=span.of(document.text),
            sentences=sentences,
        )
        for span, sentences in passages(document)
    ]


def _parent(document: Document, level: int, title: str, children: Sequence[Node], salience: Salience) -> Node:
    """Build the node above neighbouring children, with its representative sentences."""
    span = Span(children[0].span.start, children[-1].span.end)
    chosen = salience.choose([span for child in children for span in child.sentences], SUMMARY_SIZE[level])
    return Node(
        id=_node_id(document, level, span),
        document_id=document.id,
        level=level,
        title=title,
        span=span,
        text=_join_lines(document.text, chosen),
        sentences=chosen,
        child_ids=tuple(child.id for child in children),
    )


def _node_id(document: Document, level: int, span: Span) -> str:
    return f"{document.id[:12]}:{level}:{span.start}-{span.end}"


def _heading_paths(headings: Sequence[Heading], starts: Iterable[int]) -> Iterator[tuple[str, ...]]:
    """Yield the titles of the headings above each position, the highest first. `starts` is in ascending order."""
    path: list[Heading] = []
    pending = deque(headings)
    for start in starts:
        while pending and pending[0].span.start <= start:
            heading = pending.popleft()
            path = [above for above in path if above.depth < heading.depth]
            path.append(heading)
        yield tuple(heading.title for heading in path)


def _group_leaves(document: Document, leaves: Sequence[Node]) -> Iterator[list[Node]]:
    """Yield the leaves of each section.

    A section ends when it is full, at a page's end once it is half full, and before a heading once it has
    `SECTION_MINIMUM` bytes.
    """
    group = [leaves[0]]
    filled = weighted_bytes(leaves[0].text)
    for before, leaf in pairwise(leaves):
        weight = weighted_bytes(leaf.text)
        is_new_page = document.page_at(leaf.span.start) != document.page_at(before.span.start)
        ends_at_heading = leaf.title != before.title and filled >= SECTION_MINIMUM
        ends_at_page = is_new_page and 2 * filled >= SECTION_SIZE
        if ends_at_heading or ends_at_page or filled + weight > SECTION_SIZE:
            yield group
            group, filled = [], 0
        group.append(leaf)
        filled += weight
    yield group


def _shared_title(group: Sequence[Node]) -> str:
    """Return the heading path that all leaves share, or else the first leaf's path that is not empty."""
    paths = [node.title.split(" › ") for node in group]
    shared = []
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return " › ".join(shared) or next((node.title for node in group if node.title), "")


@dataclass(frozen=True, slots=True)
class _Profile:
    """A sentence's distinct words and its size."""

    words: frozenset[str]
    size: int


class Salience:
    """A selection of the sentences that represent a text best: they cover its frequent words, each counted once.

    A word's weight is ln(1 + its count in the part) · ln(1 + the document's sentences / those that hold the word).
    Sentences are chosen greedily.

    Source: the weighted-coverage objective of extractive summarization (Takamura and Okumura, 2009).
    """

    def __init__(self, text: str, sentences: Sequence[Span]) -> None:
        self._profiles = {span: _Profile(words(span.of(text)), weighted_bytes(span.of(text))) for span in sentences}
        self._frequency = Counter(word for profile in self._profiles.values() for word in profile.words)

    def choose(self, sentences: Sequence[Span], limit: int) -> tuple[Span, ...]:
        """Choose representatives of `sentences`, in text order. Their total size is at most `limit`."""
        counts = Counter(word for span in sentences for word in self._profiles[span].words)
        total = len(self._profiles)
        weights = {
            word: math.log1p(count) * math.log(1 + total / self._frequency[word]) for word, count in counts.items()
        }
        chosen: list[Span] = []
        remaining = [span for span in sentences if self._can_represent(span) and self._profiles[span].size <= limit]
        while remaining:
            best = max(remaining, key=lambda span: (self._gain(span, weights), -span.start))
            if self._gain(best, weights) <= 0:
                break
            chosen.append(best)
            limit -= self._profiles[best].size
            for word in self._profiles[best].words:
                weights[word] = 0.0
            remaining = [span for span in remaining if span != best and self._profiles[span].size <= limit]
        return tuple(sorted(chosen))

    def _can_represent(self, span: Span) -> bool:
        return len(self._profiles[span].words) >= LEAST_WORDS

    def _gain(self, span: Span, weights: dict[str, float]) -> float:
        """Return the weight that a sentence adds, over the root of its size.

        The root, unlike the size itself, does not favour short fragments over whole sentences.
        """
        profile = self._profiles[span]
        return sum(weights[word] for word in profile.words) / math.sqrt(profile.size)
