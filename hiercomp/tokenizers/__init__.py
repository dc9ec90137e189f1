"""Text to token count, one module a tokenizer."""

from __future__ import annotations

from typing import cast

from hiercomp import registry
from hiercomp.errors import ConfigError
from hiercomp.ports import Tokenizer

DEFAULT = "o200k_base"
FAMILY = "tokenizers"


def build(name: str = DEFAULT) -> Tokenizer:
    """The tokenizer that a friendly name means.

    `o200k_base`, `cl100k_base` and OpenAI's model ids go to tiktoken; `tiktoken/…`, `hf/…` and `gguf/…` name a
    component and its argument; a path that ends in `.gguf` or `.json` is a model's own vocabulary.

    Raises:
        ConfigError: nothing has that name.
    """
    return cast("Tokenizer", registry.build(FAMILY, specification(name)))


def specification(name: str) -> str:
    """A friendly name as `component/argument`."""
    component, slash, _ = name.partition("/")
    if slash and registry.knows(FAMILY, component):
        return name
    if name.endswith(".gguf"):
        return f"gguf/{name}"
    if name.endswith(".json"):
        return f"hf/{name}"
    encoding = _openai_encoding(name)
    if encoding is None:
        raise ConfigError(
            f"no tokenizer is called {name!r}; choose o200k_base, cl100k_base, an OpenAI model id, hf/NAME, "
            "gguf/NAME, or a path to a .gguf or tokenizer.json file"
        )
    return f"tiktoken/{encoding}"


def _openai_encoding(name: str) -> str | None:
    from hiercomp.tokenizers.tiktoken import encoding_name  # tiktoken is loaded when a name needs it

    return encoding_name(name)
