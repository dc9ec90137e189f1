"""Hierarchies and token vectors as bytes.

A hierarchy is compressed JSON, stored by columns. Positions are flat lists of numbers. The text of a node is left out
if it equals the document's text at the node's span. The vector of a text is stored as float32. Each number of a token's
vector is stored as one byte: its ratio to the largest number of that vector.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np

from hiercomp.ports import TokenVectors
from hiercomp.types import Document, Heading, Hierarchy, Node, Page, Span

_SHAPE = struct.Struct("<II")
_COMPRESSION_LEVEL = 1  # shrinks text to about 40 %, ten times faster than the highest level


def dump(hierarchy: Hierarchy) -> bytes:
    """Return a hierarchy and its documents as bytes. Every text is kept exactly, lone surrogates included."""
    columns = {
        "documents": [document_columns(document) for document in hierarchy.documents],
        "nodes": _node_columns(hierarchy),
    }
    text = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "surrogatepass"), _COMPRESSION_LEVEL)


def load(data: bytes) -> Hierarchy:
    """Return the hierarchy that `dump` wrote.

    Raises:
        ValueError: `dump` did not write these bytes.
    """
    try:
        columns = json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
        documents = tuple(document_of(row) for row in columns["documents"])
        return Hierarchy(documents, tuple(_nodes(columns["nodes"], documents)))
    except (zlib.error, LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"not a stored hierarchy: {error}") from error


def document_columns(document: Document) -> dict[str, object]:
    """Return a document as values that JSON can hold."""
    return {
        "text": document.text,
        "source": document.source,
        "title": document.title,
        "page_numbers": [page.number for page in document.pages],
        "pages": _flat(page.span for page in document.pages),
        "page_labels": [page.label for page in document.pages],
        "heading_titles": [heading.title for heading in document.headings],
        "heading_depths": [heading.depth for heading in document.headings],
        "headings": _flat(heading.span for heading in document.headings),
        "furniture": _flat(document.furniture),
        "omissions": document.omissions,
        "attachments": [document_columns(attachment) for attachment in document.attachments],
    }


def document_of(columns: dict[str, Any]) -> Document:
    """Return the document that `document_columns` describes."""
    return Document(
        text=columns["text"],
        source=columns["source"],
        title=columns["title"],
        pages=tuple(map(Page, columns["page_numbers"], _spans(columns["pages"]), columns["page_labels"])),
        headings=tuple(map(Heading, columns["heading_titles"], columns["heading_depths"], _spans(columns["headings"]))),
        furniture=tuple(_spans(columns["furniture"])),
        omissions=tuple(columns["omissions"]),
        attachments=tuple(map(document_of, columns["attachments"])),
    )


def _node_columns(hierarchy: Hierarchy) -> dict[str, object]:
    nodes = hierarchy.nodes
    texts = {document.id: document.text for document in hierarchy.documents}
    own = [node.text == node.span.of(texts.get(node.document_id, "")) for node in nodes]
    return {
        "ids": [node.id for node in nodes],
        "document_ids": [node.document_id for node in nodes],
        "levels": [node.level for node in nodes],
        "titles": [node.title for node in nodes],
        "spans": _flat(node.span for node in nodes),
        "texts": [None if is_own else node.text for node, is_own in zip(nodes, own, strict=True)],
        "sentence_counts": [len(node.sentences) for node in nodes],
        "sentences": _flat(chain.from_iterable(node.sentences for node in nodes)),
        "parent_ids": [node.parent_id for node in nodes],
        "child_ids": [node.child_ids for node in nodes],
        "authors": [node.author for node in nodes],
    }


def _nodes(columns: dict[str, Any], documents: Sequence[Document]) -> Iterator[Node]:
    texts = {document.id: document.text for document in documents}
    sentences = _spans(columns["sentences"])
    spans = _spans(columns["spans"])
    names = ("ids", "document_ids", "levels", "titles", "texts", "sentence_counts", "parent_ids", "child_ids")
    # Caches from before nodes had authors lack this column.
    authors = columns.get("authors", [None] * len(columns["ids"]))
    for row in zip(*(columns[name] for name in names), authors, strict=True):
        node_id, document_id, level, title, text, count, parent_id, child_ids, author = row
        span = next(spans)
        yield Node(
            id=node_id,
            document_id=document_id,
            level=level,
            title=title,
            span=span,
            text=span.of(texts.get(document_id, "")) if text is None else text,
            sentences=tuple(islice(sentences, count)),
            parent_id=parent_id,
            child_ids=tuple(child_ids),
            author=author,
        )


def _flat(spans: Iterable[Span]) -> list[int]:
    return list(chain.from_iterable((span.start, span.end) for span in spans))


def _spans(numbers: Sequence[int]) -> Iterator[Span]:
    return map(Span, numbers[::2], numbers[1::2])


def dump_tokens(tokens: TokenVectors) -> bytes:
    """Return the vectors of a text and of its tokens as bytes. The tokens' vectors lose precision."""
    greatest = np.abs(tokens.rows).max(axis=1, keepdims=True, initial=1e-9)
    ratios = np.rint(tokens.rows / greatest * 127).astype(np.int8)
    # Multiplying by the scale brings a row of bytes to unit length.
    scale = 1 / np.linalg.norm(ratios.astype("<f4"), axis=1, keepdims=True)
    columns = (tokens.vector.astype("<f4"), tokens.spans.astype("<i4"), scale, ratios)
    return _SHAPE.pack(*ratios.shape) + b"".join(column.tobytes() for column in columns)


def load_tokens(data: bytes) -> TokenVectors:
    """Return the vectors that `dump_tokens` wrote. The tokens' vectors have unit length again.

    Raises:
        ValueError: `dump_tokens` did not write these bytes.
    """
    if len(data) < _SHAPE.size:
        raise ValueError(f"not stored token vectors: {len(data)} bytes")
    count, dimension = _SHAPE.unpack_from(data)
    position = _SHAPE.size
    columns = []
    for kind, shape in (("<f4", (dimension,)), ("<i4", (count, 2)), ("<f4", (count, 1)), ("i1", (count, dimension))):
        size = shape[0] * (shape[1] if len(shape) == 2 else 1)
        columns.append(np.frombuffer(data, dtype=kind, count=size, offset=position).reshape(shape))
        position += size * np.dtype(kind).itemsize
    vector, spans, scale, ratios = columns
    rows = np.multiply(ratios, scale, dtype=np.float32)
    return TokenVectors(vector.astype(np.float32), spans.astype(np.int32), rows)
