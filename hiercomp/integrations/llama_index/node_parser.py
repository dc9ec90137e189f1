"""Parse documents into LlamaIndex nodes: the document, its sections, and their passages."""

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
from hiercomp.integrations.llama_index._layout import PAGE, SECTION, node_id, replace_surrogates, to_hiercomp
from hiercomp.integrations.llama_index._nodes import text_of
from hiercomp.types import DOCUMENT, LEVEL_NAMES, PASSAGE, Document, Hierarchy, Node, Span
from hiercomp.types import SECTION as SECTION_LEVEL


class HiercompNodeParser(NodeParser):
    """A node parser that makes a node for each document, then nodes for its sections, then nodes for their passages.

    A node's text is one span of the document and starts at `start_char_idx`. Sections follow the document's headings.
    `get_leaf_nodes` returns the passages, for a vector store. All nodes belong in the docstore that
    `AutoMergingRetriever` reads. Ids derive from the document's id. Nodes without text are returned unchanged.
    """

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex stores the class."""
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
                for index, parsed_node in enumerate(tree.nodes):
                    parsed_node.id_ = self.id_func(index, node)
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
        """Return the nodes unchanged: they have their positions, which LlamaIndex would search for."""
        return nodes


@dataclass(frozen=True, slots=True)
class Tree:
    """The LlamaIndex nodes of a document, and the nodes of the hierarchy that they were made from, parents first."""

    source: BaseNode
    originals: tuple[Node, ...]
    nodes: tuple[TextNode, ...]

    def relate(self, *, siblings: bool) -> None:
        """Set the relationships between nodes. With `siblings`, link each node to the next on its level too."""
        source = self.source.source_node or _related(self.source)
        related = {original.id: node.as_related_node_info() for original, node in self.pairs()}
        for original, node in self.pairs():
            node.relationships[NodeRelationship.SOURCE] = source
            if parent := related.get(original.parent_id or ""):
                node.relationships[NodeRelationship.PARENT] = parent
            if children := [related[child_id] for child_id in original.child_ids if child_id in related]:
                node.relationships[NodeRelationship.CHILD] = children
        for level in (SECTION_LEVEL, PASSAGE) if siblings else ():
            row = [(node, related[original.id]) for original, node in self.pairs() if original.level == level]
            for (before, before_info), (after, after_info) in pairwise(row):
                before.relationships[NodeRelationship.NEXT] = after_info
                after.relationships[NodeRelationship.PREVIOUS] = before_info

    def pairs(self) -> Iterator[tuple[Node, TextNode]]:
        """Yield each node of the hierarchy with its LlamaIndex node."""
        return zip(self.originals, self.nodes, strict=True)


def nodes_of(source: BaseNode, hierarchy: Hierarchy, document: Document, *, inherit: bool = True) -> Tree:
    """Build the LlamaIndex nodes of a document, without relationships. Nodes without text are skipped."""
    metadata = {key: value for key, value in source.metadata.items() if key != KEY} if inherit else {}
    of_document = (node for node in hierarchy.nodes if node.document_id == document.id)
    originals = tuple(node for node in of_document if node.span.of(document.text).strip())
    return Tree(source, originals, tuple(_node(original, document, source, metadata) for original in originals))


def _node(original: Node, document: Document, source: BaseNode, metadata: Mapping[str, Any]) -> TextNode:
    span = _strip(original.span, document.text)
    added = {PAGE: _pages(span, document), SECTION: original.title if original.level < DOCUMENT else ""}
    return TextNode(
        id_=node_id(source.node_id, LEVEL_NAMES[original.level], span.start, span.end),
        text=replace_surrogates(span.of(document.text)),
        start_char_idx=span.start,
        end_char_idx=span.end,
        metadata={**metadata, **{key: value for key, value in added.items() if value}},
        excluded_embed_metadata_keys=list(source.excluded_embed_metadata_keys),
        excluded_llm_metadata_keys=list(source.excluded_llm_metadata_keys),
        metadata_separator=source.metadata_separator,
        metadata_template=source.metadata_template,
        text_template=getattr(source, "text_template", TextNode.model_fields["text_template"].default),
    )


def _strip(span: Span, text: str) -> Span:
    """Return a span without the white space at its ends."""
    covered = span.of(text)
    return Span(span.start + len(covered) - len(covered.lstrip()), span.start + len(covered.rstrip()))


def _pages(span: Span, document: Document) -> str:
    """Return the page of a span, or its first and last page, such as `3-5`."""
    pages = dict.fromkeys((document.page_at(span.start), document.page_at(max(span.start, span.end - 1))))
    return "-".join(str(page) for page in pages if page is not None)


def _related(source: BaseNode) -> RelatedNodeInfo:
    """Return a reference to a document, without its layout: every node would repeat it."""
    info = source.as_related_node_info()
    return info.model_copy(update={"metadata": {key: value for key, value in info.metadata.items() if key != KEY}})
