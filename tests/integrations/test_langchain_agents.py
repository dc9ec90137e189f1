"""`HiercompMiddleware` in a real LangChain agent with a scripted model."""

import asyncio
import json
from copy import deepcopy
from pathlib import Path

import pytest

from hiercomp import tokenizers
from hiercomp.errors import BudgetError, ConfigError

pytest.importorskip("langchain")
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage, convert_to_openai_messages
from langchain_core.tools import tool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

from hiercomp.integrations.langchain_agents import HiercompMiddleware

CALL = (Path(__file__).parents[2] / "data" / "tarnholt_q4_2025_call.md").read_text(encoding="utf-8")
SETTINGS = {"embedding": "hashing", "cache": False}
QUESTION = HumanMessage("What was the effective tax rate?", id="question")


class Scripted(GenericFakeChatModel):
    """A model that returns scripted messages and records the messages that it gets."""

    sent: list = Field(default_factory=list)

    def bind_tools(self, tools, **options):
        return self

    def _generate(self, messages, *arguments, **options):
        self.sent.append(deepcopy(messages))
        return super()._generate(messages, *arguments, **options)


@tool
def transcript(quarter: int) -> str:
    """The transcript of a quarter's call."""
    return CALL


def _call(name):
    return {"name": "transcript", "args": {"quarter": 4}, "id": name}


def _agent(*replies, budget):
    model = Scripted(messages=iter(replies))
    middleware = HiercompMiddleware(budget=budget, settings=SETTINGS)
    return model, create_agent(model, [transcript], system_prompt="Be brief.", middleware=[middleware])


def _tokens(messages):
    plain = convert_to_openai_messages(messages)
    return sum(tokenizers.build().count(str(message["content"])) for message in plain)


def _exchanges(messages):
    """The ids of tool calls, and the ids of tool results. They must be equal."""
    calls = [call["id"] for message in messages if isinstance(message, AIMessage) for call in message.tool_calls]
    return calls, [message.tool_call_id for message in messages if isinstance(message, ToolMessage)]


HISTORY = [
    HumanMessage("How many Aquila units were shipped?", id="old question"),
    AIMessage("", tool_calls=[_call("old")], id="old call"),
    ToolMessage(CALL, tool_call_id="old", id="old result"),
    AIMessage("412 units in the quarter. " * 30, id="old answer"),
]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_every_call_of_the_model_is_within_the_budget_and_the_record_is_whole(asynchronous):
    replies = AIMessage("", tool_calls=[_call("new")]), AIMessage("It was 24.2%.")
    model, agent = _agent(*replies, budget=400)
    given = {"messages": [*HISTORY, QUESTION]}
    said = asyncio.run(agent.ainvoke(given)) if asynchronous else agent.invoke(given)
    assert [message.content for message in said["messages"]][-2:] == [CALL, "It was 24.2%."]
    assert said["messages"][:5] == [*HISTORY, QUESTION]
    for sent in model.sent:
        assert _tokens(sent) <= 400
        assert isinstance(sent[0], SystemMessage)
        assert QUESTION in sent
        calls, results = _exchanges(sent)
        assert calls == results
    last = model.sent[1][-1]
    assert last.tool_call_id == "new"
    # The history has the same text. The model needs it in the result of the last call.
    assert "24.2%" in last.content
    assert last.id == said["messages"][-2].id


def test_what_fits_is_sent_as_it_is():
    model, agent = _agent("It was 24.2%.", budget=100_000)
    agent.invoke({"messages": [*HISTORY, QUESTION]})
    assert model.sent == [[SystemMessage("Be brief."), *HISTORY, QUESTION]]


def test_the_parts_of_contents_that_are_no_text_stay_in_their_places():
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    thought = {"type": "thinking", "thinking": "A transcript would help.", "signature": "c2lnbmVk"}
    use = {"type": "tool_use", "id": "new", "name": "transcript", "input": {"quarter": 4}}
    messages = [
        HumanMessage(["Look at Q4.", picture, {"type": "text", "text": CALL, "cache_control": {"type": "ephemeral"}}]),
        QUESTION,
        AIMessage([thought, {"type": "text", "text": CALL}, use], tool_calls=[_call("new")], id="call"),
        ToolMessage([{"type": "text", "text": CALL}], tool_call_id="new", status="error", artifact={"rows": 3}),
    ]
    model, agent = _agent("It was 24.2%.", budget=500)
    agent.invoke({"messages": messages})
    [_, seen, _, called, result] = model.sent[0]
    assert [type(part) for part in seen.content] == [str, dict, dict]
    assert seen.content[1] == picture
    assert seen.content[2]["cache_control"] == {"type": "ephemeral"}
    assert [called.content[0], called.content[2], called.tool_calls] == [thought, use, messages[2].tool_calls]
    assert len(called.content[1]["text"]) < len(CALL)
    assert (result.status, result.artifact, result.tool_call_id) == ("error", {"rows": 3}, "new")
    assert "24.2%" in called.content[1]["text"] + result.content[0]["text"]


def test_the_definitions_of_tools_count_within_the_budget():
    counted = tokenizers.build().count(json.dumps(convert_to_openai_tool(transcript)))
    _, agent = _agent("It was 24.2%.", budget=counted)
    with pytest.raises(BudgetError) as refused:
        agent.invoke({"messages": [QUESTION]})
    assert refused.value.least > counted


def test_a_part_that_cannot_be_counted_is_refused():
    _, agent = _agent("It was 24.2%.", budget=500)
    audio = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    with pytest.raises(ConfigError, match="part of type 'input_audio' cannot be counted"):
        agent.invoke({"messages": [HumanMessage([audio])]})


def test_a_conversation_that_cannot_fit_names_the_least_budget():
    _, agent = _agent("It was 24.2%.", budget=5)
    with pytest.raises(BudgetError) as refused:
        agent.invoke({"messages": [QUESTION]})
    _, agent = _agent("It was 24.2%.", budget=refused.value.least)
    assert agent.invoke({"messages": [QUESTION]})["messages"][-1].content == "It was 24.2%."


def test_a_function_or_a_chat_model_plans_once_for_a_question_of_the_agent():
    vague, evidence = HumanMessage("Is the company safe?"), "A reserve needs a probable loss"
    questions = []

    def planner(question):
        questions.append(question)
        return ["range of loss, Orrin lawsuit, reserve, patents"]

    def seen(planner):
        calls = [AIMessage("", tool_calls=[_call(name)]) for name in ("one", "two")]
        model = Scripted(messages=iter([*calls, AIMessage("Yes.")]))
        middleware = HiercompMiddleware(budget=300, settings=SETTINGS, planner=planner)
        create_agent(model, [transcript], middleware=[middleware]).invoke({"messages": [vague]})
        return str(model.sent[-1])

    assert evidence not in seen(None)
    assert evidence in seen(planner)
    assert questions == [vague.content]
    assert evidence in seen(FakeListChatModel(responses=planner(vague.content)))
