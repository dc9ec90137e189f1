"""OpenAI-style chat messages within a budget: their texts are cut to the sentences that the last question needs.

Messages before the last question are kept if they are worth their tokens. A tool call and its results stay together,
and a kept reply stays with its user message. A follow-up question such as `And in 2024?` is read together with the
questions before it. Messages after the question are always kept but may be shortened: a model that does not see its
own tool calls makes them again. A long question, for example one that contains a document, is cut in its middle.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hiercomp.chat.conversation import (
    ROLES,
    Conversation,
    Protected,
    Shortened,
    message_texts,
    question_indices,
    tool_calls,
)
from hiercomp.chat.texts import Hints, Kept, select
from hiercomp.config import Config, read_settings
from hiercomp.errors import BudgetError
from hiercomp.ports import Planner, Tokenizer
from hiercomp.types import Message, Plan, TokenBudget

PROTECTED: tuple[Protected, ...] = ("system", "last_user")


@dataclass(frozen=True, slots=True)
class CompressedMessages:
    """A conversation within a budget.

    `messages` are copies of the kept messages, and `kept` their indices in the input. `shortened` lists the texts that
    were cut. `question` is the question that the texts were ranked by. `original_tokens` and `tokens` count the
    conversation before and after. They cover roles, texts and tool calls in the chat's format. Images and other
    content are kept but not counted.
    """

    messages: list[dict[str, object]]
    kept: tuple[int, ...]
    shortened: tuple[Shortened, ...]
    question: str
    original_tokens: int
    tokens: int


def compress_messages(
    messages: Sequence[Mapping[str, object]],
    *,
    budget: TokenBudget = 4000,
    question: str | None = None,
    protect: Collection[Protected] = PROTECTED,
    config: Config | None = None,
    plan: Sequence[str] | Plan | Planner | None = None,
) -> CompressedMessages:
    """Cut a conversation to a budget. If it fits, it is returned unchanged.

    Args:
        messages: messages in OpenAI's chat format: a role, a string or content parts, and tool calls.
        budget: the most tokens of all messages together, or `auto`.
        question: the current subject of the conversation. The default is the last user message. If that is a
            follow-up, the user messages that it refers to are part of the question. These and the messages after them
            are kept if they fit.
        protect: messages that are never shortened: `system` messages, and the last user message (`last_user`) unless
            it is long.
        config: the settings; by default they are read from the environment and from files.
        plan: the pieces of evidence to find, each in the words that a text would use for it, or a planner that writes
            them for the question; by default the planner of the settings.

    Raises:
        BudgetError: the messages that must stay do not fit. The error names the smallest budget that works.
    """
    config = config or read_settings().config
    indices = question_indices(messages, alone=question is not None)
    conversation = Conversation(messages, indices, protect)
    subject = conversation.question if question is None else question
    hints = Hints(planner=plan) if isinstance(plan, Planner) else Hints(plan=plan)

    def compress(conversation: Conversation) -> CompressedMessages:
        return _compress(conversation, subject, budget, config, hints)

    try:
        return compress(conversation)
    except BudgetError:
        if len(indices) < 2:
            raise
    return compress(Conversation(messages, indices[-1:], protect))


def _compress(
    conversation: Conversation, question: str, budget: TokenBudget, config: Config, hints: Hints
) -> CompressedMessages:
    # `select` keeps the first of equal texts. The newest must come first, so that a tool's latest result is kept.
    def measure(tokenizer: Tokenizer, kept: Kept) -> int:
        remaining = conversation.with_excerpts(kept[::-1]).values()
        return tokenizer.count_prompt([_countable(message) for message in remaining])

    texts = conversation.compressible_texts[::-1]
    selection = select(texts, question, budget=budget, config=config, hints=hints, measure=measure)
    excerpts = selection.excerpts[::-1]
    remaining = conversation.with_excerpts(excerpts)
    return CompressedMessages(
        messages=list(remaining.values()),
        kept=tuple(remaining),
        shortened=conversation.shortened(excerpts, remaining),
        question=question,
        original_tokens=selection.original_tokens,
        tokens=selection.tokens,
    )


def _countable(message: Mapping[str, object]) -> Message:
    """Return a message whose tokens stand for those of the input: its role, its texts and its tool calls."""
    texts = [text.text for text in message_texts(0, message)]
    calls = [json.dumps(call, ensure_ascii=False, default=str) for call in tool_calls(message)]
    return Message(ROLES.get(message.get("role"), "user"), "\n".join([*texts, *calls]))
