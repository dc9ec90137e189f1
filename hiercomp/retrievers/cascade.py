"""Coarse to fine: BM25 over passages and embeddings of section digests say where the encoder's time is worth spending.

Only passages that can still matter are encoded: those with the best terms, and those of the sections whose digest is
closest to the question. The neural work of a question is bounded, whatever the document's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from hiercomp.analysis import MARKS
from hiercomp.errors import ConfigError
from hiercomp.interaction import interaction, token_weights
from hiercomp.ports import Encoder
from hiercomp.retrievers.bm25 import Bm25
from hiercomp.retrievers.dense import Dense
from hiercomp.types import SECTION, Hit, Node, Ranking, Source, Span

TERMS_PER_SECTION = 4
"""Passages taken by their terms for each section taken by its digest, which holds about five."""
DIGEST_WORDS = 160
"""Words of a section that its digest holds: what the encoder reads of them in one go."""

# Figures fill the encoder's window and say nothing to it.
_LETTERS = re.compile(rf"[^\W\d_](?:[^\W_]|[{MARKS}])*(?:['’-](?:[^\W\d_]|[{MARKS}])+)*")


class CascadeIndex:
    """Sections by their terms and digests, passages by their terms, and by their vectors when asked for."""

    def __init__(self, encoder: Encoder, nodes: Sequence[Node], width: int | None) -> None:
        self._encoder = encoder
        self._width = encoder.passages if width is None else width
        self._passages = {node.id: replace(node, text=f"{node.title}\n{node.text}") for node in nodes if not node.level}
        self._children = {node.id: node.child_ids for node in nodes if node.level == SECTION}
        sections = [node for node in nodes if node.level == SECTION]
        self._passage_terms = Bm25().index(list(self._passages.values()))
        self._section_terms = Bm25().index([replace(node, text=self._text(node)) for node in sections])
        self._digests = Dense(encoder).index([replace(node, text=self._digest(node)) for node in sections])

    def search(self, question: str, k: int) -> Ranking:
        """At most k passages, each with what BM25 and vectors say of it and of its section."""
        lexical = self._passage_terms.search(question, len(self._passages))
        coarse = self._digests.search(question, len(self._children))
        if k <= 0 or not (lexical.hits or coarse.hits):
            return Ranking(())
        fine = self._read(question, self._live(lexical, coarse))
        sources: dict[str, list[Source]] = {}
        for hit in (*lexical.hits, *fine.values()):
            sources.setdefault(hit.node_id, []).extend(hit.sources)
        for hit in (*coarse.hits, *self._section_terms.search(question, len(self._children)).hits):
            for passage_id in self._children[hit.node_id]:
                sources.setdefault(passage_id, []).extend(_of_section(source) for source in hit.sources)
        hits = (
            replace(
                fine.get(passage_id, Hit(passage_id, 0.0)),
                score=sum(source.score for source in found),
                sources=tuple(found),
            )
            for passage_id, found in sources.items()
        )
        return Ranking(Ranking.of(hits).hits[:k])

    def _live(self, lexical: Ranking, coarse: Ranking) -> list[str]:
        """The passages to encode: the best by their terms and those of the best sections in turn, up to the width."""
        by_terms = iter([hit.node_id for hit in lexical.hits])
        by_digest = iter([self._children[hit.node_id] for hit in coarse.hits])
        live: dict[str, None] = {}
        left = len(self._passages)
        while left and len(live) < self._width:
            turn = [*next(by_digest, ()), *islice(by_terms, TERMS_PER_SECTION)]
            live |= dict.fromkeys(turn)
            left = len(turn)
        return list(live)[: self._width]

    def _read(self, question: str, live: Sequence[str]) -> dict[str, Hit]:
        """What the encoder makes of passages: how close each is as a whole, token by token, and in its sentences."""
        asked = self._encoder.encode_query_tokens(question)
        passages = [self._passages[passage_id] for passage_id in live]
        read = self._encoder.encode_passage_tokens([passage.text for passage in passages])
        weights = token_weights(question, asked, self._passage_terms.rarity) if len(asked.rows) else None
        scores: dict[str, dict[str, float]] = {"dense": {}, "tokens": {}}
        sentences: dict[str, tuple[float, ...]] = {}
        for passage, tokens in zip(passages, read, strict=True):
            scores["dense"][passage.id] = float(tokens.vector @ asked.vector)
            if weights is not None and len(tokens.rows):
                whole, *each = interaction(asked, weights, tokens, [Span(0, len(passage.text)), *_places(passage)])
                scores["tokens"][passage.id] = whole
                sentences[passage.id] = tuple(each)
        return {
            passage_id: Hit(passage_id, 0.0, sources=sources, sentences=sentences.get(passage_id, ()))
            for passage_id, sources in _sources(scores).items()
        }

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


def _sources(scores: Mapping[str, Mapping[str, float]]) -> dict[str, tuple[Source, ...]]:
    """The scores that retrievers gave to nodes, by node, with their ranks."""
    found: dict[str, tuple[Source, ...]] = {}
    for retriever, by_node in scores.items():
        ranked = Ranking.of(Hit(node_id, score) for node_id, score in by_node.items())
        for rank, hit in enumerate(ranked.hits, start=1):
            found[hit.node_id] = (*found.get(hit.node_id, ()), Source(retriever, rank, hit.score))
    return found


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
        """Passages and sections, ready to be searched."""
        return CascadeIndex(self._encoder, nodes, self._width)


def build(argument: str | None = None, *, encoder: Encoder, **_: object) -> Cascade:
    """The retriever over an encoder; the argument is how many passages a question may encode, else the encoder says."""
    if argument is not None and not argument.isdigit():
        raise ConfigError(f"the retriever cascade takes a number of passages, such as cascade/64, not {argument!r}")
    return Cascade(encoder, int(argument) if argument else None)
