"""Readers, one module a kind of model."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import cast

from hiercomp import models, registry
from hiercomp.errors import ConfigError
from hiercomp.llms._providers import PROVIDERS, provider_of
from hiercomp.ports import LLM, Tokenizer

FAMILY = "llms"
HOSTED = "llama_index"
LOCAL, EXTRACTIVE = "local", "extractive"


def build(
    specification: str,
    *,
    base_url: str | None = None,
    tokenizer: Tokenizer | None = None,
    retries: int = 2,
    timeout: float = 120.0,
    observe: Callable[[int, int], None] = lambda done, total: None,
) -> LLM:
    """The reader that a specification names.

    `local`, `local/1.5b`, a path that ends in `.gguf`, `hf/NAME`, `extractive`, `PROVIDER/MODEL` or
    `PROVIDER:MODEL`, and ids such as `gpt-…`, `claude-…` and `gemini-…` alone. With `base_url` the whole
    specification is the model's name on that OpenAI-compatible server. `tokenizer`, `retries` and `timeout` are for
    hosted models and servers; `extractive` takes the tokenizer too. `observe` is told how much of a prompt the local
    reader has read, and how much there is.

    Raises:
        ConfigError: nothing has that name.
        MissingExtraError: what it needs is not installed.
        ModelError: a local model's file is damaged.
    """
    if base_url:
        options = {"base_url": base_url, "tokenizer": tokenizer, "retries": retries, "timeout": timeout}
        return cast("LLM", registry.build(FAMILY, f"{HOSTED}/{specification}", **options))
    resolved = resolve(specification)
    component = resolved.partition("/")[0]
    chosen: dict[str, object] = {}
    if component == HOSTED:
        chosen = {"tokenizer": tokenizer, "retries": retries, "timeout": timeout}
    elif component == LOCAL:
        chosen = {"observe": observe}
    elif component == EXTRACTIVE:
        chosen = {"tokenizer": tokenizer}
    return cast("LLM", registry.build(FAMILY, resolved, **chosen))


def resolve(specification: str) -> str:
    """A specification as `component/argument`.

    Raises:
        ConfigError: nothing has that name.
    """
    if specification.partition("/")[0] in registry.names(FAMILY):
        return specification
    if specification.endswith(".gguf"):
        return f"{LOCAL}/{specification}"
    for separator in ("/", ":"):
        provider, found, model = specification.partition(separator)
        if found and model and provider in PROVIDERS:
            return f"{HOSTED}/{provider}/{model}"
    owner = provider_of(specification)
    if owner is None:
        raise ConfigError(
            f"no reader is called {specification!r}; choose local, local/1.5b, a path to a .gguf file, hf/NAME, "
            f"extractive, or PROVIDER/MODEL with a provider of {', '.join(PROVIDERS)}"
        )
    return f"{HOSTED}/{owner.name}/{specification}"


def default() -> str:
    """`local` where its runtime and its model are installed, else `extractive`; loads neither."""
    usable = find_spec("xllamacpp") is not None and models.find(LOCAL).usable
    return LOCAL if usable else EXTRACTIVE
