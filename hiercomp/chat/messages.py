"""Chat messages within a budget: their texts are cut to the sentences that the last question needs.

The messages have the format of OpenAI (chat or Responses) or of Anthropic; `parts` describes what they may hold.

Messages before the last question are kept if they are worth their tokens. A tool call and its results stay together,
and a kept reply stays with its user message. A follow-up question such as `And in 2024?` is read together with the
questions before it. Messages after the question are always kept but may be shortened: a model that does not see its
own tool calls makes them again. A long question, for example one that contains a document, is cut in its middle.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hiercomp.chat.conversation import Conversation, Protected, Shortened, question_indices
from hiercomp.chat.parts import read_content, read_message, read_request
from hiercomp.chat.texts import Hints, Kept, select
from hiercomp.config import Config, read_settings
from hiercomp.errors import BudgetError
from hiercomp.ports import Planner, Tokenizer
from hiercomp.types import Plan, TokenBudget

PROTECTED: tuple[Protected, ...] = ("system", "last_user")


@dataclass(frozen=True, slots=True)
class CompressedMessages:
    """A conversation within a budget.

    `messages` are copies of the kept messages, and `kept` their indices in the input. `shortened` lists the texts that
    were cut. `question` is the question that the texts were ranked by. `original_tokens` and `tokens` count the
    conversation before and after: roles and texts in the chat's format, tool calls, definitions of tools and all other
    content as JSON, and images by an estimate; see `images`.
    """

    messages: list[dict[str, object]]
    kept: tuple[int, ...]
    shortened: tuple[Shortened, ...]
    question: str
    original_tokens: int
    tokens: int


def compress_messages(
    messages: Sequence[object] | Mapping[str, object],
    *,
    budget: TokenBudget = 4000,
    question: str | None = None,
    protect: Collection[Protected] = PROTECTED,
    config: Config | None = None,
    plan: Sequence[str] | Plan | Planner | None = None,
) -> CompressedMessages:
    """Cut a conversation to a budget. If it fits, it is returned unchanged.

    Args:
        messages: messages in the format of OpenAI's chat, of OpenAI's Responses or of Anthropic: dictionaries, pydantic
            models or dataclasses. Or a whole request, a mapping with the messages under `messages` or `input`: then
            the definitions of its tools and everything else that the model reads are counted too, and never shortened.
        budget: the most tokens of all messages, and of the definitions of tools, together, or `auto`.
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
        ConfigError: the tokens of a part cannot be counted. The error names the part's type.
    """
    config = config or read_settings().config
    request = read_request(messages)
    copies = [read_message(index, message) for index, message in enumerate(request.messages)]
    contents = [read_content(index, message) for index, message in enumerate(copies)]
    indices = question_indices(contents, alone=question is not None)
    conversation = Conversation(copies, contents, indices, protect)
    subject = conversation.question if question is None else question
    hints = Hints(planner=plan) if isinstance(plan, Planner) else Hints(plan=plan)

    def compress(conversation: Conversation) -> CompressedMessages:
        return _compress(conversation, request.fixed, subject, budget, config, hints)

    try:
        return compress(conversation)
    except BudgetError:
        if len(indices) < 2:
            raise
    return compress(Conversation(copies, contents, indices[-1:], protect))


def _compress(
    conversation: Conversation, fixed: str, question: str, budget: TokenBudget, config: Config, hints: Hints
) -> CompressedMessages:
    # `select` keeps the first of equal texts. The newest must come first, so that a tool's latest result is kept.
    def measure(tokenizer: Tokenizer, kept: Kept) -> int:
        messages, image_tokens = conversation.countable(kept[::-1])
        return tokenizer.count_prompt(messages) + image_tokens + (tokenizer.count(fixed) if fixed else 0)

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
