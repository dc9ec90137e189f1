"""Hierarchies and token vectors as bytes and back.

A hierarchy is JSON of columns, compressed: positions are flat lists of numbers, and a text that is the document's own
is not written again. A component of a token's vector is a byte: its share of the vector's greatest one.
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
_LEVEL = 1  # of compression: text shrinks to about 40 %, ten times faster than the highest


def dump(hierarchy: Hierarchy) -> bytes:
    """A hierarchy with its documents as bytes; any text is kept exactly, lone surrogates too."""
    columns = {
        "documents": [document_columns(document) for document in hierarchy.documents],
        "nodes": _node_columns(hierarchy),
    }
    text = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "surrogatepass"), _LEVEL)


def load(data: bytes) -> Hierarchy:
    """The hierarchy that `dump` wrote.

    Raises:
        ValueError: the bytes are something else.
    """
    try:
        columns = json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
        documents = tuple(document_of(row) for row in columns["documents"])
        return Hierarchy(documents, tuple(_nodes(columns["nodes"], documents)))
    except (zlib.error, LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"not a stored hierarchy: {error}") from error


def document_columns(document: Document) -> dict[str, object]:
    """A document as values of JSON."""
    return {
        "text": document.text,
        "source": document.source,
        "title": document.title,
        "page_numbers": [page.number for page in document.pages],
        "pages": _flat(page.span for page in document.pages),
        "heading_titles": [heading.title for heading in document.headings],
        "heading_depths": [heading.depth for heading in document.headings],
        "headings": _flat(heading.span for heading in document.headings),
        "furniture": _flat(document.furniture),
    }


def document_of(columns: dict[str, Any]) -> Document:
    """The document of `document_columns`."""
    return Document(
        text=columns["text"],
        source=columns["source"],
        title=columns["title"],
        pages=tuple(map(Page, columns["page_numbers"], _spans(columns["pages"]))),
        headings=tuple(map(Heading, columns["heading_titles"], columns["heading_depths"], _spans(columns["headings"]))),
        furniture=tuple(_spans(columns["furniture"])),
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
    }


def _nodes(columns: dict[str, Any], documents: Sequence[Document]) -> Iterator[Node]:
    texts = {document.id: document.text for document in documents}
    sentences = _spans(columns["sentences"])
    spans = _spans(columns["spans"])
    names = ("ids", "document_ids", "levels", "titles", "texts", "sentence_counts", "parent_ids", "child_ids")
    for row in zip(*(columns[name] for name in names), strict=True):
        node_id, document_id, level, title, text, count, parent_id, child_ids = row
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
        )


def _flat(spans: Iterable[Span]) -> list[int]:
    return list(chain.from_iterable((span.start, span.end) for span in spans))


def _spans(numbers: Sequence[int]) -> Iterator[Span]:
    return map(Span, numbers[::2], numbers[1::2])


def dump_tokens(tokens: TokenVectors) -> bytes:
    """The vectors of a text and of its tokens as bytes; those of tokens lose what a byte does not hold."""
    greatest = np.abs(tokens.rows).max(axis=1, keepdims=True, initial=1e-9)
    shares = np.rint(tokens.rows / greatest * 127).astype(np.int8)
    # What brings a row of bytes to unit length.
    scale = 1 / np.linalg.norm(shares.astype("<f4"), axis=1, keepdims=True)
    columns = (tokens.vector.astype("<f4"), tokens.spans.astype("<i4"), scale, shares)
    return _SHAPE.pack(*shares.shape) + b"".join(column.tobytes() for column in columns)


def load_tokens(data: bytes) -> TokenVectors:
    """The vectors that `dump_tokens` wrote, of unit length again.

    Raises:
        ValueError: the bytes are nothing that it wrote.
    """
    if len(data) < _SHAPE.size:
        raise ValueError("not the vectors of tokens")
    count, dimension = _SHAPE.unpack_from(data)
    position = _SHAPE.size
    columns = []
    for kind, shape in (("<f4", (dimension,)), ("<i4", (count, 2)), ("<f4", (count, 1)), ("i1", (count, dimension))):
        size = shape[0] * (shape[1] if len(shape) == 2 else 1)
        columns.append(np.frombuffer(data, dtype=kind, count=size, offset=position).reshape(shape))
        position += size * np.dtype(kind).itemsize
    vector, spans, scale, shares = columns
    return TokenVectors(vector.astype(np.float32), spans.astype(np.int32), np.multiply(shares, scale, dtype=np.float32))
