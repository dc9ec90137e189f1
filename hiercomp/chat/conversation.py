"""The structure of a conversation: the texts that may be shortened, and the messages that stay or go together.

A turn is a user message and the messages up to the next one. A tool call and its results are kept or dropped together.
If any message of a turn is kept, its user message and its last reply are kept too: chat templates require alternating
roles, and a reply is hard to understand without its question.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from hiercomp.chat.parts import Content, Path, Text, with_texts
from hiercomp.chat.texts import Excerpt, Kept
from hiercomp.context import GAP
from hiercomp.text.question import is_follow_up
from hiercomp.types import Message, Span

Protected = Literal["system", "last_user"]
ROLES: dict[str, Literal["system", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "assistant": "assistant",
}
SHORT_LENGTH = 1_000
"""The most code points of a paragraph that can be a question or an instruction.

A reply between two questions that belong together is kept whole up to this length.
"""
BRIEF_LENGTH = 100
"""A message of at most this many code points is kept whole, because an ellipsis in its place saves too little."""
LONG_LENGTH = 2 * SHORT_LENGTH
"""A user message of more code points is assumed to contain a document beside its question."""


@dataclass(frozen=True, slots=True)
class Shortened:
    """A text that was cut: the index of its message, the index of its content part if any, and the kept spans.

    `path` holds the keys and indices that lead to the text inside the message.
    """

    message: int
    part: int | None
    spans: tuple[Span, ...]
    path: tuple[str | int, ...] = ("content",)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a message. `compressible` is the span that may be shortened; it is empty if the text must stay."""

    message: int
    path: Path
    text: str
    compressible: Span

    @classmethod
    def whole(cls, message: int, text: Text) -> _Text:
        """Return a text of which everything may be shortened."""
        return cls(message, text.path, text.text, Span(0, len(text.text)))

    @property
    def part(self) -> int | None:
        """The index of the content part, if the text is in one."""
        return next((key for key in self.path if isinstance(key, int)), None)

    @property
    def compressible_text(self) -> str:
        return self.compressible.of(self.text)

    @property
    def before(self) -> str:
        return self.text[: self.compressible.start]

    @property
    def after(self) -> str:
        return self.text[self.compressible.end :]


class Conversation:
    """Messages and the stretches of their texts that may be shortened.

    `question` joins the questions in the messages at `questions`. These messages and all later ones are kept.
    """

    def __init__(
        self,
        messages: Sequence[Mapping[str, object]],
        contents: Sequence[Content],
        questions: Sequence[int],
        protect: Collection[Protected],
    ) -> None:
        self._messages = messages
        self._contents = contents
        self._turns = list(_turns(contents))
        self._turn_ends = {index for turn in self._turns for index in turn.ends}
        self._texts: list[_Text] = []
        self._required: set[int] = set()
        first, last = min(questions, default=0), max(questions, default=0)
        found = []
        for index, content in enumerate(contents):
            is_protected = ROLES.get(content.role) == "system" and "system" in protect
            texts = [_Text.whole(index, text) for text in content.texts]
            if index in questions:
                question, texts = _split_question(index, content, protect="last_user" in protect)
                found.append(question)
            elif content.role == "assistant" and first <= index < last:
                texts = [text for text in texts if len(text.text) > SHORT_LENGTH]
            if is_protected or index >= first or content.image_tokens:
                self._required.add(index)
            if not is_protected:
                self._texts += [text for text in texts if text.compressible_text.strip()]
        self.question = "\n".join(found)

    @property
    def compressible_texts(self) -> list[str]:
        """The stretches that may be shortened, in order."""
        return [text.compressible_text for text in self._texts]

    def with_excerpts(self, kept: Kept) -> dict[int, dict[str, object]]:
        """Return copies of the remaining messages by index, if these excerpts of the stretches are kept."""
        shown = self._shown(kept)
        return {index: with_texts(self._messages[index], shown.get(index, {})) for index in self._remaining(kept)}

    def countable(self, kept: Kept) -> tuple[list[Message], int]:
        """Return messages whose tokens stand for those of the remaining messages, and the tokens of the images."""
        shown, remaining = self._shown(kept), self._remaining(kept)
        messages = [_countable(self._contents[index], shown.get(index, {})) for index in remaining]
        return messages, sum(self._contents[index].image_tokens for index in remaining)

    def _remaining(self, kept: Kept) -> list[int]:
        with_text = {text.message for text, excerpt in zip(self._texts, kept, strict=True) if excerpt is not None}
        wanted = with_text | self._required
        return sorted(index for turn in self._turns for index in turn.remaining(wanted))

    def _shown(self, kept: Kept) -> dict[int, dict[Path, str]]:
        """Return what is shown of the texts that may be shortened, by message and place."""
        shown: dict[int, dict[Path, str]] = {}
        for text, excerpt in self._with_brief(kept):
            shown.setdefault(text.message, {})[text.path] = _content(text, excerpt)
        return shown

    def shortened(self, kept: Kept, remaining: Collection[int]) -> tuple[Shortened, ...]:
        """Return the texts of the remaining messages that were cut."""
        return tuple(
            Shortened(text.message, text.part, _kept_spans(text, excerpt), text.path)
            for text, excerpt in self._with_brief(kept)
            if text.message in remaining and (excerpt is None or excerpt.text != text.compressible_text)
        )

    def _with_brief(self, kept: Kept) -> Iterator[tuple[_Text, Excerpt | None]]:
        """Yield each text and its excerpt. A brief text at the end of a turn is kept whole even if it was dropped."""
        for text, excerpt in zip(self._texts, kept, strict=True):
            is_brief = len(text.text) <= BRIEF_LENGTH and text.message in self._turn_ends
            yield text, Excerpt.whole(text.text) if excerpt is None and is_brief else excerpt


@dataclass(frozen=True, slots=True)
class _Turn:
    """Indices of messages. An exchange is kept or dropped as one. `ends` are kept if anything of the turn is kept."""

    exchanges: list[list[int]]
    ends: set[int]

    def remaining(self, wanted: Set[int]) -> set[int]:
        """Return the messages to keep if some messages are wanted."""
        kept = {index for exchange in self.exchanges if not wanted.isdisjoint(exchange) for index in exchange}
        return kept | self.ends if kept else kept


def _turns(contents: Sequence[Content]) -> Iterator[_Turn]:
    """Yield the turns. A system message is a turn of its own."""
    exchanges: list[list[int]] = []
    for exchange in _exchanges(contents):
        role = contents[exchange[0]].role
        if ROLES.get(role) == "system":
            yield _Turn([exchange], set())
        elif role == "user" and exchanges:
            yield _turn(exchanges, contents)
            exchanges = [exchange]
        else:
            exchanges.append(exchange)
    if exchanges:
        yield _turn(exchanges, contents)


def _turn(exchanges: list[list[int]], contents: Sequence[Content]) -> _Turn:
    """Return a turn whose ends are the user message and the last message, unless that is a tool call."""
    first, last = exchanges[0], exchanges[-1]
    ends = {first[0]} if contents[first[0]].role == "user" else set()
    if not any(contents[index].is_call or contents[index].is_result for index in last):
        ends.update(last)
    return _Turn(exchanges, ends)


def _exchanges(contents: Sequence[Content]) -> Iterator[list[int]]:
    """Yield the indices of each message; tool calls together with their results and the reasoning before them."""
    exchange: list[int] = []
    for index, content in enumerate(contents):
        if exchange and not content.is_result and not contents[exchange[-1]].leads_on:
            yield exchange
            exchange = []
        exchange.append(index)
    if exchange:
        yield exchange


def question_indices(contents: Sequence[Content], *, alone: bool) -> list[int]:
    """Return the indices of the user messages that ask the current question: the last one and those it refers to.

    A user message that only brings the results of tools asks nothing. With `alone` only the last one is returned.
    """
    asking = [index for index, content in enumerate(contents) if content.role == "user" and _asks(content)]
    indices: list[int] = []
    for index in reversed(asking):
        indices.insert(0, index)
        question, _ = _split_question(index, contents[index], protect=True)
        if alone or not is_follow_up(question):
            break
    return indices


def _asks(content: Content) -> bool:
    return not content.is_result or any(text.is_own for text in content.texts)


def _split_question(index: int, content: Content, *, protect: bool) -> tuple[str, list[_Text]]:
    """Return the question of a user message, and its texts with the spans that may be shortened.

    With `protect`, a short message is not shortened. A long message is shortened, except its first and last paragraphs,
    which usually contain the question and instructions, and its short texts if it has several texts. Documents and
    the results of tools in the message are not a part of the question.
    """
    own = [_Text.whole(index, text) for text in content.texts if text.is_own]
    given = [_Text.whole(index, text) for text in content.texts if not text.is_own]
    message = "\n".join(text.text for text in own)
    if len(message) <= LONG_LENGTH:
        return message, given if protect else own + given
    cut = [_Text(index, text.path, text.text, _body(text.text)) for text in own]
    ends = [end.strip() for text in cut for end in (text.before, text.after)]
    ends = [end for end in ends if end]
    question = next((end for end in reversed(ends) if "?" in end), "\n".join(ends))
    return question, (cut if protect else own) + given


def _body(text: str) -> Span:
    """Return the span of a text without its first and last paragraph, as far as these are short.

    A text of one paragraph is split by lines instead. The body of a short text is empty.
    """
    if len(text) <= SHORT_LENGTH:
        return Span(0, 0)
    for border in (r"\n\s*\n", r"\n"):
        borders = [(found.start(), found.end()) for found in re.finditer(border, text.strip("\n"))]
        if borders:
            shift = len(text) - len(text.lstrip("\n"))
            start, end = borders[0][1] + shift, borders[-1][0] + shift
            start = start if start <= SHORT_LENGTH else 0
            end = end if len(text) - end <= SHORT_LENGTH else len(text)
            if start or end < len(text):
                return Span(start, max(start, end))
    # No paragraph separates the question. It stands at the end more often than elsewhere.
    return Span(0, text.rfind(" ", 0, len(text) - SHORT_LENGTH) + 1 or len(text) - SHORT_LENGTH)


def _content(text: _Text, excerpt: Excerpt | None) -> str:
    """Return a text with the excerpt of its stretch, or a gap mark, instead of the stretch."""
    shown = GAP if excerpt is None else excerpt.text
    if shown == text.compressible_text:
        return text.text
    before_break = "" if not text.before or text.before[-1].isspace() else "\n"
    after_break = "" if not text.after or text.after[0].isspace() else "\n"
    return text.before + before_break + shown + after_break + text.after


def _kept_spans(text: _Text, excerpt: Excerpt | None) -> tuple[Span, ...]:
    """Return the spans of the whole text that are kept."""
    start, end = text.compressible.start, text.compressible.end
    inner = [Span(start + span.start, start + span.end) for span in excerpt.spans] if excerpt else []
    return tuple(span for span in (Span(0, start), *inner, Span(end, len(text.text))) if len(span))


def _countable(content: Content, shown: Mapping[Path, str]) -> Message:
    texts = [shown.get(text.path, text.text) for text in content.texts]
    return Message(ROLES.get(content.role, "user"), "\n".join([*texts, *content.others]))
