"""Documents as LlamaIndex's nodes: the document, its sections, their passages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from llama_index.core.node_parser import NodeParser
from llama_index.core.node_parser.node_utils import default_id_func
from llama_index.core.schema import BaseNode, NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.schema import Document as LlamaIndexDocument
from llama_index.core.utils import get_tqdm_iterable

from hiercomp.hierarchy import build_hierarchy
from hiercomp.integrations._provenance import KEY
from hiercomp.integrations.llama_index._layout import PAGE, SECTION, node_id, to_hiercomp, valid
from hiercomp.integrations.llama_index._nodes import text_of
from hiercomp.types import DOCUMENT, LEVEL_NAMES, PASSAGE, Document, Hierarchy, Node, Span
from hiercomp.types import SECTION as SECTION_LEVEL


class HiercompNodeParser(NodeParser):
    """Makes of each document a node for the whole, nodes for its sections, and nodes for their passages, in this order.

    A node's text is an unbroken stretch of the document, at `start_char_idx`; sections follow the document's own
    headings. Passages are the leaves of `get_leaf_nodes`, for a vector store; all nodes go into the docstore that
    `AutoMergingRetriever` reads. Ids follow from the document's id. Nodes without text come back as they are.
    """

    @classmethod
    def class_name(cls) -> str:
        """What a stored pipeline knows the class by."""
        return "HiercompNodeParser"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **_: object) -> list[BaseNode]:
        parsed: list[BaseNode] = []
        for node in get_tqdm_iterable(nodes, show_progress, "Parsing nodes"):
            if not text_of(node).strip():
                parsed.append(node)
                continue
            document = to_hiercomp(node)
            tree = nodes_of(node, build_hierarchy(document), document, inherit=self.include_metadata)
            if self.id_func is not default_id_func:
                for place, each in enumerate(tree.nodes):
                    each.id_ = self.id_func(place, node)
            tree.relate(siblings=self.include_prev_next_rel)
            parsed += tree.nodes
        return parsed

    async def _aparse_nodes(
        self, nodes: Sequence[BaseNode], show_progress: bool = False, **options: object
    ) -> list[BaseNode]:
        return await asyncio.to_thread(self._parse_nodes, nodes, show_progress, **options)

    def _postprocess_parsed_nodes(
        self, nodes: list[BaseNode], parent_doc_map: dict[str, LlamaIndexDocument]
    ) -> list[BaseNode]:
        """Nothing is left to do: places are known, where the framework would search for them."""
        return nodes


@dataclass(frozen=True, slots=True)
class Tree:
    """The nodes of a document, and what each was made of, parents first."""

    source: BaseNode
    parts: tuple[Node, ...]
    nodes: tuple[TextNode, ...]

    def relate(self, *, siblings: bool) -> None:
        """Tells the nodes of each other; `siblings`: of those before and after on their level too."""
        source = self.source.source_node or _related(self.source)
        related = {part.id: node.as_related_node_info() for part, node in self.pairs()}
        for part, node in self.pairs():
            node.relationships[NodeRelationship.SOURCE] = source
            if parent := related.get(part.parent_id or ""):
                node.relationships[NodeRelationship.PARENT] = parent
            if children := [related[child_id] for child_id in part.child_ids if child_id in related]:
                node.relationships[NodeRelationship.CHILD] = children
        for level in (SECTION_LEVEL, PASSAGE) if siblings else ():
            row = [(node, related[part.id]) for part, node in self.pairs() if part.level == level]
            for (before, before_info), (after, after_info) in pairwise(row):
                before.relationships[NodeRelationship.NEXT] = after_info
                after.relationships[NodeRelationship.PREVIOUS] = before_info

    def pairs(self) -> Iterator[tuple[Node, TextNode]]:
        """Each part with its node."""
        return zip(self.parts, self.nodes, strict=True)


def nodes_of(source: BaseNode, hierarchy: Hierarchy, document: Document, *, inherit: bool = True) -> Tree:
    """The nodes of a document, not yet related, those without text left out."""
    metadata = {key: value for key, value in source.metadata.items() if key != KEY} if inherit else {}
    own = (part for part in hierarchy.nodes if part.document_id == document.id)
    parts = tuple(part for part in own if part.span.of(document.text).strip())
    return Tree(source, parts, tuple(_node(part, document, source, metadata) for part in parts))


def _node(part: Node, document: Document, source: BaseNode, metadata: Mapping[str, Any]) -> TextNode:
    span = _without_space(part.span, document.text)
    own = {PAGE: _pages(span, document), SECTION: part.title if part.level < DOCUMENT else ""}
    return TextNode(
        id_=node_id(source.node_id, LEVEL_NAMES[part.level], span.start, span.end),
        text=valid(span.of(document.text)),
        start_char_idx=span.start,
        end_char_idx=span.end,
        metadata={**metadata, **{key: value for key, value in own.items() if value}},
        excluded_embed_metadata_keys=list(source.excluded_embed_metadata_keys),
        excluded_llm_metadata_keys=list(source.excluded_llm_metadata_keys),
        metadata_separator=source.metadata_separator,
        metadata_template=source.metadata_template,
        text_template=getattr(source, "text_template", TextNode.model_fields["text_template"].default),
    )


def _without_space(span: Span, text: str) -> Span:
    words = span.of(text)
    return Span(span.start + len(words) - len(words.lstrip()), span.start + len(words.rstrip()))


def _pages(span: Span, document: Document) -> str:
    """The page of a stretch, or its first and last."""
    pages = dict.fromkeys((document.page_at(span.start), document.page_at(max(span.start, span.end - 1))))
    return "-".join(str(page) for page in pages if page is not None)


def _related(source: BaseNode) -> RelatedNodeInfo:
    """A document as its nodes point to it: without its layout, which each would hold again."""
    info = source.as_related_node_info()
    return info.model_copy(update={"metadata": {key: value for key, value in info.metadata.items() if key != KEY}})
