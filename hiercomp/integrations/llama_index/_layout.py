"""Documents of LlamaIndex as ours and back, pages and headings included."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from llama_index.core.schema import BaseNode
from llama_index.core.schema import Document as LlamaIndexDocument

from hiercomp.integrations._provenance import KEY, PAGE_KEYS
from hiercomp.integrations.llama_index._nodes import hide, text_of
from hiercomp.storage.serialization import document_columns, document_of
from hiercomp.types import Document, Page, Span

PAGE, FILE, SECTION = "page_label", "file_name", "section"
"""Metadata: the first two as LlamaIndex's own readers call them."""
FILE_KEYS = (FILE, "filename", "file_path", "source")


def node_id(*parts: object) -> str:
    """An id that follows from what it is of; some vector stores take nothing but UUIDs."""
    return str(uuid5(NAMESPACE_OID, "hiercomp:" + ":".join(map(str, parts))))


def valid(text: str) -> str:
    """A text with `?` for each lone surrogate, which the framework takes in no text; positions stay."""
    return text.encode("utf-8", "replace").decode("utf-8")


def to_llama_index(document: Document) -> LlamaIndexDocument:
    """A document with its layout under `metadata["hiercomp"]`, hidden from models.

    It is JSON text: splitters hand it to their nodes, and some vector stores take nothing else as metadata.
    """
    layout = document_columns(document)
    del layout["text"]
    metadata = {FILE: document.source, KEY: json.dumps({"layout": layout, "characters": len(document.text)})}
    found = LlamaIndexDocument(id_=node_id(document.source, document.id), text=valid(document.text), metadata=metadata)
    hide(found)
    return found


def to_hiercomp(node: BaseNode) -> Document:
    """The document that a node's text is, with its layout where that is known, else on the page that it names."""
    text = text_of(node)
    if layout := _layout_of(node, len(text)):
        return document_of({"text": text, **layout})
    name = next((str(node.metadata[key]) for key in FILE_KEYS if node.metadata.get(key)), "")
    label = next((str(node.metadata[key]) for key in PAGE_KEYS if key in node.metadata), "")
    pages = (Page(int(label), Span(0, len(text))),) if label.isdecimal() else ()
    return Document(text, source=name or node.node_id, title=name, pages=pages)


def _layout_of(node: BaseNode, characters: int) -> dict[str, Any] | None:
    """The layout of a text of so many characters; a node that is a piece of a document has that of the whole."""
    ours = node.metadata.get(KEY)
    known = json.loads(ours) if isinstance(ours, str) and ours.startswith('{"layout": ') else {}
    return known["layout"] if known.get("characters") == characters else None
