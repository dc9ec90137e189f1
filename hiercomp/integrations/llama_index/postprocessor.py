"""Cut nodes to a budget: retrieved nodes before a response is synthesized, and nodes before they are embedded."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import ConfigDict, Field, PrivateAttr, model_validator
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import BaseNode, MetadataMode, NodeWithScore, QueryBundle, TransformComponent

from hiercomp.cancellation import in_thread
from hiercomp.chat.texts import NO_HINTS, Excerpt, Hints, Kept, Selection, select
from hiercomp.config import Config, read_settings
from hiercomp.errors import BudgetError
from hiercomp.integrations._embedding import StackEncoder
from hiercomp.integrations._provenance import KEY
from hiercomp.integrations.llama_index._nodes import content_with, excerpted, text_of, tokens_of
from hiercomp.integrations.llama_index._planned import Planning, encoder_of, plan_of, planner_of
from hiercomp.integrations.llama_index.events import Compression
from hiercomp.pipeline import Pipeline
from hiercomp.ports import Planner, Tokenizer
from hiercomp.types import Span, TokenBudget

STRICT = ConfigDict(extra="forbid", validate_assignment=True)


class HiercompPostprocessor(BaseNodePostprocessor):
    """A postprocessor that cuts nodes to the sentences that answer the question, within one budget for all nodes.

    Nodes without such sentences are dropped. The budget bounds the contents that a response synthesizer reads, metadata
    included. The nodes' scores count: the better its rank among them, the more probably a node holds evidence.
    `settings` are fields of `hiercomp.Config`. `planner` writes the plan of a question that is no `PlannedQuery`, and
    `embedding` encodes the nodes; both replace those of the settings, and neither is stored with the postprocessor.
    """

    model_config = STRICT
    budget: TokenBudget
    settings: dict[str, Any] = Field(default_factory=dict)
    planner: Planning | None = Field(default=None, exclude=True)
    embedding: BaseEmbedding | None = Field(default=None, exclude=True)
    _config: Config = PrivateAttr()
    _planner: Planner | None = PrivateAttr()
    _encoder: StackEncoder | None = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        """Validate the settings when they are set, not when they are first used."""
        self._config = read_settings({**self.settings, "budget": self.budget}).config
        self._planner = planner_of(self.planner, self._config)
        self._encoder = encoder_of(self.embedding)
        return self

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex stores the class."""
        return "HiercompPostprocessor"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        question = query_bundle.query_str if query_bundle else None
        compression = Compression(question, self._config.budget)
        originals = [scored.node for scored in nodes]
        hints = Hints(
            scores=[scored.score for scored in nodes],
            plan=plan_of(query_bundle),
            planner=self._planner,
            encoder=self._encoder,
        )
        selection = _select(originals, question, self._config, MetadataMode.LLM, hints)
        kept = [
            scored.model_copy(update={"node": excerpted(scored.node, excerpt, selection.tokenizer)})
            for scored, excerpt in zip(nodes, selection.excerpts, strict=True)
            if excerpt is not None
        ]
        plan = selection.run.plan if selection.run else None
        compression.end(selection.original_tokens, selection.tokens, kept=len(kept), total=len(nodes), plan=plan)
        return kept

    async def _apostprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        return await in_thread(self._postprocess_nodes, nodes, query_bundle)


class HiercompTransform(TransformComponent):
    """A transformation that cuts each node to its most representative sentences, to fit an embedding model's window.

    The budget bounds one node as the embedding model reads it, metadata included. An embedding model ignores a text
    beyond its window, for example after 256 tokens; this transformation chooses the sentences instead. `settings` are
    fields of `hiercomp.Config`.
    """

    model_config = STRICT
    budget: int
    settings: dict[str, Any] = Field(default_factory=dict)
    _config: Config = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        """Validate the settings when they are set, not when they are first used."""
        self._config = read_settings({**self.settings, "budget": self.budget}).config
        return self

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex stores the class."""
        return "HiercompTransform"

    def __call__(self, nodes: Sequence[BaseNode], **_: object) -> list[BaseNode]:
        """Return a copy of each node, in their given order.

        If no sentence of a node fits, its beginning is kept. `metadata["hiercomp"]` is JSON text, because some vector
        stores accept only texts and numbers as metadata.

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
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self.__call__, nodes, **options)

    def _cut(self, node: BaseNode) -> Selection:
        """Select whole sentences of a node, or else as many words from its beginning as fit."""
        try:
            return _select([node], None, self._config, MetadataMode.EMBED)
        except BudgetError as error:
            return _beginning(node, self._config, self.budget, error)


def _select(
    nodes: Sequence[BaseNode], question: str | None, config: Config, mode: MetadataMode, hints: Hints = NO_HINTS
) -> Selection:
    """Select from the texts of nodes. Tokens are counted for the contents of a metadata mode."""

    def measure(tokenizer: Tokenizer, kept: Kept) -> int:
        pairs = zip(nodes, kept, strict=True)
        return tokens_of(
            tokenizer, (content_with(node, excerpt.text, mode) for node, excerpt in pairs if excerpt is not None)
        )

    return select(
        [text_of(node) for node in nodes],
        question,
        budget=config.budget,
        config=config,
        hints=replace(hints, metadata_texts=[node.get_metadata_str(mode) for node in nodes]),
        measure=measure,
    )


def _beginning(node: BaseNode, config: Config, budget: int, error: BudgetError) -> Selection:
    """Keep as many words from the beginning of a node as fit, or characters if the first word is too long."""
    text = text_of(node)
    with Pipeline([], config=config) as pipeline:
        tokenizer = pipeline.tokenizer

    def tokens_up_to(end: int) -> int:
        return tokens_of(tokenizer, [content_with(node, text[:end], MetadataMode.EMBED)])

    for ends in ([word.end() for word in re.finditer(r"\S+", text)], range(1, len(text) + 1)):
        fitting = bisect_right(ends, budget, key=tokens_up_to)
        if fitting and text[: ends[fitting - 1]].strip():
            end = ends[fitting - 1]
            return Selection(
                (Excerpt.of(text, [Span(0, end)]),), tokens_up_to(len(text)), tokens_up_to(end), tokenizer, None
            )
    raise error
