"""Helpers for LlamaIndex nodes: their text, the content that a reader sees, and copies with a shorter text."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import TypeVar

from llama_index.core.schema import BaseNode, ImageNode, IndexNode, MetadataMode, Node, TextNode

from hiercomp.chat.texts import SEPARATOR, Excerpt
from hiercomp.integrations._provenance import KEY, provenance
from hiercomp.ports import Tokenizer

AnyNode = TypeVar("AnyNode", bound=BaseNode)


def text_of(node: BaseNode) -> str:
    """Return the text that can be cut. It is empty for a node with an image, audio or video, which stays whole."""
    if isinstance(node, ImageNode):
        return ""
    if isinstance(node, Node) and (node.image_resource or node.audio_resource or node.video_resource):
        return ""
    return node.get_content(MetadataMode.NONE)


def content_with(node: BaseNode, text: str, mode: MetadataMode = MetadataMode.LLM) -> str:
    """Return the content that a reader sees of a node, metadata included, if `text` replaces the node's text."""
    if text != text_of(node):
        node = node.model_copy()
        _set_text(node, text)
    return node.get_content(mode)


def tokens_of(tokenizer: Tokenizer, contents: Iterable[str]) -> int:
    """Count the tokens of contents as a response synthesizer joins them: with empty lines between them.

    Some synthesizers strip the contents first, which can cost a token more. The larger count is returned.
    """
    unchanged = list(contents)
    stripped = [content.strip() for content in unchanged if content.strip()]
    return max(tokenizer.count(text) for text in {SEPARATOR.join(unchanged), SEPARATOR.join(stripped)})


def excerpted(node: AnyNode, excerpt: Excerpt, tokenizer: Tokenizer) -> AnyNode:
    """Return a copy of a node with an excerpt as its text.

    If the text is shorter than before, the embedding and the character positions are removed.
    """
    text = text_of(node)
    # The object of an index node, such as a retriever, can be large or impossible to copy. So it is shared.
    copy = deepcopy(node, {id(node.obj): node.obj} if isinstance(node, IndexNode) else None)
    copy.metadata = {**copy.metadata, KEY: provenance(text, excerpt, node.metadata, tokenizer)}
    hide(copy)
    if excerpt.text != text:
        _set_text(copy, excerpt.text)
        copy.embedding = None
        if isinstance(copy, TextNode):
            copy.start_char_idx = copy.end_char_idx = None
    return copy


def hide(node: BaseNode) -> None:
    """Hide hiercomp's metadata from language models and embedding models."""
    for keys in (node.excluded_llm_metadata_keys, node.excluded_embed_metadata_keys):
        if KEY not in keys:
            keys.append(KEY)


def _set_text(node: BaseNode, text: str) -> None:
    if isinstance(node, Node) and node.text_resource:  # `set_content` would drop the path of the text
        node.text_resource = node.text_resource.model_copy(update={"text": text, "embeddings": None})
    else:
        node.set_content(text)
