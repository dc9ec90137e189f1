"""LlamaIndex's nodes: the text that may be cut, what a reader sees of them, and copies with less text."""

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
    """The text that may be cut: none of a node with an image, a sound or a video, which is kept as it is."""
    if isinstance(node, ImageNode):
        return ""
    if isinstance(node, Node) and (node.image_resource or node.audio_resource or node.video_resource):
        return ""
    return node.get_content(MetadataMode.NONE)


def shown(node: BaseNode, text: str, mode: MetadataMode = MetadataMode.LLM) -> str:
    """What is read of a node, metadata included, with another text in the place of its own."""
    if text != text_of(node):
        node = node.model_copy()
        _set_text(node, text)
    return node.get_content(mode)


def tokens_of(tokenizer: Tokenizer, contents: Iterable[str]) -> int:
    """The tokens of what a response synthesizer reads: contents with empty lines between them.

    Some synthesizers strip them first, which can take a token more.
    """
    as_given = list(contents)
    stripped = [content.strip() for content in as_given if content.strip()]
    return max(tokenizer.count(text) for text in {SEPARATOR.join(as_given), SEPARATOR.join(stripped)})


def excerpted(node: AnyNode, excerpt: Excerpt, tokenizer: Tokenizer) -> AnyNode:
    """A copy of a node with what is left of its text; what no longer holds of a shorter text is taken away."""
    text = text_of(node)
    # What an index node stands for, such as a retriever, is shared: it is no part of the text.
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
    """Leaves our own metadata out of what language models and embedding models read."""
    for keys in (node.excluded_llm_metadata_keys, node.excluded_embed_metadata_keys):
        if KEY not in keys:
            keys.append(KEY)


def _set_text(node: BaseNode, text: str) -> None:
    if isinstance(node, Node) and node.text_resource:  # `set_content` would forget where the text is from
        node.text_resource = node.text_resource.model_copy(update={"text": text, "embeddings": None})
    else:
        node.set_content(text)
