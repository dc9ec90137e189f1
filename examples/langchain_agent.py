"""A LangChain agent whose tool has returned a long text, and whose model is sent at most 300 tokens."""

from collections.abc import Callable
from pathlib import Path

from langchain.agents import create_agent
from langchain.agents.middleware import ModelRequest, ModelResponse, wrap_model_call
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from hiercomp.integrations.langchain_agents import HiercompMiddleware


@wrap_model_call
def show(request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse]) -> ModelResponse:
    """Prints what the model is sent."""
    for message in request.messages:
        print(f"{message.type}: {message.text}")
    return handler(request)


messages = [
    HumanMessage("Why did the effective tax rate rise?"),
    AIMessage("", tool_calls=[{"name": "read", "args": {"file": "call.md"}, "id": "1"}]),
    ToolMessage(Path("data/tarnholt_q4_2025_call.md").read_text(encoding="utf-8"), tool_call_id="1"),
]
model = FakeListChatModel(responses=["From 18.4% to 24.2%."])  # in place of a model, such as "openai:gpt-5"
agent = create_agent(model, middleware=[HiercompMiddleware(budget=300), show])
said = agent.invoke({"messages": messages})["messages"]

print(f"{said[-1].type}: {said[-1].text}")
print(f"{len(said[2].text):,} characters of the tool's result stay in the agent's record")
