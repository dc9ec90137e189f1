"""The tokenizers of readers, which the registry builds because families do not import each other."""

from __future__ import annotations

from hiercomp import registry
from hiercomp.ports import Tokenizer


def build_tokenizer(specification: str = "tiktoken/o200k_base", **options: object) -> Tokenizer:
    """Build the tokenizer of a specification, such as "tiktoken/o200k_base".

    Raises:
        ConfigError: no tokenizer has that name.
    """
    built = registry.build("tokenizers", specification, **options)
    if not isinstance(built, Tokenizer):
        raise registry.wrong_component("tokenizers", specification, built, "Tokenizer")
    return built
