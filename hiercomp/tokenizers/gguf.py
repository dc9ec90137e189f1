"""The tokenizer of a GGUF model: `gguf/0.5b`, `gguf/1.5b` or `gguf/PATH.gguf`, counted by llama.cpp itself."""

from __future__ import annotations

from typing import cast

from hiercomp import registry
from hiercomp.ports import LLM, Tokenizer


def build(argument: str | None = None) -> Tokenizer:
    """The tokenizer that the local reader of the same name uses; the model is shared with it, not loaded twice."""
    return cast("LLM", registry.build("llms", f"local/{argument or '0.5b'}")).tokenizer
