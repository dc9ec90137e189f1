"""LangChain middleware that keeps an agent's conversation and its tool results within a token budget.

    agent = create_agent(model, tools, middleware=[HiercompMiddleware(budget=8000)])

The middleware compresses the messages of every model call. The agent's own record of the conversation stays whole. The
budget bounds the system message and the messages. The definitions of the tools are not counted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from hiercomp.cancellation import in_thread
from hiercomp.chat.messages import compress_messages
from hiercomp.config import read_settings
from hiercomp.errors import MissingExtraError
from hiercomp.integrations._planning import Lines, RememberedPlans
from hiercomp.types import TokenBudget

try:
    from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, AnyMessage, convert_to_openai_messages
except ModuleNotFoundError as error:
    raise MissingExtraError("an agent of LangChain", "langchain") from error

from hiercomp.integrations.langchain import planner_of  # after the frameworks, whose absence it would name otherwise


class HiercompMiddleware(AgentMiddleware):
    """Middleware that cuts earlier messages and tool results to the sentences that the last question needs.

    A tool call and its results are kept or dropped together. A message that is kept changes only its texts: its id, its
    type and everything else stay. `settings` are fields of `hiercomp.Config`. `planner` writes the plan of a question,
    once for each question: it is a chat model, or a function from a question to a list of lines.
    """

    def __init__(
        self,
        *,
        budget: TokenBudget,
        settings: Mapping[str, Any] | None = None,
        planner: BaseChatModel | Lines | None = None,
    ) -> None:
        super().__init__()
        self._config = read_settings({**(settings or {}), "budget": budget}).config
        given = planner_of(planner, self._config)
        self._planner = RememberedPlans(given) if given else None

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """Call the model with the conversation within the budget.

        Raises:
            BudgetError: the messages that must stay do not fit; the error names the least budget that works.
        """
        return handler(self._within_budget(request))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """Do the same in a thread, so that the event loop stays free."""
        return await handler(await in_thread(self._within_budget, request))

    def _within_budget(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        system = [request.system_message] if request.system_message else []
        messages: list[AnyMessage] = [*system, *request.messages]
        plain = [_plain(message) for message in messages]
        compressed = compress_messages(plain, budget=self._config.budget, config=self._config, plan=self._planner)
        kept = [
            messages[place] if shortened == plain[place] else _with_texts(messages[place], shortened)
            for place, shortened in zip(compressed.kept, compressed.messages, strict=True)
        ]
        return request.override(messages=kept[len(system) :])  # the system message is never changed or dropped


def _plain(message: AnyMessage) -> dict[str, Any]:
    """Convert a message to OpenAI's format, with its texts in their order.

    Of the parts of a model's message, only the texts are converted. Its tool calls have a field of their own, and other
    parts, such as reasoning, are not shortened.
    """
    content = message.content
    if isinstance(content, list):
        parts = [{"type": "text", "text": part} if isinstance(part, str) else part for part in content]
        content = [part for part in parts if part.get("type") == "text" or not isinstance(message, AIMessage)]
    return {**convert_to_openai_messages(message.model_copy(update={"content": ""})), "content": content}


def _with_texts(message: AnyMessage, shortened: Mapping[str, Any]) -> AnyMessage:
    """Return a copy of a message with the texts of its shortened form."""
    content = shortened["content"]
    if isinstance(message.content, list):
        texts: Sequence[str] = [part["text"] for part in content if part.get("type") == "text"]
        content = _replace_texts(message.content, texts)
    return message.model_copy(update={"content": content})


def _replace_texts(parts: Sequence[str | dict[str, Any]], texts: Sequence[str]) -> list[str | dict[str, Any]]:
    """Return the parts of a content with other texts in the same places."""
    remaining_texts = iter(texts)
    replaced: list[str | dict[str, Any]] = []
    for part in parts:
        if isinstance(part, str):
            replaced.append(next(remaining_texts))
        elif part.get("type") == "text":
            replaced.append({**part, "text": next(remaining_texts)})
        else:
            replaced.append(part)
    return replaced
