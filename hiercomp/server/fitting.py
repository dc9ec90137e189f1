"""Messages and the documents attached to them, within one budget.

What is said goes first, as far as it fits beside the documents, which are shortened to what the last question needs of
them. They get at most half of the budget where all that is said cannot stay.
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
from hiercomp.pipeline import Limit
from hiercomp.ports import Tokenizer
from hiercomp.server import attachments
from hiercomp.server.library import Library
from hiercomp.types import Part

Messages = list[dict[str, Any]]

JOINT = 8
"""Tokens that a text may cost more in its place than alone."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Messages within a budget, None where they are as they were; their tokens before and after."""

    messages: Messages | None
    before: int
    after: int


class Fitting:
    """Brings messages into budgets; the settings name what counts them."""

    def __init__(self, config: Config, library: Library) -> None:
        # The upstream's models are the client's choice: the reader of this server does not count for them.
        self._tokenizer = config.tokenizer or tokenizers.DEFAULT
        self._config = config.model_copy(update={"model": None, "tokenizer": self._tokenizer})
        self._library = library

    async def fit(self, messages: Messages, budget: Limit) -> Fitted:
        """Messages within a budget.

        Raises:
            BudgetError: what must stay does not fit; the error names the least that works.
            DocumentError: an attached document cannot be read.
        """
        attached = await attachments.read(messages, self._library)
        if not attached:
            left = await self._compressed(messages, budget)
            return Fitted(left.messages if left.messages != messages else None, left.original_tokens, left.tokens)
        tokenizer = await in_thread(tokenizers.build, self._tokenizer)
        documents = list(attached.values())
        size = await in_thread(lambda: sum(tokenizer.count(document.text) for document in documents))
        said = attachments.without(messages, attached)
        async with AsyncPipeline(documents, config=self._config) as pipeline:
            left, text = await self._divided(said, _Documents(pipeline, tokenizer, size), budget)
        # The ceiling is on the whole as it is sent.
        whole = await self._compressed(attachments.with_text(left.messages, text), budget)
        return Fitted(whole.messages, left.original_tokens + size, whole.tokens)

    async def _divided(self, said: Messages, documents: _Documents, budget: Limit) -> tuple[CompressedMessages, str]:
        """What is left of what is said, and of documents."""
        if budget == "auto":
            left = await self._compressed(said, budget)
            return left, await documents.shown(left.question, budget)
        left = await self._at_least(said, budget - min(budget // 2, documents.most))
        try:
            return left, await documents.shown(left.question, budget - left.tokens)
        except BudgetError as error:
            needed = error.least
        try:
            left = await self._compressed(said, max(1, budget - needed))
        except BudgetError as error:
            what = "the messages that must stay and one sentence of the attached documents do not fit"
            raise BudgetError(budget, error.least + needed, what) from error
        return left, await documents.shown(left.question, budget - left.tokens)

    async def _at_least(self, messages: Messages, budget: int) -> CompressedMessages:
        """Messages within a budget, or within the least that works where that is more."""
        try:
            return await self._compressed(messages, max(1, budget))
        except BudgetError as error:
            return await self._compressed(messages, error.least)

    async def _compressed(self, messages: Messages, budget: Limit) -> CompressedMessages:
        return await in_thread(compress_messages, messages, budget=budget, config=self._config)


@dataclass(frozen=True, slots=True)
class _Documents:
    """Attached documents, and the tokens of all their text."""

    pipeline: AsyncPipeline
    tokenizer: Tokenizer
    size: int

    @property
    def most(self) -> int:
        """Enough for all of them with their pages."""
        return self.size + self.size // 4 + 64

    async def shown(self, question: str, room: Limit) -> str:
        """What the room holds of them, page by page."""
        budget = room if room == "auto" else max(1, room)

        def measure(text: str, parts: Sequence[Part]) -> int:
            return self.tokenizer.count(text) + JOINT

        return (await self.pipeline.compress(question, budget=budget, measure=measure)).text
