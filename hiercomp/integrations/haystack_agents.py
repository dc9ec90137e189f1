"""Haystack agents: compact a conversation and its tool results to a number of tokens.

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
from hiercomp.integrations._planning import Lines, RememberedPlans

try:
    from haystack import default_from_dict, default_to_dict
    from haystack.components.generators.chat.types import ChatGenerator
    from haystack.dataclasses import ChatMessage
    from haystack.token_counters import TokenCounter
except ImportError as error:
    raise MissingExtraError("an agent of Haystack 3.1", "haystack") from error

from hiercomp.integrations.haystack import planner_from_dict, planner_of, planner_to_dict  # after Haystack itself

MAX_ROUNDS = 4
"""How often to compress a conversation again if the agent's token counter still finds it too long."""


class HiercompCompactor:
    """A compactor that cuts earlier messages and tool results to the sentences that the last question needs.

    A tool call and its results are kept or dropped together. A message that is kept changes only its texts.
    `settings` are fields of `hiercomp.Config`. `planner` writes the plan of a question, once for each question: it is a
    chat generator, or a function from a question to a list of lines.
    """

    def __init__(self, settings: dict[str, Any] | None = None, planner: Lines | ChatGenerator | None = None) -> None:
        self.settings = settings or {}
        self.planner = planner
        self._config = read_settings(self.settings).config
        given = planner_of(planner, self._config)
        self._planner = RememberedPlans(given) if given else None

    def compact(
        self, messages: list[ChatMessage], target_tokens: int, token_counter: TokenCounter
    ) -> list[ChatMessage] | None:
        """Compress a conversation to `target_tokens`, or as near as possible. Return None if it cannot get smaller."""
        plain = [_plain(message) for message in messages]
        budget = max(1, target_tokens)
        smallest, size = None, token_counter.count(messages)
        for _ in range(MAX_ROUNDS):
            compressed = self._compress(plain, budget)
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
        """Do the same in a thread, so that the event loop stays free."""
        return await in_thread(self.compact, messages, target_tokens, token_counter)

    def to_dict(self) -> dict[str, Any]:
        """Return the compactor as a dictionary for a saved agent."""
        return default_to_dict(self, settings=self.settings, planner=planner_to_dict(self.planner))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HiercompCompactor:
        """Build the compactor from the dictionary of a saved agent."""
        options = data["init_parameters"]
        options = {**options, "planner": planner_from_dict(options.get("planner"))}
        return default_from_dict(cls, {**data, "init_parameters": options})

    def _compress(self, plain: Sequence[Mapping[str, Any]], budget: int) -> CompressedMessages:
        """Compress a conversation to a budget, or to the least budget that works if that is more."""
        try:
            return compress_messages(plain, budget=budget, config=self._config, plan=self._planner)
        except BudgetError as error:
            return compress_messages(plain, budget=error.least, config=self._config, plan=self._planner)


def _plain(message: ChatMessage) -> dict[str, Any]:
    """Convert a message to OpenAI's format, with its texts in their order."""
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
    """Yield the texts of a serialized content, including tool results, and its reasoning.

    A placeholder stands for each image or file. The agent's token counter counts them, and the texts get the rest.
    """
    for part in content:
        if "text" in part:
            yield {"type": "text", "text": part["text"]}
        elif "reasoning" in part:
            yield {"type": "reasoning", "reasoning": part["reasoning"]}
        elif "image" in part or "file" in part:
            yield {"type": "image", "detail": "low"}
        elif "tool_call_result" in part:
            result = part["tool_call_result"]["result"]
            yield from _parts([{"text": result}] if isinstance(result, str) else result)


def _with_texts(message: ChatMessage, shortened: Mapping[str, Any]) -> ChatMessage:
    """Return a copy of a message with the texts of its shortened form."""
    texts = iter([part["text"] for part in shortened["content"] if part["type"] == "text"])
    serialized = message.to_dict()
    return ChatMessage.from_dict({**serialized, "content": _replace_texts(serialized["content"], texts)})


def _replace_texts(content: Sequence[Mapping[str, Any]], texts: Iterator[str]) -> list[Mapping[str, Any]]:
    """Return a serialized content with other texts in the same places."""
    replaced: list[Mapping[str, Any]] = []
    for part in content:
        if "text" in part:
            replaced.append({**part, "text": next(texts)})
        elif "tool_call_result" in part:
            tool_result = part["tool_call_result"]
            content_of_result = tool_result["result"]
            shortened = next(texts) if isinstance(content_of_result, str) else _replace_texts(content_of_result, texts)
            replaced.append({"tool_call_result": {**tool_result, "result": shortened}})
        else:
            replaced.append(part)
    return replaced
