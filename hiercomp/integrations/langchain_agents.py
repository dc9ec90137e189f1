"""LangChain middleware that keeps an agent's conversation and its tool results within a token budget.

    agent = create_agent(model, tools, middleware=[HiercompMiddleware(budget=8000)])

The middleware compresses the messages of every model call. The agent's own record of the conversation stays whole. The
budget bounds the system message, the messages, and the definitions of the tools.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
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
    from langchain_core.messages import AnyMessage, convert_to_openai_messages
    from langchain_core.utils.function_calling import convert_to_openai_tool
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
            BudgetError: what must stay does not fit; the error names the least budget that works.
            ConfigError: the tokens of a part of a message, such as audio, cannot be counted.
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
        tools = [tool if isinstance(tool, dict) else convert_to_openai_tool(tool) for tool in request.tools]
        whole = {"messages": plain, "tools": tools}
        compressed = compress_messages(whole, budget=self._config.budget, config=self._config, plan=self._planner)
        kept = [
            messages[place] if shortened == plain[place] else _with_texts(messages[place], shortened)
            for place, shortened in zip(compressed.kept, compressed.messages, strict=True)
        ]
        return request.override(messages=kept[len(system) :])  # the system message is never changed or dropped


def _plain(message: AnyMessage) -> dict[str, Any]:
    """Convert a message to OpenAI's format, with its content as it is. Calls in the content are not counted twice."""
    converted = convert_to_openai_messages(message.model_copy(update={"content": ""}))
    parts = message.content if isinstance(message.content, list) else []
    if any(isinstance(part, dict) and part.get("type") == "tool_use" for part in parts):
        converted.pop("tool_calls", None)
    return {**converted, "content": message.content}


def _with_texts(message: AnyMessage, shortened: Mapping[str, Any]) -> AnyMessage:
    """Return a copy of a message with the content of its shortened form."""
    return message.model_copy(update={"content": shortened["content"]})
