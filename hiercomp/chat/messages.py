"""A conversation within a budget: OpenAI-style messages, their texts cut to what the last question needs.

What came before the last question is kept as far as it is worth its tokens, a call of tools always together with its
results, and what is left of a turn with its user's message. A question such as `And in 2024?` is taken together with
those that it leans on. What follows the question stays, shortened: a model that no longer sees its own calls makes them
again. A long question, such as one that brings a document along, is cut between its beginning and its end.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hiercomp.chat.conversation import ROLES, Conversation, Protected, Shortened, calls, questions, texts_of
from hiercomp.chat.texts import Kept, select
from hiercomp.config import Config, read_settings
from hiercomp.errors import BudgetError
from hiercomp.pipeline import Limit
from hiercomp.ports import Tokenizer
from hiercomp.types import Message

PROTECTED: tuple[Protected, ...] = ("system", "last_user")


@dataclass(frozen=True, slots=True)
class CompressedMessages:
    """Copies of the messages that are left, `kept` their places in the input; tokens of all, before and after.

    Tokens are those of roles, texts and tool calls as a chat takes them; images and the like are kept, not counted.
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
    budget: Limit = 4000,
    question: str | None = None,
    protect: Collection[Protected] = PROTECTED,
    config: Config | None = None,
) -> CompressedMessages:
    """The messages within a budget, counted whole; as they are where they fit.

    Args:
        messages: role and content, a string or parts, and tool calls as OpenAI's chat interface has them.
        budget: the most tokens of all messages, or `auto`.
        question: what the conversation is now about. If it is not given, the last user message after those that it
            leans on; these stay too, with what follows them, where that fits.
        protect: what is never shortened: system messages, and the last user message unless it is long.
        config: read from the environment and from files if not given.

    Raises:
        BudgetError: what must stay does not fit; the error names the least budget that works.
    """
    config = config or read_settings().config
    asking = questions(messages, alone=question is not None)
    conversation = Conversation(messages, asking, protect)
    subject = conversation.question if question is None else question
    try:
        return _compressed(conversation, subject, budget, config)
    except BudgetError:
        if len(asking) < 2:
            raise
    return _compressed(Conversation(messages, asking[-1:], protect), subject, budget, config)


def _compressed(conversation: Conversation, subject: str, budget: Limit, config: Config) -> CompressedMessages:
    # Newest first: of equal texts the first is kept, and of a tool's equal results the one of the last call.
    def measure(tokenizer: Tokenizer, kept: Kept) -> int:
        left = conversation.with_excerpts(kept[::-1]).values()
        return tokenizer.count_prompt([_counted(message) for message in left])

    selection = select(conversation.free[::-1], subject, budget=budget, config=config, measure=measure)
    excerpts = selection.excerpts[::-1]
    left = conversation.with_excerpts(excerpts)
    return CompressedMessages(
        messages=list(left.values()),
        kept=tuple(left),
        shortened=conversation.shortened(excerpts, left),
        question=subject,
        original_tokens=selection.original_tokens,
        tokens=selection.tokens,
    )


def _counted(message: Mapping[str, object]) -> Message:
    """A message as its tokens are counted: its role, its texts and its calls of tools."""
    texts = [text.text for text in texts_of(0, message)]
    called = [json.dumps(call, ensure_ascii=False, default=str) for call in calls(message)]
    content = "\n".join([*texts, *called])
    return Message(ROLES.get(message.get("role"), "user"), content)
