"""The contents of messages in OpenAI's formats (chat and Responses) and in Anthropic's.

A content consists of texts, which can be shortened, of images, and of everything else, such as tool calls and
reasoning, which stays as it is and is counted as JSON. A part whose tokens nothing here tells, such as audio or a file,
is refused: if it were passed on, the budget would not hold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum

from hiercomp.chat.images import image_tokens
from hiercomp.errors import ConfigError

Path = tuple[str | int, ...]
"""The keys and indices that lead to a value inside a message."""

TOOL_ROLES = ("tool", "function")
_TEXTS = {
    **dict.fromkeys(("text", "input_text", "output_text", "text-plain"), ("text",)),
    "refusal": ("refusal",),
    "": ("text", "stdout", "stderr"),
}
"""The keys of the texts of a part, by the part's type. The output of a shell has no type."""
_IMAGES = ("image", "image_url", "input_image", "computer_screenshot", "image_generation_call")
_RESULTS = ("_result", "_output")
"""The ends of the types of results. A result holds a text or parts under one of the keys `_RESULT_KEYS`."""
_RESULT_KEYS = ("content", "output", "result")
_CALLS = ("_call", "_use")
"""The ends of the types of calls."""
_ERROR = "_error"
"""The end of the types of the errors of a provider's own tools."""
_REASONING = ("thinking", "redacted_thinking", "reasoning", "compaction")
_FIXED = (
    *_REASONING, "additional_tools", "function", "invalid_tool_call", "mcp_approval_request", "mcp_approval_response",
    "mcp_list_tools", "non_standard", "program", "tool_call_chunk", "tool_reference",
)  # fmt: skip
_READ_BESIDE = (
    "system", "instructions", "tools", "functions", "tool_choice", "response_format", "text", "output_format",
    "output_config",
)  # fmt: skip
"""The keys of a request, beside its messages, that hold what the model reads."""
_ELSEWHERE = ("previous_response_id", "conversation", "prompt")
"""The keys of a request that refer to something that the model reads and the request does not hold."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in a message. `is_own` is False for the text of a tool's result or of a document."""

    path: Path
    text: str
    is_own: bool


@dataclass(slots=True)
class Content:
    """What a message holds. `others` is the JSON of everything that is neither a text nor an image.

    The role is empty for an item of the Responses format that is no message, such as a call.
    """

    role: str
    texts: list[Text] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    image_tokens: int = 0
    is_call: bool = False
    is_result: bool = False
    is_reasoning: bool = False

    @property
    def leads_on(self) -> bool:
        """Whether the next item belongs to this one: calls in parallel, or what a reasoning item led to."""
        return not self.role and (self.is_call or self.is_reasoning)


@dataclass(frozen=True, slots=True)
class Request:
    """The messages of a request, and the JSON of everything beside them that the model reads."""

    messages: Sequence[object]
    fixed: str = ""


def plain(value: object) -> object:
    """Return a copy of a value in which mappings, dataclasses and pydantic models are dictionaries."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return plain(dump(mode="json", exclude_none=True))
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    return value


def read_request(given: Sequence[object] | Mapping[str, object]) -> Request:
    """Return the messages of a request, and the JSON of everything else that the model reads.

    Raises:
        ConfigError: the request has no messages, or names a prompt or an earlier response that is not in it.
    """
    if not isinstance(given, Mapping):
        return Request(given)
    for key in _ELSEWHERE:
        if given.get(key):
            raise ConfigError(f"the tokens that {key!r} refers to cannot be counted; give the messages themselves")
    messages = given.get("messages") or given.get("input")
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    if not isinstance(messages, Sequence):
        raise ConfigError("a request has its messages under the key 'messages' or 'input'")
    fixed = {key: plain(given[key]) for key in _READ_BESIDE if given.get(key)}
    return Request(messages, json.dumps(fixed, ensure_ascii=False, default=str) if fixed else "")


def read_message(index: int, message: object) -> dict[str, object]:
    """Return a copy of a message as a dictionary.

    Raises:
        ConfigError: the value is neither a message nor an item of the Responses format.
    """
    copy = plain(message)
    if not isinstance(copy, dict) or not (copy.get("role") or copy.get("type")):
        raise ConfigError(f"message {index} is a {type(message).__name__} without a role; give a role and a content")
    return copy


def read_content(index: int, message: Mapping[str, object]) -> Content:
    """Return what a message holds.

    Raises:
        ConfigError: the tokens of a part cannot be counted. The error names the part's type.
    """
    reader = _Reader(index, str(message.get("role") or ""))
    reader.read(message)
    return reader.content


def with_texts(message: Mapping[str, object], texts: Mapping[Path, str]) -> dict[str, object]:
    """Return a copy of a message with new texts, which are given by their places."""
    copy: object = plain(message)
    for path, text in texts.items():
        copy = _replaced(copy, path, text)
    assert isinstance(copy, dict)
    return copy


def _replaced(value: object, path: Path, text: str) -> object:
    """Return a value with another text at a place."""
    if not path:
        return text
    key, *rest = path
    if isinstance(value, list):
        return [_replaced(item, tuple(rest), text) if place == key else item for place, item in enumerate(value)]
    assert isinstance(value, dict)
    return {**value, key: _replaced(value[key], tuple(rest), text)}


class _Reader:
    """Collects what a message holds."""

    def __init__(self, index: int, role: str) -> None:
        self.content = Content(role, is_result=role in TOOL_ROLES)
        self._index = index

    def read(self, message: Mapping[str, object]) -> None:
        if not self.content.role:
            self._part(message, (), is_own=False)
            return
        if message.get("audio"):
            raise self._uncountable("audio")
        self.content.is_call = bool(message.get("tool_calls") or message.get("function_call"))
        is_own = self.content.role not in TOOL_ROLES
        self._value(message.get("content"), ("content",), is_own=is_own)
        self._value(message.get("refusal"), ("refusal",), is_own=is_own)
        self._keep(message, "role", "type", "id", "status", "content", "refusal")

    def _value(self, value: object, path: Path, *, is_own: bool) -> None:
        if isinstance(value, str):
            self.content.texts.append(Text(path, value, is_own))
        elif isinstance(value, list):
            for place, item in enumerate(value):
                self._value(item, (*path, place), is_own=is_own)
        elif isinstance(value, Mapping):
            self._part(value, path, is_own=is_own)
        elif value is not None:
            self.content.others.append(json.dumps(value, default=str))

    def _part(self, part: Mapping[str, object], path: Path, *, is_own: bool) -> None:
        kind = str(part.get("type") or "")
        if kind in _TEXTS:
            self._texts_of(part, path, is_own=is_own)
        elif kind in _IMAGES:
            self.content.image_tokens += image_tokens(part)
        elif kind == "document":
            self._document(part, path)
        elif kind.endswith(_RESULTS):
            self._result(part, path)
        elif kind.endswith((*_CALLS, _ERROR)) or kind in _FIXED:
            self.content.is_call = self.content.is_call or kind.endswith(_CALLS)
            self.content.is_reasoning = self.content.is_reasoning or kind in _REASONING
            self._keep(part)
        else:
            raise self._uncountable(kind)

    def _texts_of(self, part: Mapping[str, object], path: Path, *, is_own: bool) -> None:
        keys = _TEXTS[str(part.get("type") or "")]
        for key in keys:
            self._value(part.get(key), (*path, key), is_own=is_own)
        self._keep(part, "type", *keys)

    def _result(self, part: Mapping[str, object], path: Path) -> None:
        """Read the result of a tool. The results of a provider's own tools stand in the message of their call."""
        self.content.is_result = self.content.is_result or self.content.role != "assistant"
        for key in _RESULT_KEYS:
            self._value(part.get(key), (*path, key), is_own=False)
        self._keep(part, *_RESULT_KEYS)

    def _document(self, part: Mapping[str, object], path: Path) -> None:
        source = part.get("source")
        kind = source.get("type") if isinstance(source, Mapping) else None
        if not isinstance(source, Mapping) or kind not in ("text", "content"):
            raise self._uncountable("document", f" with a source of type {kind!r}")
        key = "data" if kind == "text" else "content"
        self._value(source.get(key), (*path, "source", key), is_own=False)
        self._keep(part, "source")

    def _keep(self, part: Mapping[str, object], *read: str) -> None:
        """Note the fields of a part that are not read otherwise, and that are not empty."""
        rest = {key: value for key, value in part.items() if key not in read and value not in (None, "", [], {})}
        if rest:
            self.content.others.append(json.dumps(rest, ensure_ascii=False, default=str))

    def _uncountable(self, kind: str, detail: str = "") -> ConfigError:
        return ConfigError(
            f"message {self._index}: the tokens of a part of type {kind!r}{detail} cannot be counted; "
            "give its text instead, or send the messages without a budget"
        )
