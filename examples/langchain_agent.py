"""A LangChain agent whose tool returned a long text, and whose model reads at most 300 tokens."""

from collections.abc import Callable
from pathlib import Path

from langchain.agents import create_agent
from langchain.agents.middleware import ModelRequest, ModelResponse, wrap_model_call
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from hiercomp.integrations.langchain_agents import HiercompMiddleware


@wrap_model_call
def show(request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse]) -> ModelResponse:
    """Print the messages that the model gets."""
    for message in request.messages:
        print(f"{message.type}: {message.text}")
    return handler(request)


messages = [
    HumanMessage("Why did the effective tax rate rise?"),
    AIMessage("", tool_calls=[{"name": "read", "args": {"file": "call.md"}, "id": "1"}]),
    ToolMessage(Path("data/tarnholt_q4_2025_call.md").read_text(encoding="utf-8"), tool_call_id="1"),
]
model = FakeListChatModel(responses=["From 18.4% to 24.2%."])  # use a model, such as "openai:gpt-5"
agent = create_agent(model, middleware=[HiercompMiddleware(budget=300), show])
result = agent.invoke({"messages": messages})["messages"]

print(f"{result[-1].type}: {result[-1].text}")
print(f"the agent's own record keeps {len(result[2].text):,} characters of the tool result")
