"""Documents as trees: passages, sections by the document's own headings (else by page runs), document, corpus.

Each inner node is represented by its most telling sentences, verbatim and with their spans; no model is called.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hiercomp.ports import Compressor
from hiercomp.text.analysis import words
from hiercomp.text.chunking import passages, size
from hiercomp.types import CORPUS, DOCUMENT, PASSAGE, SECTION, Document, Heading, Hierarchy, Node, Span

SECTION_SIZE = 4000
"""The size that a section is filled to: about a page, the unit in which the coarse search thinks."""
SECTION_MINIMUM = 800
"""The size below which a heading does not end a section: its text goes with what follows."""
SUMMARY_SIZE = {SECTION: 320, DOCUMENT: 1600, CORPUS: 3200}
"""The size of the sentences that represent a node of a level."""
TELLING_WORDS = 5
"""Different words that a sentence needs to represent others: fewer is a crumb or a row of numbers."""


def build_hierarchy(document: Document) -> Hierarchy:
    """The tree of one document: its root is the document's node."""
    leaves = _leaves(document)
    begins = [leaf.sentences[0].start if leaf.sentences else leaf.span.start for leaf in leaves]
    paths = _heading_paths(document.headings, begins)
    leaves = [replace(leaf, title=" › ".join(path)) for leaf, path in zip(leaves, paths, strict=True)]
    salience = Salience(document.text, [span for leaf in leaves for span in leaf.sentences])
    sections = [_parent(document, SECTION, _common(group), group, salience) for group in _sections(document, leaves)]
    root = _parent(document, DOCUMENT, document.title, sections, salience)
    below = [replace(node, parent_id=root.id) for node in sections]
    owner = {leaf_id: section.id for section in sections for leaf_id in section.child_ids}
    return Hierarchy((document,), (root, *below, *(replace(leaf, parent_id=owner[leaf.id]) for leaf in leaves)))


def join(hierarchies: Sequence[Hierarchy]) -> Hierarchy:
    """Several documents under one corpus node; a document that occurs twice is taken once."""
    distinct: dict[str, Hierarchy] = {}
    for tree in hierarchies:
        distinct.setdefault(tree.root.id, tree)
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


def summarize(hierarchy: Hierarchy, compressor: Compressor) -> Hierarchy:
    """The tree with its sections' and documents' summaries written by a compressor, lowest level first.

    A section's summary is made from its text, a document's from its sections' summaries.
    """
    texts: dict[str, str] = {}
    for level in (SECTION, DOCUMENT):
        nodes = hierarchy.level(level)
        sources = ["\n".join(texts.get(child.id, child.text) for child in hierarchy.children(node)) for node in nodes]
        limit = SUMMARY_SIZE[level] // 4
        texts |= dict(zip((node.id for node in nodes), compressor.compress(sources, limit), strict=True))
    return replace(
        hierarchy, nodes=tuple(replace(node, text=texts.get(node.id, node.text)) for node in hierarchy.nodes)
    )


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
    """A node over children that follow each other, with the sentences that represent it."""
    span = Span(children[0].span.start, children[-1].span.end)
    chosen = salience.choose([span for child in children for span in child.sentences], SUMMARY_SIZE[level])
    return Node(
        id=_node_id(document, level, span),
        document_id=document.id,
        level=level,
        title=title,
        span=span,
        text="\n".join(span.of(document.text) for span in chosen),
        sentences=chosen,
        child_ids=tuple(child.id for child in children),
    )


def _node_id(document: Document, level: int, span: Span) -> str:
    return f"{document.id[:12]}:{level}:{span.start}-{span.end}"


def _heading_paths(headings: Sequence[Heading], starts: Iterable[int]) -> Iterator[tuple[str, ...]]:
    """The headings above each position, highest first; positions rise."""
    path: list[Heading] = []
    pending = deque(headings)
    for start in starts:
        while pending and pending[0].span.start <= start:
            heading = pending.popleft()
            path = [above for above in path if above.depth < heading.depth]
            path.append(heading)
        yield tuple(heading.title for heading in path)


def _sections(document: Document, leaves: Sequence[Node]) -> Iterator[list[Node]]:
    """Leaves in groups: a group ends where its heading does, or at a page's end once it is half full, or when full."""
    group = [leaves[0]]
    filled = size(leaves[0].text)
    for before, leaf in pairwise(leaves):
        weight = size(leaf.text)
        turned = document.page_at(leaf.span.start) != document.page_at(before.span.start)
        ended = leaf.title != before.title and filled >= SECTION_MINIMUM
        if ended or (turned and 2 * filled >= SECTION_SIZE) or filled + weight > SECTION_SIZE:
            yield group
            group, filled = [], 0
        group.append(leaf)
        filled += weight
    yield group


def _common(group: Sequence[Node]) -> str:
    """The title of a group: the heading path that its leaves share, else the first one's."""
    paths = [node.title.split(" › ") for node in group]
    shared = []
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return " › ".join(shared) or next((node.title for node in group if node.title), "")


@dataclass(frozen=True, slots=True)
class _Profile:
    """The words of a sentence and its size."""

    words: frozenset[str]
    size: int


class Salience:
    """Which sentences say most of a text: those whose words are frequent in it, each word counted once.

    Source: the weighted-coverage objective of extractive summarization (Takamura and Okumura, 2009), greedy by
    weight a byte; a word weighs the logarithm of its count in the part over its share of the document's sentences.
    """

    def __init__(self, text: str, sentences: Sequence[Span]) -> None:
        self._profiles = {span: _Profile(words(span.of(text)), size(span.of(text))) for span in sentences}
        self._frequency = Counter(word for profile in self._profiles.values() for word in profile.words)

    def choose(self, sentences: Sequence[Span], limit: int) -> tuple[Span, ...]:
        """The sentences that represent these, in text order, of at most the size `limit` together."""
        counts = Counter(word for span in sentences for word in self._profiles[span].words)
        total = len(self._profiles)
        weights = {
            word: math.log1p(count) * math.log(1 + total / self._frequency[word]) for word, count in counts.items()
        }
        chosen: list[Span] = []
        remaining = [span for span in sentences if self._tells(span) and self._profiles[span].size <= limit]
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

    def _tells(self, span: Span) -> bool:
        """Whether a sentence can stand for others: a few words do not."""
        return len(self._profiles[span].words) >= TELLING_WORDS

    def _gain(self, span: Span, weights: dict[str, float]) -> float:
        """Weight a byte that a sentence adds; the root favours whole sentences over crumbs."""
        profile = self._profiles[span]
        return sum(weights[word] for word in profile.words) / math.sqrt(profile.size)
