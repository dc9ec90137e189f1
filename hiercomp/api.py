"""The package's functions: each opens a pipeline for one call and closes it.

Who asks more than once about the same sources keeps a `Pipeline`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hiercomp.config import Config, read_settings
from hiercomp.pipeline import Limit, Pipeline
from hiercomp.sources import Source
from hiercomp.types import Answer, Context


def compress(
    source: Source | Sequence[Source], question: str | None = None, *, budget: Limit = 4000, **settings: object
) -> Context:
    """The evidence for a question as text of at most `budget` tokens; an overview without a question.

    Args:
        source: a path, a glob, a folder, a text, a `Document`, or several of these.
        question: what the text is for.
        budget: tokens of the text, counted by `tokenizer`, o200k_base if none is set.
        **settings: fields of `Config`, such as `tokenizer`, `pages` or `allocator`.

    Raises:
        HiercompError: see `Pipeline.compress`.
    """
    with Pipeline(source, config=_config(settings)) as pipeline:
        return pipeline.compress(question, budget=budget)


def ask(source: Source | Sequence[Source], question: str, *, budget: Limit = 4000, **settings: object) -> Answer:
    """The answer to a question, from at most `budget` tokens for the whole call, answer included.

    Args:
        source: a path, a glob, a folder, a text, a `Document`, or several of these.
        question: what is asked.
        budget: tokens of prompt, context and answer, counted by the reader's own tokenizer.
        **settings: fields of `Config`, such as `model`, `base_url` or `pages`.

    Raises:
        HiercompError: see `Pipeline.ask`.
    """
    with Pipeline(source, config=_config(settings)) as pipeline:
        return pipeline.ask(question, budget=budget)


def _config(settings: Mapping[str, object]) -> Config:
    return read_settings(settings).config
