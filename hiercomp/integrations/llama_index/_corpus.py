"""A corpus to search: files, documents or nodes, and the LlamaIndex nodes that represent their passages."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llama_index.core.indices.base import BaseIndex
from llama_index.core.schema import BaseNode, NodeRelationship, NodeWithScore
from llama_index.core.schema import Document as LlamaIndexDocument

from hiercomp.asynchronous import AsyncPipeline
from hiercomp.building import Lazy
from hiercomp.chat.texts import Excerpt
from hiercomp.config import Config
from hiercomp.errors import ConfigError
from hiercomp.integrations._provenance import KEY
from hiercomp.integrations.llama_index._layout import to_hiercomp, to_llama_index
from hiercomp.integrations.llama_index._nodes import excerpted, text_of
from hiercomp.integrations.llama_index.node_parser import nodes_of
from hiercomp.pipeline import Pipeline
from hiercomp.ports import LLM, Encoder, Planner, Tokenizer
from hiercomp.types import PASSAGE, Document, Hierarchy, Part, Ranking, Span

Sources = str | Path | Document | BaseNode | BaseIndex[Any] | Sequence[str | Path | Document | BaseNode]
"""A file, a glob, a folder, a text, a document (of hiercomp or LlamaIndex), a node, an index, or a list of these."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A node that can be found, and the span of the document that its text covers."""

    node: BaseNode
    document_id: str
    span: Span


@dataclass(frozen=True, slots=True)
class Found:
    """A unit, the excerpt of its text, and the probability that it holds evidence."""

    unit: Unit
    excerpt: Excerpt
    score: float

    def node(self, tokenizer: Tokenizer) -> NodeWithScore:
        """Return the node as a retriever returns it. Its metadata holds the spans in its document too."""
        copy = excerpted(self.unit.node, self.excerpt, tokenizer)
        start = self.unit.span.start
        copy.metadata[KEY]["document_spans"] = [[start + span.start, start + span.end] for span in self.excerpt.spans]
        return NodeWithScore(node=copy, score=self.score)


@dataclass(frozen=True, slots=True)
class Stack:
    """The models of the user's stack that a pipeline uses instead of those of its settings."""

    reader: LLM | None = None
    encoder: Encoder | None = None
    planner: Planner | None = None


class Corpus:
    """Sources and the pipeline over them. Each passage of a file or a document is a unit, and so is each given node."""

    def __init__(self, sources: Sources, config: Config, stack: Stack) -> None:
        given: dict[str, tuple[Document, BaseNode]] = {}
        others: list[str | Path | Document] = []
        for item in _items(sources):
            if not isinstance(item, BaseNode):
                others.append(item)
            elif text_of(item).strip():
                document = to_hiercomp(item)
                given.setdefault(document.id, (document, item))
        documents = [document for document, _ in given.values()]
        self.asynchronous = AsyncPipeline(
            [*documents, *others], config=config, reader=stack.reader, encoder=stack.encoder, planner=stack.planner
        )
        self.units: tuple[Unit, ...] = ()
        if documents or others:
            nodes = {document_id: node for document_id, (_, node) in given.items()}
            self.units = tuple(_units(self.pipeline.hierarchy, nodes))
        self._ranks = {unit.document_id: rank for rank, unit in enumerate(self.units)}
        self._starts = [(self._ranks[unit.document_id], unit.span.start) for unit in self.units]

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline with blocking methods."""
        return self.asynchronous.pipeline

    def finder(self, ranking: Ranking) -> Callable[[Sequence[Part]], list[Found]]:
        """Return a function that groups the parts of a context by unit, most probable unit first."""
        scores: dict[int, float] = {}
        hierarchy = self.pipeline.hierarchy
        for hit in ranking.hits:
            node = hierarchy.node(hit.node_id)
            if node.sentences:
                scores.setdefault(self._place(node.document_id, node.sentences[0].start), hit.probability)

        def find(parts: Sequence[Part]) -> list[Found]:
            spans: dict[int, list[Span]] = {}
            for part in parts:
                for span in part.spans:
                    place = self._place(part.document_id, span.start)
                    start = self.units[place].span.start
                    spans.setdefault(place, []).append(Span(span.start - start, span.end - start))
            return [
                Found(unit, Excerpt.of(text_of(unit.node), spans[place]), scores[place])
                for place in sorted(spans, key=lambda place: (-scores[place], place))
                for unit in [self.units[place]]
            ]

        return find

    def _place(self, document_id: str, position: int) -> int:
        """Return the index of the unit that contains a position of a document."""
        return bisect_right(self._starts, (self._ranks[document_id], position)) - 1


class LazyCorpus:
    """A corpus that is read at its first use, once for all threads."""

    def __init__(self, sources: Sources, config: Config, stack: Stack) -> None:
        self._corpus = Lazy(lambda: Corpus(sources, config, stack))

    def __call__(self) -> Corpus:
        """Return the corpus."""
        return self._corpus()

    def close(self) -> None:
        """Close the store, if the corpus has been read."""
        if self._corpus.is_built:
            self._corpus().pipeline.close()


def _items(sources: Sources) -> Iterator[str | Path | Document | BaseNode]:
    if isinstance(sources, BaseIndex):
        yield from _leaves(sources)
    elif isinstance(sources, str | Path | Document | BaseNode):
        yield sources
    else:
        yield from sources


def _leaves(index: BaseIndex[Any]) -> Iterator[BaseNode]:
    """Yield the nodes of an index that have no children."""
    nodes: Sequence[BaseNode] = list(index.docstore.docs.values())
    if not nodes and (store := getattr(index, "vector_store", None)) is not None and store.stores_text:
        try:
            nodes = store.get_nodes()
        except NotImplementedError as error:
            name = type(store).__name__
            raise ConfigError(f"{name} cannot list its nodes; pass the nodes instead of the index") from error
    return (node for node in nodes if NodeRelationship.CHILD not in node.relationships)


def _units(hierarchy: Hierarchy, nodes: Mapping[str, BaseNode]) -> Iterator[Unit]:
    """Yield the units of documents, in document order."""
    for document in hierarchy.documents:
        node = nodes.get(document.id)
        if node is not None and not isinstance(node, LlamaIndexDocument):
            yield Unit(node, document.id, Span(0, len(document.text)))
            continue
        tree = nodes_of(node or to_llama_index(document), hierarchy, document)
        tree.relate(siblings=True)
        for part, passage in tree.pairs():
            if part.level == PASSAGE:
                yield Unit(passage, document.id, Span(passage.start_char_idx or 0, passage.end_char_idx or 0))
