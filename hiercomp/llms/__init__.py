"""Readers: the models that answer. Each module holds one kind of model."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict, Unpack

from hiercomp import models, registry
from hiercomp.errors import ConfigError
from hiercomp.llms._providers import PROVIDERS, provider_of
from hiercomp.ports import LLM, Tokenizer

FAMILY = "llms"
HOSTED = "llama_index"
LOCAL, EXTRACTIVE = "local", "extractive"


class ReaderOptions(TypedDict, total=False):
    """The options of readers. A reader gets those that its `build` function declares."""

    base_url: str | None
    """The address of an OpenAI-compatible server. The whole specification is then the model's name on this server."""
    tokenizer: Tokenizer | None
    """A tokenizer to count with, for hosted models, servers and `extractive`; None for the model's own."""
    retries: int
    """How often to repeat a failed call of a hosted model or server, 2 by default."""
    timeout: float
    """The seconds for all tries of a call of a hosted model or server, 120 by default."""
    observe: Callable[[int, int], None]
    """A callback that receives how many tokens of a prompt the local reader has read, and their total."""
    cache_dir: Path | None
    """The folder of the packaged models; None for the default, see `models.cache_folder`."""


DEFAULTS: ReaderOptions = {
    "base_url": None,
    "tokenizer": None,
    "retries": 2,
    "timeout": 120.0,
    "observe": lambda done, total: None,
    "cache_dir": None,
}


def build(specification: str, **options: Unpack[ReaderOptions]) -> LLM:
    """Build the reader of a specification.

    A specification is `local`, `local/1.5b`, a path that ends in `.gguf`, `hf/NAME`, `extractive`, `PROVIDER/MODEL`,
    `PROVIDER:MODEL`, or the id of a model such as `gpt-…`, `claude-…` or `gemini-…`. The options are those of
    `ReaderOptions`. Readers of the same local model share it: a process loads it once.

    Raises:
        ConfigError: no reader has that name, or the reader lacks members of `hiercomp.ports.LLM`.
        MissingExtraError: a package that the reader needs is not installed.
        ModelError: the file of a local model is damaged.
    """
    for option in options:
        if option not in DEFAULTS:
            raise TypeError(f"build() got an unexpected keyword argument {option!r}; it takes {', '.join(DEFAULTS)}")
    resolved = f"{HOSTED}/{specification}" if options.get("base_url") else resolve(specification)
    built = registry.component(FAMILY, resolved, {**DEFAULTS, **options})
    if not isinstance(built, LLM):
        raise registry.wrong_component(FAMILY, resolved, built, "LLM")
    return built


def resolve(specification: str) -> str:
    """Return a specification as `component/argument`.

    Raises:
        ConfigError: no reader has that name.
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


def default(*, cache_dir: Path | None = None) -> str:
    """Return `local` if its runtime and its model are installed, else `extractive`. Load neither."""
    usable = find_spec("xllamacpp") is not None and models.find(LOCAL, cache_dir=cache_dir).usable
    return LOCAL if usable else EXTRACTIVE
