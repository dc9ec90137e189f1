"""Bring the messages of a request and their attached documents within one budget.

The definitions of tools count too, and are never shortened. The messages come first. The documents get the tokens that
these leave, and are shortened to the passages that the last question needs. If not all messages fit beside the
documents, the documents get at most half of the budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hiercomp import tokenizers
from hiercomp.asynchronous import AsyncPipeline
from hiercomp.cancellation import in_thread
from hiercomp.chat.messages import CompressedMessages, compress_messages
from hiercomp.config import Config
from hiercomp.errors import BudgetError
from hiercomp.ports import Tokenizer
from hiercomp.server import attachments
from hiercomp.server.library import Library
from hiercomp.sources import with_attachments
from hiercomp.types import Part, TokenBudget

Messages = list[dict[str, Any]]
Request = Mapping[str, Any]
"""A chat request. Its messages stand under `messages`."""

JOIN_TOKENS = 8
"""The most tokens that a text costs more inside a message than alone."""


@dataclass(frozen=True, slots=True)
class FittedMessages:
    """The messages of a request within a budget. `messages` is None if nothing was changed.

    `before` and `after` are the tokens of the messages and of the definitions of tools.
    """

    messages: Messages | None
    before: int
    after: int


class MessageFitter:
    """The service that brings messages within budgets. The tokenizer of the settings counts their tokens."""

    def __init__(self, config: Config, library: Library) -> None:
        # The client chooses the upstream's model, so the tokenizer of this server's reader does not apply.
        self._tokenizer = config.tokenizer or tokenizers.DEFAULT
        self._config = config.model_copy(update={"model": None, "tokenizer": self._tokenizer})
        self._library = library

    async def fit(self, request: Request, budget: TokenBudget) -> FittedMessages:
        """Bring the messages of a request within a budget.

        Raises:
            BudgetError: what must stay does not fit; the error names the least budget that works.
            ConfigError: the tokens of a part of a message cannot be counted.
            DocumentError: an attached document cannot be read.
        """
        messages = request["messages"]
        attached = await attachments.read(messages, self._library)
        if not attached:
            compressed = await self._compress(request, budget)
            changed = compressed.messages if compressed.messages != messages else None
            return FittedMessages(changed, compressed.original_tokens, compressed.tokens)
        tokenizer = await in_thread(tokenizers.build, self._tokenizer, cache_dir=self._config.cache_dir)
        documents = [document for each in attached.values() for document in with_attachments(each)]
        document_tokens = await in_thread(lambda: sum(tokenizer.count(document.text) for document in documents))
        named = {**request, "messages": attachments.replace_with_names(messages, attached)}
        async with AsyncPipeline(documents, config=self._config) as pipeline:
            compressed, text = await self._divide(named, _Attached(pipeline, tokenizer, document_tokens), budget)
        # The budget bounds the messages together with the inserted text, so they are counted and cut once more.
        with_text = attachments.insert_text(compressed.messages, text)
        whole = await self._compress({**request, "messages": with_text}, budget)
        return FittedMessages(whole.messages, compressed.original_tokens + document_tokens, whole.tokens)

    async def _divide(
        self, request: Request, attached: _Attached, budget: TokenBudget
    ) -> tuple[CompressedMessages, str]:
        """Divide a budget: return the compressed messages, and the compressed text of the documents."""
        if budget == "auto":
            compressed = await self._compress(request, budget)
            return compressed, await attached.compress(compressed.question, budget)
        compressed = await self._compress_or_least(request, budget - min(budget // 2, attached.max_tokens))
        try:
            return compressed, await attached.compress(compressed.question, budget - compressed.tokens)
        except BudgetError as error:
            document_least = error.least
        try:
            compressed = await self._compress(request, max(1, budget - document_least))
        except BudgetError as error:
            problem = "the messages that must stay and one sentence of the attached documents do not fit"
            raise BudgetError(budget, error.least + document_least, problem) from error
        return compressed, await attached.compress(compressed.question, budget - compressed.tokens)

    async def _compress_or_least(self, request: Request, budget: int) -> CompressedMessages:
        """Compress messages to a budget, or to the least budget that works if that is more."""
        try:
            return await self._compress(request, max(1, budget))
        except BudgetError as error:
            return await self._compress(request, error.least)

    async def _compress(self, request: Request, budget: TokenBudget) -> CompressedMessages:
        return await in_thread(compress_messages, request, budget=budget, config=self._config)


@dataclass(frozen=True, slots=True)
class _Attached:
    """Attached documents, and the tokens of all their text."""

    pipeline: AsyncPipeline
    tokenizer: Tokenizer
    tokens: int

    @property
    def max_tokens(self) -> int:
        """A budget that holds all documents with their headings and page numbers."""
        return self.tokens + self.tokens // 4 + 64

    async def compress(self, question: str, budget: TokenBudget) -> str:
        """Compress the documents to a budget and return the text."""

        def measure(text: str, parts: Sequence[Part]) -> int:
            return self.tokenizer.count(text) + JOIN_TOKENS

        limit = budget if budget == "auto" else max(1, budget)
        return (await self.pipeline.compress(question, budget=limit, measure=measure, addressed=True)).text
