"""Tokenizers: they count the tokens of texts. Each module holds one."""

from __future__ import annotations

from pathlib import Path

from hiercomp import registry
from hiercomp.errors import ConfigError
from hiercomp.ports import Tokenizer

DEFAULT = "o200k_base"
FAMILY = "tokenizers"


def build(name: str = DEFAULT, *, cache_dir: Path | None = None) -> Tokenizer:
    """Build the tokenizer of a short name.

    `o200k_base`, `cl100k_base` and OpenAI's model ids name encodings of tiktoken. `tiktoken/…`, `hf/…` and `gguf/…`
    name a component and its argument. A path that ends in `.gguf` or `.json` is the vocabulary of a model. A process
    loads a vocabulary once: later calls, from any thread, return the same object.

    Args:
        name: the short name.
        cache_dir: the folder of joined models; None for the default, see `models.cache_folder`.

    Raises:
        ConfigError: no tokenizer has that name, or the tokenizer lacks members of `hiercomp.ports.Tokenizer`.
    """
    resolved = specification(name)
    built = registry.component(FAMILY, resolved, {"cache_dir": cache_dir})
    if not isinstance(built, Tokenizer):
        raise registry.wrong_component(FAMILY, resolved, built, "Tokenizer")
    return built


def specification(name: str) -> str:
    """Return the specification, `component/argument`, of a short name."""
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
    from hiercomp.tokenizers.tiktoken import encoding_name  # tiktoken is imported only if a name needs it

    return encoding_name(name)
