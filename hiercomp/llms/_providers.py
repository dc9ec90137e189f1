"""The table of the providers of hosted models and of local servers."""

from __future__ import annotations

import os
from dataclasses import dataclass

from hiercomp.errors import ConfigError

SERVED_KEY = "HIERCOMP_API_KEY"
"""The environment variable with the key for a server that the user names by its address.

The key of a provider is never sent to another address.
"""


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    `package` is its llama-index integration, and `extra` the extra of hiercomp that installs it. `keys` are the
    environment variables that may hold its key; there are none if it needs no key. `prefixes` are the beginnings of
    model ids that name this provider by themselves. `start` is the command that starts a local server. `address` is
    the environment variable that may hold the server's address.
    """

    name: str
    package: str
    extra: str
    base_url: str | None = None
    keys: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    start: str | None = None
    address: str | None = None
    key_needed: bool = True

    @property
    def module(self) -> str:
        """The import name of the package."""
        return self.package.replace("llama-index-llms-", "llama_index.llms.").replace("-", "_")

    def url(self) -> str | None:
        """Return the address of the provider, or None if its package has it."""
        return (os.environ.get(self.address) if self.address else None) or self.base_url

    def key(self) -> str | None:
        """Return the key from the environment, or None if no key is needed.

        Raises:
            ConfigError: a key is needed and no variable holds one.
        """
        found = next((os.environ[name] for name in self.keys if os.environ.get(name)), None)
        if found is None and self.keys and self.key_needed:
            raise ConfigError(f"{self.name} needs a key: set {' or '.join(self.keys)} in the environment")
        return found


_LIKE = ("llama-index-llms-openai-like", "openai")

PROVIDERS = {
    provider.name: provider
    for provider in (
        Provider(
            "openai",
            *_LIKE,
            "https://api.openai.com/v1",
            ("OPENAI_API_KEY",),
            ("gpt-", "o1", "o3", "o4", "chatgpt-"),
        ),
        Provider("anthropic", "llama-index-llms-anthropic", "anthropic", None, ("ANTHROPIC_API_KEY",), ("claude-",)),
        Provider(
            "google",
            "llama-index-llms-google-genai",
            "google",
            None,
            ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
            ("gemini-",),
        ),
        Provider(
            "ollama",
            "llama-index-llms-ollama",
            "ollama",
            "http://localhost:11434",
            start="`ollama serve`",
            address="OLLAMA_HOST",
        ),
        Provider("vllm", *_LIKE, "http://localhost:8000/v1", start="`vllm serve MODEL`"),
        Provider("lmstudio", *_LIKE, "http://localhost:1234/v1", start="`lms server start`"),
        Provider("mistral", *_LIKE, "https://api.mistral.ai/v1", ("MISTRAL_API_KEY",)),
        Provider("groq", *_LIKE, "https://api.groq.com/openai/v1", ("GROQ_API_KEY",)),
        Provider("deepseek", *_LIKE, "https://api.deepseek.com/v1", ("DEEPSEEK_API_KEY",)),
        Provider("openrouter", *_LIKE, "https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",)),
        Provider("together", *_LIKE, "https://api.together.xyz/v1", ("TOGETHER_API_KEY",)),
        Provider("xai", *_LIKE, "https://api.x.ai/v1", ("XAI_API_KEY",)),
    )
}
SERVER = Provider("served", *_LIKE, keys=(SERVED_KEY,), key_needed=False)
"""Any OpenAI-compatible server that the user names by its address."""


def provider_of(model: str) -> Provider | None:
    """Return the provider of a model id, or None if the id does not identify one."""
    for provider in PROVIDERS.values():
        if provider.prefixes and model.startswith(provider.prefixes):
            return provider
    return None
