"""Compressors: they summarize texts. Each module holds one."""

from __future__ import annotations

from hiercomp import registry
from hiercomp.ports import LLM, Compressor, Tokenizer

FAMILY = "compressors"


def build(name: str, *, tokenizer: Tokenizer, llm: LLM) -> Compressor:
    """Build a compressor by its name, such as "extractive" or "llm".

    Args:
        name: the component's name.
        tokenizer: counts the tokens of texts and of their summaries.
        llm: writes the summaries, if the compressor uses a model.

    Raises:
        ConfigError: no compressor has that name, or the compressor of another package lacks members of
            `hiercomp.ports.Compressor`.
    """
    built = registry.component(FAMILY, name, {"tokenizer": tokenizer, "llm": llm})
    if not isinstance(built, Compressor):
        raise registry.wrong_component(FAMILY, name, built, "Compressor")
    return built
