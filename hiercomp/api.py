"""The functions of the package. Each opens a pipeline for one call and closes it.

To ask about the same sources more than once, keep a `Pipeline`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hiercomp.config import Config, read_settings
from hiercomp.pipeline import Pipeline
from hiercomp.sources import Source
from hiercomp.types import Answer, Context, Plan, TokenBudget


def compress(
    source: Source | Sequence[Source],
    question: str | None = None,
    *,
    budget: TokenBudget | None = None,
    plan: Sequence[str] | Plan | None = None,
    **settings: object,
) -> Context:
    """Compress documents into at most `budget` tokens of evidence for a question.

    Args:
        source: A path, a glob, a folder, a text, a `Document`, or several of these.
        question: The question that the text must answer. Without a question, the text is an overview.
        budget: The most tokens of the text, or `auto`; the setting `budget` if not given, which is 4,000 by default.
        plan: The pieces of evidence to find, each in the words that a document would use for it. If it is not given,
            the planner of the settings writes it.
        **settings: Fields of `Config`, such as `tokenizer`, `pages` or `allocator`.

    Raises:
        HiercompError: See `Pipeline.fit`.
    """
    with Pipeline(source, config=_config(settings)) as pipeline:
        return pipeline.compress(question, budget=budget, plan=plan)


def ask(
    source: Source | Sequence[Source],
    question: str,
    *,
    budget: TokenBudget | None = None,
    plan: Sequence[str] | Plan | None = None,
    **settings: object,
) -> Answer:
    """Answer a question from documents with at most `budget` tokens for the whole call, the answer included.

    Args:
        source: A path, a glob, a folder, a text, a `Document`, or several of these.
        question: The question.
        budget: The most tokens of prompt, context and answer, counted by the reader's own tokenizer, or `auto`; the
            setting `budget` if not given, which is 4,000 by default.
        plan: The pieces of evidence to find; see `compress`.
        **settings: Fields of `Config`, such as `model`, `base_url` or `pages`.

    Raises:
        HiercompError: See `Pipeline.ask`.
    """
    with Pipeline(source, config=_config(settings)) as pipeline:
        return pipeline.ask(question, budget=budget, plan=plan)


def _config(settings: Mapping[str, object]) -> Config:
    return read_settings(settings).config
