"""Hosted models and local servers, through the LLM classes of llama-index.

`llama_index/PROVIDER/MODEL`, usually written `PROVIDER/MODEL`. Keys come from the environment only. A failure that
may pass is tried again a few times, within one time limit for all tries, and never once a piece of the answer was
shown. llama-index is imported at the first call, because that takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential

from hiercomp import registry
from hiercomp.errors import ConfigError, MissingExtraError, ModelError
from hiercomp.llms._deadline import within
from hiercomp.llms._failures import Hints, RetryableError, failure
from hiercomp.llms._providers import PROVIDERS, SERVER, Provider
from hiercomp.llms._responses import Reading
from hiercomp.llms._text import well_formed
from hiercomp.ports import Tokenizer
from hiercomp.types import Completion, Message, Prompt

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatResponse
    from llama_index.core.llms import LLM as LlamaIndexLLM

_Call = Callable[[], Iterable["ChatResponse"]]

DEFAULT_CONTEXT = 128_000
# A server that read this share less than was sent has cut the prompt. Counts of another model's tokenizer differ by
# more than that between languages, so they must be further apart.
TRUNCATED, TRUNCATED_APPROXIMATE = 0.05, 0.3
# Ollama keeps only 4,096 tokens unless told otherwise, and takes the memory at once: it is told what a call needs.
CONTEXT_STEP = 2048
# Models that reason accept no temperature but 1.
REASONING = ("o1", "o3", "o4", "gpt-5")
_pause = wait_random_exponential(multiplier=0.5, max=8)


@dataclass(frozen=True, slots=True)
class Connection:
    """How a model is reached: `timeout` is the seconds for all tries, `retries` the tries after the first."""

    provider: Provider
    model: str
    url: str | None
    key: str | None
    retries: int
    timeout: float

    @property
    def name(self) -> str:
        """What the reader is called."""
        if self.provider is not SERVER:
            return f"{self.provider.name}/{self.model}"
        return f"{self.model} at {urlsplit(self.url or '').hostname}"

    def hints(self) -> Hints:
        """What helps when a call fails."""
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


class HostedLLM:
    """A model behind a provider's interface; without a tokenizer of its own it is counted with o200k_base."""

    def __init__(self, connection: Connection, tokenizer: Tokenizer, context_window: int, *, exact: bool) -> None:
        self.name = connection.name
        self.tokenizer = tokenizer
        self.context_window = context_window
        self._connection = connection
        self._truncated = TRUNCATED if exact else TRUNCATED_APPROXIMATE

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """The model's answer.

        Raises:
            TransientModelError: it failed in a way that may pass, and so did the further tries.
            ModelError: it failed.
        """
        counted = self.tokenizer.count_prompt(prompt.messages)
        connection = self._connection
        _package(connection.provider)  # before the clock starts
        deadline = monotonic() + connection.timeout
        retrying = Retrying(
            retry=retry_if_exception_type(RetryableError),
            stop=stop_after_attempt(connection.retries + 1) | stop_before_delay(connection.timeout),
            wait=_wait,
            reraise=True,
        )
        call = partial(_responses, connection, prompt.messages, counted, max_tokens)
        reading = retrying(self._attempt, lambda: call(on_text is not None, deadline), on_text, deadline)
        prompt_tokens = counted if reading.prompt_tokens is None else reading.prompt_tokens
        completion_tokens = reading.completion_tokens
        if completion_tokens is None:
            completion_tokens = self.tokenizer.count(reading.text)
        return Completion(
            text=reading.text,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            model=self.name,
            stop_reason="length" if reading.cut or completion_tokens >= max_tokens else "stop",
            warnings=tuple(self._doubts(counted, prompt_tokens, completion_tokens, max_tokens)),
        )

    def _attempt(self, call: _Call, on_text: Callable[[str], None] | None, deadline: float) -> Reading:
        reading = Reading(on_text)
        for response in self._received(call, reading, deadline):
            reading.add(response)
        reading.finish(self.name)
        return reading

    def _received(self, call: _Call, reading: Reading, deadline: float) -> Generator[ChatResponse, None, None]:
        """What the provider sends; only its own failures are translated, not those of whoever shows the text."""
        try:
            with closing(within(deadline - monotonic(), call)) as responses:
                yield from responses
        except Exception as error:  # every library fails in its own way; `failure` sorts them
            hints = self._connection.hints()
            ours = failure(error, hints)
            if reading.shown:
                ours = ModelError(f"{self.name}: the answer broke off after {len(reading.text)} characters; ask again")
            told = hints.secret is not None and hints.secret in f"{error!r}"
            raise ours from (None if told else error)

    def _doubts(self, counted: int, prompt_tokens: int, completion_tokens: int, max_tokens: int) -> Iterable[str]:
        if prompt_tokens < counted * (1 - self._truncated):
            yield (
                f"{self.name} read {prompt_tokens} of {counted} tokens: it cut the prompt without saying so; "
                "give the server a larger context, or lower the budget"
            )
        if completion_tokens > max_tokens:
            yield f"{self.name} wrote {completion_tokens} tokens where {max_tokens} were allowed"


def build(
    argument: str | None = None,
    *,
    base_url: str | None = None,
    tokenizer: Tokenizer | None = None,
    context_window: int = DEFAULT_CONTEXT,
    retries: int = 2,
    timeout: float = 120.0,
) -> HostedLLM:
    """The reader of `PROVIDER/MODEL`; with `base_url` the argument is the model's name on that server.

    Raises:
        ConfigError: there is no such provider, no model is named, or a key is not set.
        MissingExtraError: the provider's integration is not installed.
    """
    known, _, model = (argument or "").partition("/")
    provider = PROVIDERS.get(known)
    if base_url:
        provider, model = SERVER, argument or ""
    if provider is None or not model:
        choices = ", ".join(PROVIDERS)
        raise ConfigError(f"no hosted model is called {argument!r}; write PROVIDER/MODEL with one of {choices}")
    if base_url and urlsplit(base_url).scheme not in ("http", "https"):
        raise ConfigError(f"not an address: {base_url!r}; write it like http://localhost:8000/v1")
    try:
        distribution(provider.package)
    except PackageNotFoundError as error:
        raise MissingExtraError(f"a model of {provider.name}", provider.extra) from error
    connection = Connection(provider, model, base_url or provider.url(), provider.key(), retries, timeout)
    own = _own_tokenizer(model)
    counter = tokenizer or own or registry.build("tokenizers", "tiktoken/o200k_base", approximates=model)
    exact = (tokenizer or own) is not None
    return HostedLLM(connection, cast("Tokenizer", counter), context_window, exact=exact)


def _own_tokenizer(model: str) -> Tokenizer | None:
    try:
        return cast("Tokenizer", registry.build("tokenizers", f"tiktoken/{model}"))
    except ConfigError:
        return None


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RetryableError) and error.retry_after is not None:
        return error.retry_after
    return _pause(state)


def _responses(
    connection: Connection, messages: tuple[Message, ...], counted: int, max_tokens: int, stream: bool, deadline: float
) -> Iterable[ChatResponse]:
    from llama_index.core.base.llms.types import ChatMessage

    chat = [ChatMessage(role=message.role, content=well_formed(message.content)) for message in messages]
    timeout = max(0.1, deadline - monotonic())
    with _client(connection.provider, timeout) as client:
        model = _model(connection, counted + max_tokens, max_tokens, timeout, client)
        if stream:
            yield from model.stream_chat(chat)
        else:
            yield model.chat(chat)


@contextmanager
def _client(provider: Provider, timeout: float) -> Iterator[object]:
    """What talks to an OpenAI-compatible server, None to others.

    It is closed with the call: a stream that nobody reads any more stays open otherwise, and is written to its end.
    """
    if provider.package != SERVER.package:
        yield None
        return
    from openai import DefaultHttpxClient

    with DefaultHttpxClient(timeout=timeout) as client:
        yield client


def _package(provider: Provider) -> ModuleType:
    try:
        return import_module(provider.module)
    except ImportError as error:
        raise MissingExtraError(f"a model of {provider.name} ({error})", provider.extra) from error


def _model(connection: Connection, context: int, max_tokens: int, timeout: float, client: object) -> LlamaIndexLLM:
    """The provider's class, set up for one call; it must not retry on its own."""
    package = _package(connection.provider)
    name, key, url = connection.model, connection.key, connection.url
    if connection.provider.name == "anthropic":
        model = package.Anthropic(
            model=name, api_key=key, max_tokens=max_tokens, temperature=0.0, timeout=timeout, max_retries=0
        )
    elif connection.provider.name == "google":
        options = {"timeout": int(timeout * 1000)}  # milliseconds
        model = package.GoogleGenAI(
            model=name,
            api_key=key,
            max_tokens=max_tokens,
            context_window=DEFAULT_CONTEXT,
            max_retries=0,
            http_options=options,
        )
    elif connection.provider.name == "ollama":
        model = package.Ollama(
            model=name,
            base_url=url,
            temperature=0.0,
            request_timeout=timeout,
            context_window=-(-context // CONTEXT_STEP) * CONTEXT_STEP,
            additional_kwargs={"num_predict": max_tokens, "seed": 0},
        )
    else:
        official = connection.provider.name == "openai"
        reasoning = official and name.startswith(REASONING)
        model = package.OpenAILike(
            model=name,
            api_base=url,
            api_key=key or "none",
            is_chat_model=True,
            context_window=DEFAULT_CONTEXT,
            temperature=1.0 if reasoning else 0.0,
            timeout=timeout,
            max_retries=0,
            http_client=client,
            additional_kwargs={
                "max_completion_tokens" if official else "max_tokens": max_tokens,
                "stream_options": {"include_usage": True},
            },
        )
    return cast("LlamaIndexLLM", model)
