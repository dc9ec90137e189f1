"""The connection to a hosted model or a local server, and the arguments of its llama-index class."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from hiercomp.llms._failures import Hints
from hiercomp.llms._providers import SERVER, Provider

DEFAULT_CONTEXT = 128_000
CONTEXT_STEP = 2048
"""Ollama's context is rounded up to this many tokens.

Ollama reads only 4,096 tokens by default and allocates the memory of a context at once, so each call sets its context.
"""
REASONING = ("o1", "o3", "o4", "gpt-5")
"""The beginnings of the ids of OpenAI's reasoning models. They accept no temperature but 1."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A model and how it is reached. `timeout` is in seconds for all tries; `retries` counts tries after the first."""

    provider: Provider
    model: str
    url: str | None
    key: str | None
    retries: int
    timeout: float

    @property
    def name(self) -> str:
        """The name of the reader."""
        if self.provider is not SERVER:
            return f"{self.provider.name}/{self.model}"
        return f"{self.model} at {urlsplit(self.url or '').hostname}"

    def hints(self) -> Hints:
        """Return the texts for errors of a call."""
        keys = " or ".join(self.provider.keys)
        unreachable = f"check the network and the address {self.url or 'of the provider'}"
        if self.provider.start or self.provider is SERVER:
            start = f"start it with {self.provider.start}" if self.provider.start else "start the server"
            unreachable = f"{start}, or choose another model ({self.url})"
        pull = f"run: ollama pull {self.model}" if self.provider.name == "ollama" else ""
        return Hints(
            name=self.name,
            key=f"check the key in {keys}" if keys else "the server wants a key",
            not_found=pull or f"check the model's name {self.model!r} and the address (most end in /v1)",
            unreachable=unreachable,
            secret=self.key,
        )


def class_arguments(
    connection: Connection, context: int, max_tokens: int, timeout: float, client: object
) -> tuple[str, dict[str, object]]:
    """Return the name of the provider's llama-index class and its arguments for one call. The class must not retry.

    Args:
        connection: the model.
        context: the tokens of prompt and answer.
        max_tokens: the tokens of the answer.
        timeout: the seconds until the call is given up.
        client: the HTTP client for an OpenAI-compatible server.
    """
    common: dict[str, object] = {"model": connection.model}
    if connection.provider.name == "anthropic":
        limits = {"max_tokens": max_tokens, "timeout": timeout, "max_retries": 0}
        return "Anthropic", {**common, **limits, "api_key": connection.key, "temperature": 0.0}
    if connection.provider.name == "google":
        limits = {"max_tokens": max_tokens, "context_window": DEFAULT_CONTEXT, "max_retries": 0}
        options = {"timeout": int(timeout * 1000)}  # milliseconds
        return "GoogleGenAI", {**common, **limits, "api_key": connection.key, "http_options": options}
    if connection.provider.name == "ollama":
        return "Ollama", {
            **common,
            "base_url": connection.url,
            "temperature": 0.0,
            "request_timeout": timeout,
            "context_window": -(-context // CONTEXT_STEP) * CONTEXT_STEP,
            "additional_kwargs": {"num_predict": max_tokens, "seed": 0},
        }
    return "OpenAILike", {
        **common,
        **_openai_arguments(connection, max_tokens),
        "timeout": timeout,
        "http_client": client,
    }


def _openai_arguments(connection: Connection, max_tokens: int) -> dict[str, object]:
    is_openai = connection.provider.name == "openai"
    is_reasoning = is_openai and connection.model.startswith(REASONING)
    return {
        "api_base": connection.url,
        "api_key": connection.key or "none",
        "is_chat_model": True,
        "context_window": DEFAULT_CONTEXT,
        "temperature": 1.0 if is_reasoning else 0.0,
        "max_retries": 0,
        "additional_kwargs": {
            "max_completion_tokens" if is_openai else "max_tokens": max_tokens,
            "stream_options": {"include_usage": True},
        },
    }
