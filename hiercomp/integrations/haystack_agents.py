"""Haystack agents: a conversation and the results of its tools brought down to a size.

hook = CompactionHook(compactor=HiercompCompactor(), context_window=32_000)
agent = Agent(chat_generator=generator, tools=tools, hooks={"before_llm": [hook]})
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hiercomp.cancellation import in_thread
from hiercomp.chat.messages import CompressedMessages, compress_messages
from hiercomp.config import read_settings
from hiercomp.errors import BudgetError, MissingExtraError

try:
    from haystack import default_from_dict, default_to_dict
    from haystack.dataclasses import ChatMessage
    from haystack.token_counters import TokenCounter
except ImportError as error:
    raise MissingExtraError("an agent of Haystack 3.1", "haystack") from error

ROUNDS = 4
"""How often a conversation is cut anew where the agent's way of counting finds it too long."""


class HiercompCompactor:
    """Shortens what came before the last question, and the results of tools, to what serves that question.

    A call of tools is never parted from its results, and a message that is kept keeps all but its words. `settings`
    are fields of `hiercomp.Config`.
    """

    def __init__(self, settings: dict[str, Any] | None = None) -> None:
        self.settings = settings or {}
        self._config = read_settings(self.settings).config

    def compact(
        self, messages: list[ChatMessage], target_tokens: int, token_counter: TokenCounter
    ) -> list[ChatMessage] | None:
        """A conversation of at most `target_tokens`, or as near as can be; None where it would not be smaller."""
        plain = [_plain(message) for message in messages]
        budget = max(1, target_tokens)
        smallest, size = None, token_counter.count(messages)
        for _ in range(ROUNDS):
            compressed = self._compressed(plain, budget)
            compacted = [
                messages[place] if shortened == plain[place] else _with_texts(messages[place], shortened)
                for place, shortened in zip(compressed.kept, compressed.messages, strict=True)
            ]
            counted = token_counter.count(compacted)
            if counted < size:
                smallest, size = compacted, counted
            if counted <= target_tokens or compressed.tokens > budget:
                break
            budget = max(1, compressed.tokens - (counted - target_tokens))
        return smallest

    async def compact_async(
        self, messages: list[ChatMessage], target_tokens: int, token_counter: TokenCounter
    ) -> list[ChatMessage] | None:
        """The same, off the event loop."""
        return await in_thread(self.compact, messages, target_tokens, token_counter)

    def to_dict(self) -> dict[str, Any]:
        """What a saved agent has of this compactor."""
        return default_to_dict(self, settings=self.settings)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HiercompCompactor:
        """The compactor of a saved agent."""
        return default_from_dict(cls, data)

    def _compressed(self, plain: Sequence[Mapping[str, Any]], budget: int) -> CompressedMessages:
        """The conversation within a budget, or within the least that works."""
        try:
            return compress_messages(plain, budget=budget, config=self._config)
        except BudgetError as error:
            return compress_messages(plain, budget=error.least, config=self._config)


def _plain(message: ChatMessage) -> dict[str, Any]:
    """A message in OpenAI's shape, with its own texts in their order."""
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.tool_name, "arguments": json.dumps(call.arguments)},
        }
        for call in message.tool_calls
    ]
    return {"role": message.role.value, "content": list(_parts(message.to_dict()["content"])), "tool_calls": calls}


def _parts(content: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The texts of a serialized content, those of tools' results among them, and what stands for images and files."""
    for part in content:
        if "text" in part:
            yield {"type": "text", "text": part["text"]}
        elif "image" in part or "file" in part:
            yield {"type": "file"}
        elif "tool_call_result" in part:
            result = part["tool_call_result"]["result"]
            yield from _parts([{"text": result}] if isinstance(result, str) else result)


def _with_texts(message: ChatMessage, shortened: Mapping[str, Any]) -> ChatMessage:
    """A copy of a message with the texts of its shortened plain form."""
    texts = iter([part["text"] for part in shortened["content"] if part["type"] == "text"])
    serialized = message.to_dict()
    return ChatMessage.from_dict({**serialized, "content": _replaced(serialized["content"], texts)})


def _replaced(content: Sequence[Mapping[str, Any]], texts: Iterator[str]) -> list[Mapping[str, Any]]:
    """A serialized content with other texts, in the same places."""
    replaced: list[Mapping[str, Any]] = []
    for part in content:
        if "text" in part:
            replaced.append({**part, "text": next(texts)})
        elif "tool_call_result" in part:
            answer = part["tool_call_result"]
            result = next(texts) if isinstance(answer["result"], str) else _replaced(answer["result"], texts)
            replaced.append({"tool_call_result": {**answer, "result": result}})
        else:
            replaced.append(part)
    return replaced
