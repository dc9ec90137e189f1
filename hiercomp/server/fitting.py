"""Bring messages and their attached documents within one budget.

The messages come first. The documents get the tokens that the messages leave, and are shortened to the passages that
the last question needs. If not all messages fit beside the documents, the documents get at most half of the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from hiercomp.types import Part, TokenBudget

Messages = list[dict[str, Any]]

JOIN_TOKENS = 8
"""The most tokens that a text costs more inside a message than alone."""


@dataclass(frozen=True, slots=True)
class FittedMessages:
    """Messages within a budget. `before` and `after` are their tokens. `messages` is None if nothing was changed."""

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

    async def fit(self, messages: Messages, budget: TokenBudget) -> FittedMessages:
        """Bring messages within a budget.

        Raises:
            BudgetError: the messages that must stay do not fit; the error names the least budget that works.
            DocumentError: an attached document cannot be read.
        """
        attached = await attachments.read(messages, self._library)
        if not attached:
            compressed = await self._compress(messages, budget)
            changed = compressed.messages if compressed.messages != messages else None
            return FittedMessages(changed, compressed.original_tokens, compressed.tokens)
        tokenizer = await in_thread(tokenizers.build, self._tokenizer, cache_dir=self._config.cache_dir)
        documents = list(attached.values())
        document_tokens = await in_thread(lambda: sum(tokenizer.count(document.text) for document in documents))
        named = attachments.replace_with_names(messages, attached)
        async with AsyncPipeline(documents, config=self._config) as pipeline:
            compressed, text = await self._divide(named, _Attached(pipeline, tokenizer, document_tokens), budget)
        # The budget bounds the messages together with the inserted text, so they are counted and cut once more.
        whole = await self._compress(attachments.insert_text(compressed.messages, text), budget)
        return FittedMessages(whole.messages, compressed.original_tokens + document_tokens, whole.tokens)

    async def _divide(
        self, messages: Messages, attached: _Attached, budget: TokenBudget
    ) -> tuple[CompressedMessages, str]:
        """Divide a budget: return the compressed messages, and the compressed text of the documents."""
        if budget == "auto":
            compressed = await self._compress(messages, budget)
            return compressed, await attached.compress(compressed.question, budget)
        compressed = await self._compress_or_least(messages, budget - min(budget // 2, attached.max_tokens))
        try:
            return compressed, await attached.compress(compressed.question, budget - compressed.tokens)
        except BudgetError as error:
            document_least = error.least
        try:
            compressed = await self._compress(messages, max(1, budget - document_least))
        except BudgetError as error:
            problem = "the messages that must stay and one sentence of the attached documents do not fit"
            raise BudgetError(budget, error.least + document_least, problem) from error
        return compressed, await attached.compress(compressed.question, budget - compressed.tokens)

    async def _compress_or_least(self, messages: Messages, budget: int) -> CompressedMessages:
        """Compress messages to a budget, or to the least budget that works if that is more."""
        try:
            return await self._compress(messages, max(1, budget))
        except BudgetError as error:
            return await self._compress(messages, error.least)

    async def _compress(self, messages: Messages, budget: TokenBudget) -> CompressedMessages:
        return await in_thread(compress_messages, messages, budget=budget, config=self._config)


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
