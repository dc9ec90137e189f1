"""A conversation: which of its texts may be shortened, and which of its messages stay or go together.

A call of tools goes with its results. What is left of a turn, from a user's message to the next one, has that message
before it and the turn's last word behind it: chat templates want the roles to alternate, and an answer says little
without its question.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal

from hiercomp.chat.texts import Excerpt, Kept
from hiercomp.context import GAP
from hiercomp.text.question import leans
from hiercomp.types import Span

Protected = Literal["system", "last_user"]
TOOL_ROLES = ("tool", "function")
ROLES: dict[object, Literal["system", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "assistant": "assistant",
}
SHORT = 1_000
"""Code points of a paragraph that can be a question or an instruction, and of an answer that is leaned on whole."""
BRIEF = 100
"""Code points of a message that is not worth an ellipsis in its place."""
LONG = 2 * SHORT
"""Code points from which a question is taken to bring a document along."""


@dataclass(frozen=True, slots=True)
class Shortened:
    """A text of which excerpts were kept: the place of its message, of its content part if it has parts, its spans."""

    message: int
    part: int | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a message, and the span of it that may be shortened, empty where it must stay."""

    message: int
    part: int | None
    text: str
    free: Span


class Conversation:
    """Messages, and the stretches of their texts that may be shortened."""

    def __init__(
        self, messages: Sequence[Mapping[str, object]], asking: Sequence[int], protect: Collection[Protected]
    ) -> None:
        self._messages = messages
        self._turns = list(_turns(messages))
        self._ends = {place for turn in self._turns for place in turn.ends}
        self._texts: list[_Text] = []
        self._staying: set[int] = set()
        first, last = min(asking, default=0), max(asking, default=0)
        questions = []
        for place, message in enumerate(messages):
            system = ROLES.get(message.get("role")) == "system" and "system" in protect
            texts = list(texts_of(place, message))
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
        found = {text.message for text, excerpt in zip(self._texts, kept, strict=True) if excerpt is not None}
        wanted = found | self._staying
        left = sorted(place for turn in self._turns for place in turn.left(wanted))
        shown = {(text.message, text.part): _shown(text, excerpt) for text, excerpt in self._completed(kept)}
        return {place: _with_texts(place, self._messages[place], shown) for place in left}

    def shortened(self, kept: Kept, left: Collection[int]) -> tuple[Shortened, ...]:
        """Of which texts of the messages that are left only excerpts are."""
        return tuple(
            Shortened(text.message, text.part, _spans(text, excerpt))
            for text, excerpt in self._completed(kept)
            if text.message in left and (excerpt is None or excerpt.text != text.free.of(text.text))
        )

    def _completed(self, kept: Kept) -> Iterator[tuple[_Text, Excerpt | None]]:
        """What is kept of each text: all of one that is brief and stays only beside the rest of its turn."""
        for text, excerpt in zip(self._texts, kept, strict=True):
            brief = len(text.text) <= BRIEF and text.message in self._ends
            yield text, Excerpt.whole(text.text) if excerpt is None and brief else excerpt


@dataclass(frozen=True, slots=True)
class _Turn:
    """Places of messages: exchanges that stay or go as one, and `ends` that stay where any of them does."""

    exchanges: list[list[int]]
    ends: set[int]

    def left(self, wanted: Set[int]) -> set[int]:
        """What is left where some messages are wanted."""
        left = {place for exchange in self.exchanges if not wanted.isdisjoint(exchange) for place in exchange}
        return left | self.ends if left else left


def _turns(messages: Sequence[Mapping[str, object]]) -> Iterator[_Turn]:
    """A user's message and what follows it up to the next one is a turn; a system message is one of its own."""
    exchanges: list[list[int]] = []
    for exchange in _exchanges(messages):
        role = messages[exchange[0]].get("role")
        if ROLES.get(role) == "system":
            yield _Turn([exchange], set())
        elif role == "user" and exchanges:
            yield _turn(exchanges, messages)
            exchanges = [exchange]
        else:
            exchanges.append(exchange)
    if exchanges:
        yield _turn(exchanges, messages)


def _turn(exchanges: list[list[int]], messages: Sequence[Mapping[str, object]]) -> _Turn:
    """Its ends are the user's message and the last word behind it, but for a call of tools."""
    first, last = exchanges[0], exchanges[-1]
    ends = {first[0]} if messages[first[0]].get("role") == "user" else set()
    if len(last) == 1 and not calls(messages[last[0]]):
        ends.add(last[0])
    return _Turn(exchanges, ends)


def _exchanges(messages: Sequence[Mapping[str, object]]) -> Iterator[list[int]]:
    """The places of messages that stay or go together: a message, or one that calls tools and their results."""
    exchange: list[int] = []
    for place, message in enumerate(messages):
        if exchange and message.get("role") not in TOOL_ROLES:
            yield exchange
            exchange = []
        exchange.append(place)
    if exchange:
        yield exchange


def questions(messages: Sequence[Mapping[str, object]], *, alone: bool) -> list[int]:
    """The places of the user messages that say what is asked: the last one, after those that it leans on.

    They go back to one that stands by itself, unless the last one is to stand `alone`.
    """
    places: list[int] = []
    for place in reversed([place for place, message in enumerate(messages) if message.get("role") == "user"]):
        places.insert(0, place)
        question, _ = _without_question(list(texts_of(place, messages[place])), whole=True)
        if alone or not leans(question):
            break
    return places


def calls(message: Mapping[str, object]) -> list[object]:
    """The calls of tools that a message makes."""
    return [message[key] for key in ("tool_calls", "function_call") if message.get(key)]


def _has_more_than_text(message: Mapping[str, object]) -> bool:
    """Whether a message has an image or another part that is no text."""
    content = message.get("content")
    return isinstance(content, list) and any(
        not isinstance(part, dict) or part.get("type") != "text" for part in content
    )


def texts_of(place: int, message: Mapping[str, object]) -> Iterator[_Text]:
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
