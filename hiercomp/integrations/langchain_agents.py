"""LangChain agents: a conversation and the results of its tools within a token budget.

    agent = create_agent(model, tools, middleware=[HiercompMiddleware(budget=8000)])

What the model is sent is shortened at every call; the agent's own record of the conversation stays whole. The budget
bounds the system message and the messages; the definitions of the tools are not counted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from hiercomp.cancellation import in_thread
from hiercomp.chat.messages import compress_messages
from hiercomp.config import read_settings
from hiercomp.errors import MissingExtraError
from hiercomp.pipeline import Limit

try:
    from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
    from langchain_core.messages import AIMessage, AnyMessage, convert_to_openai_messages
except ModuleNotFoundError as error:
    raise MissingExtraError("an agent of LangChain", "langchain") from error


class HiercompMiddleware(AgentMiddleware):
    """Shortens what came before the last question, and the results of tools, to what serves that question.

    A call of tools is never parted from its results. A message that is kept keeps all but its words: its id, its type
    and everything else. `settings` are fields of `hiercomp.Config`.
    """

    def __init__(self, *, budget: Limit, settings: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._config = read_settings({**(settings or {}), "budget": budget}).config

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """Calls the model with the conversation within the budget.

        Raises:
            BudgetError: what must stay does not fit; the error names the least budget that works.
        """
        return handler(self._within_budget(request))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """The same, off the event loop."""
        return await handler(await in_thread(self._within_budget, request))

    def _within_budget(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        system = [request.system_message] if request.system_message else []
        messages: list[AnyMessage] = [*system, *request.messages]
        plain = [_plain(message) for message in messages]
        compressed = compress_messages(plain, budget=self._config.budget, config=self._config)
        left = [
            messages[place] if shortened == plain[place] else _with_texts(messages[place], shortened)
            for place, shortened in zip(compressed.kept, compressed.messages, strict=True)
        ]
        return request.override(messages=left[len(system) :])  # a system message always stays, as it is


def _plain(message: AnyMessage) -> dict[str, Any]:
    """A message in OpenAI's shape, with its own texts in their order.

    Of the parts of a model's message, such as its thoughts, only the texts: its calls of tools stand beside them.
    """
    content = message.content
    if isinstance(content, list):
        parts = [{"type": "text", "text": part} if isinstance(part, str) else part for part in content]
        content = [part for part in parts if part.get("type") == "text" or not isinstance(message, AIMessage)]
    return {**convert_to_openai_messages(message.model_copy(update={"content": ""})), "content": content}


def _with_texts(message: AnyMessage, shortened: Mapping[str, Any]) -> AnyMessage:
    """A copy of a message with the texts of its shortened plain form."""
    content = shortened["content"]
    if isinstance(message.content, list):
        texts: Sequence[str] = [part["text"] for part in content if part.get("type") == "text"]
        content = _replaced(message.content, texts)
    return message.model_copy(update={"content": content})


def _replaced(parts: Sequence[str | dict[str, Any]], texts: Sequence[str]) -> list[str | dict[str, Any]]:
    """Parts of a content with other texts, in the same places."""
    left = iter(texts)
    replaced: list[str | dict[str, Any]] = []
    for part in parts:
        if isinstance(part, str):
            replaced.append(next(left))
        elif part.get("type") == "text":
            replaced.append({**part, "text": next(left)})
        else:
            replaced.append(part)
    return replaced
