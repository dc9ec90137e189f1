"""`HiercompCompactor` in a real Haystack agent with Haystack's scripted model."""

import asyncio
import json
import os
from pathlib import Path

import pytest

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read when Haystack is imported
pytest.importorskip("haystack.hooks.compaction", reason="of Haystack 3.1 and later")
from haystack.components.agents import Agent
from haystack.components.generators.chat import MockChatGenerator
from haystack.dataclasses import ChatMessage, ImageContent, TextContent, ToolCall
from haystack.hooks.compaction import CompactionHook
from haystack.token_counters import ApproximateTokenCounter
from haystack.tools import tool

from hiercomp.integrations.haystack_agents import HiercompCompactor

pytestmark = pytest.mark.filterwarnings("ignore:.*is an experimental component")

CALL = (Path(__file__).parents[2] / "data" / "tarnholt_q4_2025_call.md").read_text(encoding="utf-8")
QUESTION = "What was the effective tax rate?"
SETTINGS = {"embedding": "hashing", "cache": False}


@tool
def transcript() -> str:
    """The transcript of the last call."""
    return CALL


def test_an_agents_hook_shortens_what_the_model_is_sent():
    sent = []

    def reply(messages):
        sent.append(messages)
        called = any(message.tool_call_results for message in messages)
        return "It was 24.2%." if called else ChatMessage.from_assistant(tool_calls=[ToolCall("transcript", {}, "new")])

    counter = ApproximateTokenCounter()
    hook = CompactionHook(HiercompCompactor(SETTINGS), context_window=1000, compact_at=0.7, compact_to=0.4)
    generator = MockChatGenerator(response_fn=reply)
    agent = Agent(chat_generator=generator, tools=[transcript], hooks={"before_llm": [hook]})
    said = agent.run(messages=[ChatMessage.from_user(QUESTION)])
    assert said["last_message"].text == "It was 24.2%."
    [_, call, answer] = sent[-1]
    # The model reports 14 tokens fewer for its call than the counter estimates, and the hook adds them to its target.
    assert counter.count(sent[-1]) <= 400 + 14
    assert answer.tool_call_result.origin == call.tool_call
    assert "24.2%" in answer.tool_call_result.result


def _compacted(messages, target):
    compactor = HiercompCompactor.from_dict(HiercompCompactor(SETTINGS).to_dict())
    compacted = compactor.compact(messages, target, ApproximateTokenCounter())
    assert compacted == asyncio.run(compactor.compact_async(messages, target, ApproximateTokenCounter()))
    return compacted


def test_what_is_no_text_stays_in_its_place_and_the_conversation_as_it_was():
    image = ImageContent("iVBORw0KGgo=", mime_type="image/png", validation=False)
    call = ToolCall("transcript", {"quarter": 4}, id="new")
    messages = [
        ChatMessage.from_system("Be brief."),
        ChatMessage.from_user(content_parts=["Look at this.", image, CALL], meta={"turn": 1}),
        ChatMessage.from_assistant("I see. " * 200, reasoning="It is a chart."),
        ChatMessage.from_user(QUESTION, name="ada"),
        ChatMessage.from_assistant(tool_calls=[call]),
        ChatMessage.from_tool([TextContent(CALL), image], origin=call, meta={"seconds": 2}),
    ]
    before = [message.to_dict() for message in messages]
    compacted = _compacted(messages, 700)
    assert [message.to_dict() for message in messages] == before
    assert ApproximateTokenCounter().count(compacted) <= 700 < ApproximateTokenCounter().count(messages)
    by_meta = {json.dumps(message.meta): message for message in compacted}
    assert by_meta['{"turn": 1}'].image == image
    result = by_meta['{"seconds": 2}'].tool_call_result
    assert (result.result[1], result.origin) == (image, call)
    assert "24.2%" in result.result[0].text
    assert [messages[0], messages[3], messages[4]] == [message for message in compacted if message in messages]


def test_a_conversation_that_cannot_be_smaller_is_left_alone():
    assert _compacted([ChatMessage.from_user(QUESTION)], 2) is None


def test_what_cannot_reach_the_target_comes_as_near_as_can_be():
    history = [ChatMessage.from_user("Old. " * 500), ChatMessage.from_assistant("Yes.")]
    question = ChatMessage.from_user(QUESTION)
    assert _compacted([*history, question], 2) == [question]


def test_a_chat_generator_plans_and_is_saved_with_the_compactor():
    generator = MockChatGenerator("range of loss, Orrin lawsuit, reserve, patents")
    call = ToolCall("transcript", {}, id="new")
    messages = [
        ChatMessage.from_user("Is the company safe?"),
        ChatMessage.from_assistant(tool_calls=[call]),
        ChatMessage.from_tool(CALL, origin=call),
    ]

    def result(compactor):
        return compactor.compact(messages, 300, ApproximateTokenCounter())[-1].tool_call_result.result

    evidence = "A reserve needs a probable loss"
    assert evidence not in result(HiercompCompactor(SETTINGS))
    compactor = HiercompCompactor(SETTINGS, planner=generator)
    assert evidence in result(compactor)
    assert evidence in result(HiercompCompactor.from_dict(json.loads(json.dumps(compactor.to_dict()))))
