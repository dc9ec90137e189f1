"""Plans and embedding models of LlamaIndex: a query with a plan, a planner of the stack, and an encoder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from llama_index.core import Settings
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import LLM
from llama_index.core.schema import QueryBundle

from hiercomp.config import Config
from hiercomp.errors import ConfigError
from hiercomp.integrations._embedding import StackEncoder, label_of
from hiercomp.integrations._planning import Lines, function_planner, model_planner
from hiercomp.integrations.llama_index._llm import LlamaIndexReader
from hiercomp.ports import Planner

Planning = Lines | LLM | Literal["llm"]
"""A function from a question to a list of lines, a model of LlamaIndex, or `llm` for the model of the stack."""


@dataclass
class PlannedQuery(QueryBundle):
    """A query with its plan: lines that name the evidence to find, in the words that a document would use for it.

    Every query engine and retriever of LlamaIndex takes it in place of the question.
    """

    plan: list[str] = field(default_factory=list)


def plan_of(query_bundle: QueryBundle | None) -> list[str] | None:
    """Return the plan that a query carries, or None if it carries none."""
    return query_bundle.plan or None if isinstance(query_bundle, PlannedQuery) else None


def planner_of(planner: Planning | None, config: Config, own: LLM | None = None) -> Planner | None:
    """Return the planner of an adapter, or None for the planner of the settings.

    Args:
        planner: The option of the adapter.
        config: The settings.
        own: The model of the adapter itself. `llm` names it, or else `Settings.llm`.

    Raises:
        ConfigError: the option is nothing of the kind.
    """
    if planner is None:
        return None
    if planner == "llm":
        return model_planner(lambda: LlamaIndexReader(own or Settings.llm, config), config)
    if isinstance(planner, LLM):
        model = planner
        return model_planner(lambda: LlamaIndexReader(model, config), config)
    if callable(planner):
        return function_planner(planner, config)
    raise ConfigError(f"a planner is a function, a model of LlamaIndex or 'llm', not {planner!r}")


def encoder_of(embedding: BaseEmbedding | None) -> StackEncoder | None:
    """Return an embedding model as an encoder, or None for the encoder of the settings."""
    if embedding is None:
        return None
    return StackEncoder(label_of(embedding), embedding.get_query_embedding, embedding.get_text_embedding_batch)
