"""Hosted models and local servers, through the LLM classes of llama-index.

The specification is `llama_index/PROVIDER/MODEL`, usually written `PROVIDER/MODEL`. Keys come from the environment
only. A call that may succeed later is repeated a few times, within one time limit for all tries. It is never repeated
after a piece of the answer was shown. llama-index is imported at the first call, because its import takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from time import monotonic
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential

from hiercomp.errors import ConfigError, MissingExtraError, ModelError
from hiercomp.llms._connection import DEFAULT_CONTEXT, Connection, class_arguments
from hiercomp.llms._deadline import within
from hiercomp.llms._failures import RetryableError, failure
from hiercomp.llms._providers import PROVIDERS, SERVER, Provider
from hiercomp.llms._responses import Reading
from hiercomp.llms._text import well_formed
from hiercomp.llms._tokenizers import build_tokenizer
from hiercomp.ports import Tokenizer
from hiercomp.types import Completion, Message, Prompt

if TYPE_CHECKING:
    from llama_index.core.base.llms.types import ChatResponse
    from llama_index.core.llms import LLM as LlamaIndexLLM

_Call = Callable[[], Iterable["ChatResponse"]]

TRUNCATED, TRUNCATED_APPROXIMATE = 0.05, 0.3
"""A server that reports this share of tokens less than were sent has cut the prompt.

The second share is for counts by another model's tokenizer, which differ by more than 5 % between languages.
"""
_pause = wait_random_exponential(multiplier=0.5, max=8)


class HostedLLM:
    """A reader with a model of a provider. `exact` says whether the tokenizer is the model's own."""

    def __init__(self, connection: Connection, tokenizer: Tokenizer, context_window: int, *, exact: bool) -> None:
        self.name = connection.name
        self.tokenizer = tokenizer
        self.context_window = context_window
        self._connection = connection
        self._truncated = TRUNCATED if exact else TRUNCATED_APPROXIMATE

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: Callable[[str], None] | None = None) -> Completion:
        """Return the answer of the model.

        Raises:
            TransientModelError: all tries failed, and a later call may succeed.
            ModelError: the call failed.
        """
        counted = self.tokenizer.count_prompt(prompt.messages)
        connection = self._connection
        _package(connection.provider)  # imported before the time limit starts
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
            warnings=tuple(self._warnings(counted, prompt_tokens, completion_tokens, max_tokens)),
        )

    def _attempt(self, call: _Call, on_text: Callable[[str], None] | None, deadline: float) -> Reading:
        reading = Reading(on_text)
        for response in self._received(call, reading, deadline):
            reading.add(response)
        reading.finish(self.name)
        return reading

    def _received(self, call: _Call, reading: Reading, deadline: float) -> Generator[ChatResponse, None, None]:
        """Yield the provider's responses. Translate its exceptions, but not those of `on_text`."""
        try:
            with closing(within(deadline - monotonic(), call)) as responses:
                yield from responses
        except Exception as error:  # each library has its own error classes; `failure` translates them
            hints = self._connection.hints()
            translated = failure(error, hints)
            if reading.shown:
                broken = f"{self.name}: the answer broke off after {len(reading.text)} characters; ask again"
                translated = ModelError(broken)
            has_secret = hints.secret is not None and hints.secret in f"{error!r}"
            raise translated from (None if has_secret else error)

    def _warnings(self, counted: int, prompt_tokens: int, completion_tokens: int, max_tokens: int) -> Iterable[str]:
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
    """Build the reader of `PROVIDER/MODEL`. With `base_url` the argument is the model's name on that server.

    Without `tokenizer` the tokenizer is that of the model if tiktoken has it, else o200k_base.

    Raises:
        ConfigError: there is no such provider, the model's name is missing, or a key is not set.
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
        raise ConfigError(f"{base_url!r} is not an address; write it like http://localhost:8000/v1")
    try:
        distribution(provider.package)
    except PackageNotFoundError as error:
        raise MissingExtraError(f"a model of {provider.name}", provider.extra) from error
    connection = Connection(provider, model, base_url or provider.url(), provider.key(), retries, timeout)
    exact = tokenizer or _own_tokenizer(model)
    counter = exact or build_tokenizer(approximates=model)
    return HostedLLM(connection, counter, context_window, exact=exact is not None)


def _own_tokenizer(model: str) -> Tokenizer | None:
    try:
        return build_tokenizer(f"tiktoken/{model}")
    except ConfigError:
        return None


def _wait(state: RetryCallState) -> float:
    """Return the seconds until the next try: those that the server asks for, else a growing random pause."""
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
        class_name, arguments = class_arguments(connection, counted + max_tokens, max_tokens, timeout, client)
        model: LlamaIndexLLM = getattr(_package(connection.provider), class_name)(**arguments)
        if stream:
            yield from model.stream_chat(chat)
        else:
            yield model.chat(chat)


@contextmanager
def _client(provider: Provider, timeout: float) -> Iterator[object]:
    """Yield the HTTP client for an OpenAI-compatible server, or None for other providers.

    The client is closed after the call. Otherwise the server would write an abandoned stream to its end.
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
