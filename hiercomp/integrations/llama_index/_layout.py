"""Convert documents between LlamaIndex and hiercomp, with pages and headings."""

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
"""Metadata keys. The first two are the keys of LlamaIndex's own readers."""
FILE_KEYS = (FILE, "filename", "file_path", "source")


def node_id(*parts: object) -> str:
    """Return an id that derives from its parts. It is a UUID, because some vector stores accept only UUIDs."""
    return str(uuid5(NAMESPACE_OID, "hiercomp:" + ":".join(map(str, parts))))


def replace_surrogates(text: str) -> str:
    """Replace each lone surrogate by `?`, because LlamaIndex refuses them. Positions stay the same."""
    return text.encode("utf-8", "replace").decode("utf-8")


def to_llama_index(document: Document) -> LlamaIndexDocument:
    """Convert a document to LlamaIndex, with its layout under `metadata["hiercomp"]`, hidden from models.

    The layout is JSON text: splitters copy it to their nodes, and some vector stores accept only text as metadata.
    """
    layout = document_columns(document)
    del layout["text"]
    metadata = {FILE: document.source, KEY: json.dumps({"layout": layout, "characters": len(document.text)})}
    found = LlamaIndexDocument(
        id_=node_id(document.source, document.id), text=replace_surrogates(document.text), metadata=metadata
    )
    hide(found)
    return found


def to_hiercomp(node: BaseNode) -> Document:
    """Convert a node to a document, with its layout if it is known, or else on the page that its metadata names."""
    text = text_of(node)
    if layout := _layout_of(node, len(text)):
        return document_of({"text": text, **layout})
    name = next((str(node.metadata[key]) for key in FILE_KEYS if node.metadata.get(key)), "")
    label = next((str(node.metadata[key]) for key in PAGE_KEYS if key in node.metadata), "")
    pages = (Page(int(label), Span(0, len(text))),) if label.isdecimal() else ()
    return Document(text, source=name or node.node_id, title=name, pages=pages)


def _layout_of(node: BaseNode, characters: int) -> dict[str, Any] | None:
    """Return the layout that a node's metadata holds, if it belongs to a text of so many characters.

    A splitter copies the layout of the whole document to each chunk, where it does not apply.
    """
    value = node.metadata.get(KEY)
    stored = json.loads(value) if isinstance(value, str) and value.startswith('{"layout": ') else {}
    return stored["layout"] if stored.get("characters") == characters else None
