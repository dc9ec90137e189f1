"""Every kind of content of a message is counted and shortened, or refused."""

import json
import struct
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionMessage
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from hiercomp import BudgetError, Config, compress_messages, tokenizers
from hiercomp.chat.images import MOST_TOKENS
from hiercomp.context import GAP
from hiercomp.errors import ConfigError
from hiercomp.types import Message

CALL = (Path(__file__).parents[2] / "data" / "tarnholt_q4_2025_call.md").read_text(encoding="utf-8")
QUICK = Config(cache=False)
QUESTION = "What tax rate does management expect for 2026?"
ANSWER = "For 2026 please use 23 to 25 percent."
ASKED = {"role": "user", "content": QUESTION}
RAIN = "Rain fell. " * 400


def compressed(messages, budget=400, **options):
    return compress_messages(messages, budget=budget, config=QUICK, **options)


def attempted(messages, budget):
    try:
        return compressed(messages, budget)
    except BudgetError as error:
        return error


def text(content, kind="text"):
    return {"type": kind, "text": content}


def used(number):
    return {"type": "tool_use", "id": f"t{number}", "name": "read", "input": {"file": f"{number}.md"}}


def returned(number, content):
    return {"type": "tool_result", "tool_use_id": f"t{number}", "content": content}


def called(number):
    return {"type": "function_call", "call_id": f"c{number}", "name": "read", "arguments": "{}"}


def output(number, content):
    return {"type": "function_call_output", "call_id": f"c{number}", "output": content}


def png(width, height):
    return b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\0" * 10_000).decode()


PLAIN_TEXT = {"type": "text", "media_type": "text/plain", "data": CALL}
GIVEN = {
    "a string": [{"role": "tool", "content": CALL}],
    "input_text": [{"role": "user", "content": [text(CALL, "input_text")]}],
    "output_text": [
        {"type": "message", "role": "assistant", "content": [{**text(CALL, "output_text"), "annotations": []}]}
    ],
    "refusal": [{"role": "assistant", "content": [{"type": "refusal", "refusal": CALL}]}],
    "refusal of a message": [{"role": "assistant", "content": None, "refusal": CALL}],
    "strings among parts": [{"role": "user", "content": ["Look.", CALL]}],
    "tool_result with parts": [
        {"role": "assistant", "content": [used(1)]},
        {"role": "user", "content": [returned(1, [text(CALL)])]},
    ],
    "tool_result with a string": [
        {"role": "assistant", "content": [used(1)]},
        {"role": "user", "content": [returned(1, CALL)]},
    ],
    "search_result": [
        {"role": "user", "content": [{"type": "search_result", "source": "a", "title": "b", "content": [text(CALL)]}]}
    ],
    "document with a text": [{"role": "user", "content": [{"type": "document", "source": PLAIN_TEXT}]}],
    "document with parts": [
        {"role": "user", "content": [{"type": "document", "source": {"type": "content", "content": [text(CALL)]}}]}
    ],
    "function_call_output": [called(1), output(1, CALL)],
    "function_call_output with parts": [called(1), output(1, [text(CALL, "input_text")])],
    "output of a shell": [
        {"type": "shell_call", "call_id": "s", "action": {"commands": ["cat"]}},
        {"type": "shell_call_output", "call_id": "s", "output": [{"stdout": CALL, "stderr": ""}]},
    ],
}


@pytest.mark.parametrize("name", GIVEN)
def test_every_kind_of_text_is_counted_and_shortened(name):
    chat = [*GIVEN[name], ASKED]
    before = json.dumps(chat)
    found = compressed(chat)
    assert found.original_tokens > 2000
    assert found.tokens <= 400
    assert found.question == QUESTION
    assert ANSWER in json.dumps(found.messages)
    assert len(json.dumps(found.messages)) < 3000
    assert json.dumps(chat) == before
    (shortened,) = found.shortened
    value = chat[shortened.message]
    for key in shortened.path:
        value = value[key]
    assert value == CALL


@pytest.mark.parametrize("kind", ["text", "input_text"])
def test_the_question_is_found_in_every_kind_of_text(kind):
    found = compressed([{"role": "user", "content": [text(CALL, kind), text(QUESTION, kind)]}])
    assert found.question == QUESTION
    assert ANSWER in found.messages[0]["content"][0]["text"]
    assert found.messages[0]["content"][1] == text(QUESTION, kind)


STAYS = (
    used(1),
    {"type": "tool_use", "id": "t1", "name": "write", "input": {"text": RAIN}},
    {"type": "thinking", "thinking": RAIN, "signature": "abc"},
    {"type": "redacted_thinking", "data": "abcd" * 200},
    {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "rain"}},
    {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"type": "web_search_result", "url": "u"}]},
    {"type": "web_search_tool_result", "content": {"type": "web_search_tool_result_error", "error_code": "x"}},
)


@pytest.mark.parametrize("part", STAYS, ids=lambda part: part["type"])
def test_what_cannot_be_shortened_is_counted_as_json(part):
    question = [ASKED, {"role": "assistant", "content": [text("I look.")]}]
    with_part = [ASKED, {"role": "assistant", "content": [text("I look."), part]}]
    added = compressed(with_part, 10_000).tokens - compressed(question, 10_000).tokens
    whole = tokenizers.build().count(json.dumps(part))
    assert whole * 0.6 <= added <= whole + 2
    assert compressed(with_part, 10_000).messages == with_part


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, "'input_audio'"),
        ({"type": "file", "file": {"file_id": "f1"}}, "'file'"),
        ({"type": "input_file", "file_data": "JVBE"}, "'input_file'"),
        ({"type": "video_url", "video_url": {"url": "https://host/a.mp4"}}, "'video_url'"),
        ({"type": "container_upload", "file_id": "f1"}, "'container_upload'"),
        ({"type": "document", "source": {"type": "base64", "data": "JVBE"}}, "'document' with a source of type 'base"),
        ({"type": "document", "source": {"type": "file", "file_id": "f1"}}, "'document' with a source of type 'file'"),
        ({"type": "hologram", "depth": 3}, "'hologram'"),
        (returned(1, [{"type": "hologram"}]), "'hologram'"),
    ],
)
def test_what_cannot_be_counted_is_refused_by_its_type(part, kind):
    with pytest.raises(ConfigError, match=f"message 1: the tokens of a part of type {kind}"):
        compressed([{"role": "system", "content": "Be brief."}, {"role": "user", "content": [part, text(QUESTION)]}])


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([{"type": "item_reference", "id": "m1"}], "type 'item_reference'"),
        ([{"role": "assistant", "audio": {"id": "a1"}}], "type 'audio'"),
        (["Hello"], "message 0 is a str without a role"),
        ([{"content": "Hello"}], "message 0 is a dict without a role"),
        ({"input": QUESTION, "previous_response_id": "r1"}, "'previous_response_id' refers to"),
        ({"model": "m"}, "under the key 'messages' or 'input'"),
    ],
)
def test_a_message_that_is_none_is_refused(messages, problem):
    with pytest.raises(ConfigError, match=problem):
        compressed(messages)


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        ({"type": "image_url", "image_url": {"url": "https://host/a.png", "detail": "low"}}, 85),
        ({"type": "input_image", "image_url": f"data:image/png;base64,{png(512, 512)}"}, 85 + 170 + 95),
        ({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png(100, 100)}"}}, 85 + 170),
        ({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png(1000, 900)}}, 1200),
        ({"type": "image", "source": {"type": "base64", "data": png(9000, 9000)}}, MOST_TOKENS),
        ({"type": "image", "source": {"type": "url", "url": "https://host/a.png"}}, MOST_TOKENS),
        ({"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + "/9j/" * 3000}}, MOST_TOKENS),
        ({"type": "input_image", "file_id": "f1"}, MOST_TOKENS),
    ],
)
def test_an_image_counts_by_its_size(part, tokens):
    without = compressed([{"role": "user", "content": [text("Look.")]}], 10_000).tokens
    for content in ([text("Look."), part], [text("Look."), returned(1, [part])]):
        with_image = compressed([{"role": "user", "content": content}], 10_000)
        assert tokens <= with_image.tokens - without <= tokens + 30
        assert with_image.messages[0]["content"] == content


class Role(StrEnum):
    USER = "user"


@dataclass
class Said:
    role: str
    content: object


def test_objects_are_messages_too():
    chat = [
        Said(Role.USER, "Read the call."),
        ChatCompletionMessage(role="assistant", content=CALL),
        {"role": "assistant", "content": [ResponseOutputText(text=RAIN, type="output_text", annotations=[])]},
        ASKED,
    ]
    found = compressed(chat)
    assert found.tokens <= 400 < 3000 < found.original_tokens
    assert [message["role"] for message in found.messages] == ["user", "assistant", "assistant", "user"]
    assert found.messages[2]["content"][0]["text"] == GAP
    assert all(type(message) is dict for message in found.messages)
    assert ANSWER in json.dumps(found.messages)


def test_items_of_a_response_are_messages_too():
    reply = ResponseOutputMessage(
        id="m", role="assistant", status="completed", type="message",
        content=[ResponseOutputText(text="I read it.", type="output_text", annotations=[])],
    )  # fmt: skip
    call = ResponseFunctionToolCall(name="read", arguments="{}", call_id="c1", type="function_call")
    found = compressed([{"role": "user", "content": "Read."}, call, output(1, CALL), reply, ASKED])
    assert found.kept == (0, 1, 2, 3, 4)
    assert found.messages[1]["type"] == "function_call"
    assert ANSWER in found.messages[2]["output"]


TOOLS = [{"name": f"tool{number}", "description": "Reads the files of a project. " * 4} for number in range(5)]


@pytest.mark.parametrize(
    "beside",
    [{"tools": TOOLS}, {"functions": TOOLS}, {"response_format": {"schema": TOOLS}}, {"system": str(TOOLS)}],
    ids=lambda beside: next(iter(beside)),
)
def test_what_stands_beside_the_messages_is_counted_and_never_shortened(beside):
    request = {"model": "m", "messages": [{"role": "user", "content": f"{CALL}\n\n{QUESTION}"}], **beside}
    alone = compressed(request["messages"], 10_000).tokens
    counted = tokenizers.build().count(json.dumps(TOOLS))
    assert counted <= compressed(request, 10_000).tokens - alone <= 1.4 * counted + 20
    found = compressed(request, counted + 450)
    assert found.tokens <= counted + 450
    assert ANSWER in found.messages[0]["content"]
    with pytest.raises(BudgetError) as refused:
        compressed({**request, "messages": [ASKED]}, 100)
    assert compressed({**request, "messages": [ASKED]}, refused.value.least).messages == [ASKED]


def test_the_input_of_a_response_can_be_a_text():
    assert compressed({"input": f"{CALL}\n\n{QUESTION}"}).question == QUESTION


def test_a_result_is_no_question():
    chat = [ASKED, {"role": "assistant", "content": [used(1)]}, {"role": "user", "content": [returned(1, CALL)]}]
    found = compressed(chat)
    assert found.question == QUESTION
    assert found.kept == (0, 1, 2)
    assert ANSWER in found.messages[2]["content"][0]["content"]
    follow_up = [*chat[:2], {"role": "user", "content": [returned(1, CALL), text("Who leads the company?")]}]
    assert compressed(follow_up).question == "Who leads the company?"


def test_a_result_that_the_question_does_not_need_goes_with_its_call():
    reasoning = {"type": "reasoning", "id": "r1", "summary": [{"type": "summary_text", "text": "Rain?"}]}
    chat = [
        {"role": "user", "content": "Read both."},
        reasoning,
        called(1),
        called(2),
        output(1, CALL),
        output(2, "No."),
    ]
    chat += [called(3), output(3, RAIN), ASKED]
    assert compressed(chat).kept == (0, 1, 2, 3, 4, 5, 8)
    chat = [{"role": "user", "content": "Read both."}, {"role": "assistant", "content": [used(1), used(2)]}]
    chat += [{"role": "user", "content": [returned(1, CALL), returned(2, RAIN)]}]
    chat += [{"role": "assistant", "content": [used(3)]}, {"role": "user", "content": [returned(3, RAIN)]}, ASKED]
    found = compressed(chat)
    assert found.kept == (0, 1, 2, 5)
    assert found.messages[2]["content"][1]["content"] == GAP


TEXTS = st.sampled_from(["", "Costs fell. Sales rose.", CALL[:2000], RAIN])
ANTHROPIC = st.builds(
    lambda question, result, reply: [
        {"role": "user", "content": question},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm.", "signature": "s"}, used(1)]},
        {"role": "user", "content": [returned(1, [text(result)])]},
        {"role": "assistant", "content": reply},
    ],
    TEXTS, TEXTS, TEXTS,
)  # fmt: skip
RESPONSES = st.builds(
    lambda question, result, reply: [
        {"role": "user", "content": [text(question, "input_text")]},
        {"type": "reasoning", "id": "r", "summary": []},
        called(1),
        output(1, result),
        {"type": "message", "role": "assistant", "content": [text(reply, "output_text")]},
    ],
    TEXTS, TEXTS, TEXTS,
)  # fmt: skip


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ANTHROPIC, max_size=3) | st.lists(RESPONSES, max_size=3), st.integers(30, 900))
def test_the_ceiling_holds_and_pairs_stay_together(turns, budget):
    chat = [*(message for turn in turns for message in turn), ASKED]
    found = attempted(chat, budget)
    if isinstance(found, BudgetError):
        assert found.least > budget
        return
    assert found.tokens <= budget
    plain = [Message("user", json.dumps(message)) for message in found.messages]
    assert found.tokens >= 0.2 * tokenizers.build().count_prompt(plain)
    kept = json.dumps(found.messages)
    assert kept.count('"tool_use"') == kept.count('"tool_result"')
    assert kept.count('"function_call"') == kept.count('"function_call_output"') == kept.count('"reasoning"')
