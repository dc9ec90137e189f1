"""The tokenizer of a GGUF model: `gguf/0.5b`, `gguf/1.5b` or `gguf/PATH.gguf`. llama.cpp counts the tokens."""

from __future__ import annotations

from pathlib import Path

from hiercomp import registry
from hiercomp.ports import LLM, Tokenizer


def build(argument: str | None = None, *, cache_dir: Path | None = None) -> Tokenizer:
    """Build the tokenizer of the local reader with the same argument. It shares the reader's model.

    Raises:
        ConfigError: the argument names no local model.
        MissingExtraError: the packaged model is not installed.
        ModelError: the file is damaged.
    """
    reader = registry.component("llms", f"local/{argument or '0.5b'}", {"cache_dir": cache_dir})
    if not isinstance(reader, LLM):
        raise registry.wrong_component("llms", "local", reader, "LLM")
    return reader.tokenizer
