"""A conversation within a budget: OpenAI-style messages, their texts cut to what the last question needs.

What came before the last question is kept as far as it is worth its tokens, a call of tools always together with its
results. A question such as `And in 2024?` is taken together with those that it leans on. What follows the question
stays, shortened: a model that no longer sees its own calls makes them again. A long question, such as one that brings a
document along, is cut between its beginning and its end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal

from hiercomp.config import Config, read_settings
from hiercomp.context import GAP
from hiercomp.errors import BudgetError
from hiercomp.pipeline import Limit
from hiercomp.ports import Tokenizer
from hiercomp.question import leans
from hiercomp.texts import Excerpt, Kept, select
from hiercomp.types import Message, Span

Protected = Literal["system", "last_user"]
PROTECTED: tuple[Protected, ...] = ("system", "last_user")
TOOL_ROLES = ("tool", "function")
ROLES: dict[object, Literal["system", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "assistant": "assistant",
}
SHORT = 1_000
"""Code points of a paragraph that can be a question or an instruction, and of an answer that is leaned on whole."""
LONG = 2 * SHORT
"""Code points from which a question is taken to bring a document along."""


@dataclass(frozen=True, slots=True)
class Shortened:
    """A text of which excerpts were kept: the place of its message, of its content part if it has parts, its spans."""

    message: int
    part: int | None
    spans: tuple[Span, ...]


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


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a message, and the span of it that may be shortened, empty where it must stay."""

    message: int
    part: int | None
    text: str
    free: Span


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
    asking = _asking(messages, alone=question is not None)
    conversation = _Conversation(messages, asking, protect)
    subject = conversation.question if question is None else question
    try:
        return _compressed(conversation, subject, budget, config)
    except BudgetError:
        if len(asking) < 2:
            raise
    return _compressed(_Conversation(messages, asking[-1:], protect), subject, budget, config)


def _compressed(conversation: _Conversation, subject: str, budget: Limit, config: Config) -> CompressedMessages:
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


class _Conversation:
    """Messages, and the stretches of their texts that may be shortened."""

    def __init__(
        self, messages: Sequence[Mapping[str, object]], asking: Sequence[int], protect: Collection[Protected]
    ) -> None:
        self._messages = messages
        self._texts: list[_Text] = []
        self._staying: set[int] = set()
        first, last = min(asking, default=0), max(asking, default=0)
        questions = []
        for place, message in enumerate(messages):
            system = ROLES.get(message.get("role")) == "system" and "system" in protect
            texts = list(_texts(place, message))
            if place in asking:
                question, texts = _without_question(texts, whole="last_user" in protect)
                questions.append(question)
            elif message.get("role") == "assistant" and first <= place < last:
                texts = [text for text in texts if len(text.text) > SHORT]
            if system or place >= first or _has_more_than_text(message):
                self._staying.add(place)
            if not system:
                self._texts += [text for text in texts if text.free.of(text.text).strip()]
        self.question = "\n".join(questions)

    @property
    def free(self) -> list[str]:
        """The stretches."""
        return [text.free.of(text.text) for text in self._texts]

    def with_excerpts(self, kept: Kept) -> dict[int, dict[str, object]]:
        """Copies of the messages that are left, by their place, when so much is kept of each stretch."""
        shown = {(text.message, text.part): _shown(text, left) for text, left in zip(self._texts, kept, strict=True)}
        found = {text.message for text, left in zip(self._texts, kept, strict=True) if left is not None}
        return {
            place: _with_texts(place, self._messages[place], shown)
            for exchange in self._exchanges()
            if not (found | self._staying).isdisjoint(exchange)
            for place in exchange
        }

    def shortened(self, kept: Kept, left: Collection[int]) -> tuple[Shortened, ...]:
        """Of which texts of the messages that are left only excerpts are."""
        return tuple(
            Shortened(text.message, text.part, _spans(text, excerpt))
            for text, excerpt in zip(self._texts, kept, strict=True)
            if text.message in left and (excerpt is None or excerpt.text != text.free.of(text.text))
        )

    def _exchanges(self) -> Iterator[list[int]]:
        """The places of messages that stay or go together: a message, or one that calls tools and their results."""
        exchange: list[int] = []
        for place, message in enumerate(self._messages):
            if exchange and message.get("role") not in TOOL_ROLES:
                yield exchange
                exchange = []
            exchange.append(place)
        if exchange:
            yield exchange


def _asking(messages: Sequence[Mapping[str, object]], *, alone: bool) -> list[int]:
    """The places of the user messages that say what is asked: the last one, after those that it leans on.

    They go back to the first that stands by itself, but where the last one is to stand `alone`.
    """
    asking: list[int] = []
    for place in reversed([place for place, message in enumerate(messages) if message.get("role") == "user"]):
        asking.insert(0, place)
        question, _ = _without_question(list(_texts(place, messages[place])), whole=True)
        if alone or not leans(question):
            break
    return asking


def _has_more_than_text(message: Mapping[str, object]) -> bool:
    """Whether a message has an image or another part that is no text."""
    content = message.get("content")
    return isinstance(content, list) and any(
        not isinstance(part, dict) or part.get("type") != "text" for part in content
    )


def _texts(place: int, message: Mapping[str, object]) -> Iterator[_Text]:
    """The texts of a message."""
    content = message.get("content")
    if isinstance(content, str):
        yield _Text(place, None, content, Span(0, len(content)))
    elif isinstance(content, list):
        for number, part in enumerate(content):
            if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
                yield _Text(place, number, part["text"], Span(0, len(part["text"])))


def _without_question(texts: Sequence[_Text], *, whole: bool) -> tuple[str, list[_Text]]:
    """What the last user message asks, and its texts with what of them may be shortened.

    Nothing of it where it is short. Else all but its paragraphs at both ends, where a question and its instructions
    stand, or its short texts where it has several.
    """
    message = "\n".join(text.text for text in texts)
    if len(message) <= LONG:
        return message, [] if whole else list(texts)
    cut = [_Text(text.message, text.part, text.text, _body(text.text)) for text in texts]
    ends = [end.strip() for text in cut for end in (text.text[: text.free.start], text.text[text.free.end :])]
    ends = [end for end in ends if end]
    asking = next((end for end in reversed(ends) if "?" in end), "\n".join(ends))
    return asking, cut if whole else list(texts)


def _body(text: str) -> Span:
    """A text without its first and its last paragraph, or line where it is one paragraph, as far as they are short."""
    if len(text) <= SHORT:
        return Span(0, 0)
    for border in (r"\n\s*\n", r"\n"):
        borders = [(found.start(), found.end()) for found in re.finditer(border, text.strip("\n"))]
        if borders:
            shift = len(text) - len(text.lstrip("\n"))
            start, end = borders[0][1] + shift, borders[-1][0] + shift
            start = start if start <= SHORT else 0
            end = end if len(text) - end <= SHORT else len(text)
            if start or end < len(text):
                return Span(start, max(start, end))
    # No paragraph to tell the question by: it stands at the end more often than elsewhere.
    return Span(0, text.rfind(" ", 0, len(text) - SHORT) + 1 or len(text) - SHORT)


def _shown(text: _Text, excerpt: Excerpt | None) -> str:
    """A text with what is left of its stretch in its place."""
    left = GAP if excerpt is None else excerpt.text
    before, after = text.text[: text.free.start], text.text[text.free.end :]
    breaks = ("" if not before or before[-1:].isspace() else "\n", "" if not after or after[:1].isspace() else "\n")
    return before + breaks[0] + left + breaks[1] + after if left != text.free.of(text.text) else text.text


def _spans(text: _Text, excerpt: Excerpt | None) -> tuple[Span, ...]:
    """The spans of the whole text that are kept."""
    start, end = text.free.start, text.free.end
    inner = [Span(start + span.start, start + span.end) for span in excerpt.spans] if excerpt else []
    return tuple(span for span in (Span(0, start), *inner, Span(end, len(text.text))) if len(span))


def _with_texts(
    place: int, message: Mapping[str, object], shown: Mapping[tuple[int, int | None], str]
) -> dict[str, object]:
    """A copy of a message with its texts as they are shown."""
    copy = dict(deepcopy(message))
    if (place, None) in shown:
        copy["content"] = shown[place, None]
    elif isinstance(content := copy.get("content"), list):
        copy["content"] = [
            part | {"text": shown[place, number]} if (place, number) in shown else part
            for number, part in enumerate(content)
        ]
    return copy


def _counted(message: Mapping[str, object]) -> Message:
    """A message as its tokens are counted: its role, its texts and its calls of tools."""
    texts = [text.text for text in _texts(0, message)]
    calls = [message[key] for key in ("tool_calls", "function_call") if message.get(key)]
    content = "\n".join([*texts, *(json.dumps(call, ensure_ascii=False, default=str) for call in calls)])
    return Message(ROLES.get(message.get("role"), "user"), content)
