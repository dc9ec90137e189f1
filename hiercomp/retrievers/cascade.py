"""Coarse to fine: BM25 over passages and embeddings of section digests say where the encoder's time is worth spending.

Only passages of sections that can still matter are encoded: those that hold a high BM25 passage and those whose digest
is close to the question, taken in turn. The neural work of a question is bounded, whatever the document's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from hiercomp.analysis import MARKS
from hiercomp.errors import ConfigError
from hiercomp.ports import Encoder
from hiercomp.retrievers.bm25 import Bm25
from hiercomp.retrievers.dense import Dense
from hiercomp.types import SECTION, Hit, Node, Ranking, Source

ENCODED_PASSAGES = 32
"""Passages encoded for a question: a second of work on two cores. What this costs in evidence is what the method
`hiercomp/no-levels` of the evaluation, which encodes all, finds beyond it; `eval/results/report.md` has the figure.
"""
DIGEST_WORDS = 160
"""Words of a section that its digest holds: what the encoder reads of them in one go."""

# Figures fill the encoder's window and say nothing to it.
_LETTERS = re.compile(rf"[^\W\d_](?:[^\W_]|[{MARKS}])*(?:['’-](?:[^\W\d_]|[{MARKS}])+)*")


class CascadeIndex:
    """Sections by their terms and digests, passages by their terms, and by their vectors when asked for."""

    def __init__(self, encoder: Encoder, nodes: Sequence[Node], width: int) -> None:
        self._dense = Dense(encoder)
        self._width = width
        self._passages = {node.id: replace(node, text=f"{node.title}\n{node.text}") for node in nodes if not node.level}
        self._children = {node.id: node.child_ids for node in nodes if node.level == SECTION}
        sections = [node for node in nodes if node.level == SECTION]
        self._passage_terms = Bm25().index(list(self._passages.values()))
        self._section_terms = Bm25().index([replace(node, text=self._text(node)) for node in sections])
        self._digests = self._dense.index([replace(node, text=self._digest(node)) for node in sections])

    def search(self, question: str, k: int) -> Ranking:
        """At most k passages, each with what BM25 and vectors say of it and of its section."""
        lexical = self._passage_terms.search(question, len(self._passages))
        coarse = self._digests.search(question, len(self._children))
        if k <= 0 or not (lexical.hits or coarse.hits):
            return Ranking(())
        live = self._live(lexical, coarse)
        fine = self._dense.index([self._passages[passage_id] for passage_id in live]).search(question, len(live))
        sources: dict[str, list[Source]] = {}
        for hit in (*lexical.hits, *fine.hits):
            sources.setdefault(hit.node_id, []).extend(hit.sources)
        for hit in (*coarse.hits, *self._section_terms.search(question, len(self._children)).hits):
            for passage_id in self._children[hit.node_id]:
                sources.setdefault(passage_id, []).extend(_of_section(source) for source in hit.sources)
        hits = (
            Hit(passage_id, sum(source.score for source in found), sources=tuple(found))
            for passage_id, found in sources.items()
        )
        return Ranking(Ranking.of(hits).hits[:k])

    def _live(self, lexical: Ranking, coarse: Ranking) -> list[str]:
        """The passages to encode: those of sections in turn from both rankings, up to the width."""
        owner = {child: section for section, children in self._children.items() for child in children}
        by_terms = (owner[hit.node_id] for hit in lexical.hits if hit.node_id in owner)
        by_digest = (hit.node_id for hit in coarse.hits)
        live: dict[str, None] = {}
        for section in _in_turn(by_digest, by_terms):
            if len(live) >= self._width:
                break
            live |= dict.fromkeys(self._children[section])
        return list(live)[: self._width]

    def _text(self, section: Node) -> str:
        """A section's whole text."""
        return "\n".join([section.title, *(self._passages[passage_id].text for passage_id in section.child_ids)])

    def _digest(self, section: Node) -> str:
        """A section's title and its first different words."""
        words: dict[str, None] = {}
        for passage_id in section.child_ids:
            words |= dict.fromkeys(_LETTERS.findall(self._passages[passage_id].text))
            if len(words) >= DIGEST_WORDS:
                break
        return " ".join(list(words)[:DIGEST_WORDS])


def _of_section(source: Source) -> Source:
    """What a retriever says of a section, as said of its passages."""
    return replace(source, retriever=f"section_{source.retriever}")


def _in_turn(*rankings: Iterator[str]) -> Iterator[str]:
    """The first of each, the second of each, and so on."""
    for row in zip_longest(*rankings):
        yield from (entry for entry in row if entry is not None)


class Cascade:
    """The retriever."""

    def __init__(self, encoder: Encoder, width: int) -> None:
        self._encoder = encoder
        self._width = width

    def index(self, nodes: Sequence[Node]) -> CascadeIndex:
        """Passages and sections, ready to be searched."""
        return CascadeIndex(self._encoder, nodes, self._width)


def build(argument: str | None = None, *, encoder: Encoder, **_: object) -> Cascade:
    """The retriever over an encoder; the argument is the number of passages that a question may encode."""
    if argument is not None and not argument.isdigit():
        raise ConfigError(f"the retriever cascade takes a number of passages, such as cascade/64, not {argument!r}")
    return Cascade(encoder, int(argument or ENCODED_PASSAGES))
