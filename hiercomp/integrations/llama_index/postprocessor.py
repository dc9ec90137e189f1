"""Nodes that somebody else found, within a budget: before a response is synthesized, and before they are embedded."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Self

from llama_index.core.bridge.pydantic import ConfigDict, Field, PrivateAttr, model_validator
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import BaseNode, MetadataMode, NodeWithScore, QueryBundle, TransformComponent

from hiercomp.cancellation import in_thread
from hiercomp.chat.texts import Excerpt, Kept, Selection, select
from hiercomp.config import Config, read_settings
from hiercomp.errors import BudgetError
from hiercomp.integrations._provenance import KEY
from hiercomp.integrations.llama_index._nodes import excerpted, shown, text_of, tokens_of
from hiercomp.integrations.llama_index.events import Compression
from hiercomp.pipeline import Limit, Pipeline
from hiercomp.ports import Tokenizer
from hiercomp.types import Span

STRICT = ConfigDict(extra="forbid", validate_assignment=True)


class HiercompPostprocessor(BaseNodePostprocessor):
    """Cuts nodes to what serves the question, within one budget for all of them; those left with nothing go.

    The budget bounds what a response synthesizer reads of the nodes, metadata included. `settings` are fields of
    `hiercomp.Config`.
    """

    model_config = STRICT
    budget: Limit
    settings: dict[str, Any] = Field(default_factory=dict)
    _config: Config = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        """Reads the settings when they are set, so that a wrong one is refused then."""
        self._config = read_settings({**self.settings, "budget": self.budget}).config
        return self

    @classmethod
    def class_name(cls) -> str:
        """What a stored pipeline knows the class by."""
        return "HiercompPostprocessor"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        question = query_bundle.query_str if query_bundle else None
        compression = Compression(question, self._config.budget)
        given = [scored.node for scored in nodes]
        selection = _select(given, question, self._config, MetadataMode.LLM)
        kept = [
            scored.model_copy(update={"node": excerpted(scored.node, excerpt, selection.tokenizer)})
            for scored, excerpt in zip(nodes, selection.excerpts, strict=True)
            if excerpt is not None
        ]
        compression.end(selection.original_tokens, selection.tokens, kept=len(kept), total=len(nodes))
        return kept

    async def _apostprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        return await in_thread(self._postprocess_nodes, nodes, query_bundle)


class HiercompTransform(TransformComponent):
    """Cuts each node to the sentences that say most of it, so that an embedding model reads all that is left.

    The budget is that of one node, metadata included, as the embedding model reads it: what a model with a window of
    256 tokens would cut off at the end is chosen instead. `settings` are fields of `hiercomp.Config`.
    """

    model_config = STRICT
    budget: int
    settings: dict[str, Any] = Field(default_factory=dict)
    _config: Config = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        """Reads the settings when they are set, so that a wrong one is refused then."""
        self._config = read_settings({**self.settings, "budget": self.budget}).config
        return self

    @classmethod
    def class_name(cls) -> str:
        """What a stored pipeline knows the class by."""
        return "HiercompTransform"

    def __call__(self, nodes: Sequence[BaseNode], **_: object) -> list[BaseNode]:
        """Copies of the nodes in the order given, none dropped, with `metadata["hiercomp"]` as text.

        Some vector stores take nothing but texts and numbers as metadata. Where no sentence of a node fits, its
        beginning is kept.

        Raises:
            BudgetError: a node's metadata does not fit.
        """
        compression = Compression(None, self.budget)
        kept: list[BaseNode] = []
        before = after = 0
        for node in nodes:
            selection = self._cut(node)
            excerpt = selection.excerpts[0] or Excerpt.whole("")
            copy = excerpted(node, excerpt, selection.tokenizer)
            copy.metadata = {**copy.metadata, KEY: json.dumps(copy.metadata[KEY])}
            kept.append(copy)
            before, after = before + selection.original_tokens, after + selection.tokens
        compression.end(before, after, kept=len(kept), total=len(nodes))
        return kept

    async def acall(self, nodes: Sequence[BaseNode], **options: object) -> list[BaseNode]:
        """The same, off the event loop."""
        return await in_thread(self.__call__, nodes, **options)

    def _cut(self, node: BaseNode) -> Selection:
        """What is left of a node: whole sentences, or else as many words as fit."""
        try:
            return _select([node], None, self._config, MetadataMode.EMBED)
        except BudgetError as error:
            return _beginning(node, self._config, self.budget, error)


def _select(nodes: Sequence[BaseNode], question: str | None, config: Config, mode: MetadataMode) -> Selection:
    """What is left of the nodes' texts, counted as they are read in a mode."""

    def measure(tokenizer: Tokenizer, kept: Kept) -> int:
        pairs = zip(nodes, kept, strict=True)
        return tokens_of(tokenizer, (shown(node, excerpt.text, mode) for node, excerpt in pairs if excerpt is not None))

    return select(
        [text_of(node) for node in nodes],
        question,
        budget=config.budget,
        config=config,
        frames=[node.get_metadata_str(mode) for node in nodes],
        measure=measure,
    )


def _beginning(node: BaseNode, config: Config, budget: int, error: BudgetError) -> Selection:
    """The words with which a node begins, or the characters of the first, as many as fit."""
    text = text_of(node)
    with Pipeline([], config=config) as pipeline:
        tokenizer = pipeline.tokenizer

    def tokens(end: int) -> int:
        return tokens_of(tokenizer, [shown(node, text[:end], MetadataMode.EMBED)])

    for ends in ([word.end() for word in re.finditer(r"\S+", text)], range(1, len(text) + 1)):
        fitting = bisect_right(ends, budget, key=tokens)
        if fitting and text[: ends[fitting - 1]].strip():
            end = ends[fitting - 1]
            return Selection((Excerpt.of(text, [Span(0, end)]),), tokens(len(text)), tokens(end), tokenizer, None)
    raise error
