from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hiercomp import BudgetError, Config, compress_messages, tokenizers
from hiercomp.context import GAP
from hiercomp.integrations._planning import function_planner
from hiercomp.types import Message

CALL = (Path(__file__).parents[2] / "data" / "tarnholt_q4_2025_call.md").read_text(encoding="utf-8")
QUICK = Config(cache=False)
QUESTION = "What tax rate does management expect for 2026?"
ANSWER = "For 2026 please use 23 to 25 percent."
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


TEXTS = st.sampled_from(["Hello.", "Costs fell. Sales rose.", CALL[:1500], CALL[1500:3000], "Which tax rate is that?"])


def text(content: str) -> dict[str, str]:
    return {"type": "text", "text": content}


def call(number: int, name: str = "read") -> dict[str, object]:
    function = {"name": name, "arguments": f'{{"file": "{number}.md"}}'}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": f"c{number}", "function": function}]}


def result(number: int, content: str) -> dict[str, object]:
    return {"role": "tool", "tool_call_id": f"c{number}", "content": content}


def said(role: str, content: object) -> dict[str, object]:
    return {"role": role, "content": content}


CHAT = [
    said("system", "You are terse."),
    said("user", "Hello, who are you?"),
    said("assistant", "An analyst."),
    said("user", "Read the call."),
    call(1),
    result(1, CALL),
    said("assistant", "Done."),
    said("user", QUESTION),
]


def compressed(messages, budget, **options):
    return compress_messages(messages, budget=budget, config=QUICK, **options)


def attempted(messages, budget):
    try:
        return compressed(messages, budget)
    except BudgetError as error:
        return error


def test_what_fits_comes_back_as_copies() -> None:
    found = compressed(CHAT, 10_000)
    assert found.messages == CHAT
    assert found.kept == tuple(range(8))
    assert not found.shortened
    assert found.tokens == found.original_tokens
    assert found.messages[4] is not CHAT[4]
    assert found.messages[4]["tool_calls"] is not CHAT[4]["tool_calls"]


def test_a_long_result_is_cut_to_what_the_last_question_needs() -> None:
    before = deepcopy(CHAT)
    found = compressed(CHAT, 400)
    assert before == CHAT
    assert found.tokens <= 400 < found.original_tokens
    assert [found.messages[0], found.messages[-1]] == [CHAT[0], CHAT[-1]]
    (shortened,) = [each for each in found.shortened if each.spans]
    assert shortened.message == 5
    content = found.messages[found.kept.index(5)]["content"]
    assert content == f"\n{GAP}\n".join(span.of(CALL) for span in shortened.spans)
    assert ANSWER in content


def test_tokens_are_those_of_the_chat() -> None:
    chat = [said("system", "Be terse."), said("user", "Hello")]
    # By OpenAI's published formula: 3 a message, 1 a role, 3 to open the answer; "Be terse." is 3 tokens, "Hello" 1.
    assert compressed(chat, 100).tokens == 2 * (3 + 1) + 3 + 3 + 1
    assert tokenizers.build().count_prompt([Message("system", "Be terse."), Message("user", "Hello")]) == 15


def test_a_call_of_tools_goes_with_its_results() -> None:
    chat = [said("user", "Read both."), call(1), result(1, CALL), call(2), result(2, "Rain fell. " * 50), CHAT[-1]]
    found = compressed(chat, 250)
    assert {1, 2} <= set(found.kept)
    assert not {3, 4} & set(found.kept)
    assert compressed(chat, 20).kept == (5,)


def test_what_is_left_of_a_turn_has_its_question_before_it_and_its_last_word_behind_it() -> None:
    turns = [
        said("user", "Tell me about rain."),
        said("assistant", "Rain falls. " * 50),
        said("user", "Read the call."),
        call(1),
        result(1, CALL),
        call(2),
        result(2, "Snow lies. " * 50),
        said("assistant", "I have read it. " * 50),
        said("user", QUESTION),
    ]
    found = compressed(turns, 250)
    assert found.kept == (2, 3, 4, 7, 8)
    assert ANSWER in found.messages[2]["content"]
    assert found.messages[3]["content"] == GAP


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5), st.integers(30, 900))
def test_roles_that_alternate_still_do(turns: list, budget: int) -> None:
    chat = [said("system", "Be terse.")]
    for question, answer in turns:
        chat += [said("user", question), said("assistant", answer)]
    found = attempted([*chat, said("user", QUESTION)], budget)
    roles = [message["role"] for message in found.messages]
    assert roles == ["system", *["user", "assistant"] * (len(roles) // 2 - 1), "user"]


def test_what_follows_the_question_stays_and_is_shortened() -> None:
    chat = [CHAT[0], CHAT[-1], call(1), result(1, CALL), call(2), result(2, "Rain fell. " * 50)]
    found = compressed(chat, 250)
    assert found.kept == (0, 1, 2, 3, 4, 5)
    assert ANSWER in found.messages[3]["content"]
    assert found.messages[5]["content"] == GAP
    assert found.tokens <= 250


def test_a_question_that_brings_a_document_is_cut_between_its_ends() -> None:
    opening = "Use the transcript below."
    found = compressed([said("user", f"{opening}\n\n{CALL}\n\n{QUESTION}")], 250)
    content = found.messages[0]["content"]
    assert found.question == QUESTION
    assert content.startswith(f"{opening}\n\n")
    assert content.endswith(f"\n\n{QUESTION}")
    assert ANSWER in content
    assert found.tokens <= 250


def test_a_question_before_its_document_is_found() -> None:
    document = " ".join(CALL.split())
    found = compressed([said("user", f"{QUESTION}\n\n{document}")], 250)
    assert found.question == QUESTION
    assert ANSWER in found.messages[0]["content"]


def test_of_a_long_text_without_paragraphs_the_end_is_taken_for_the_question() -> None:
    line = " ".join(CALL.split())
    found = compressed([said("user", f"{line} {QUESTION}")], 500)
    assert found.messages[0]["content"].endswith(QUESTION)
    assert found.tokens <= 500


def test_parts_that_are_no_text_stay_and_short_texts_with_them() -> None:
    found = compressed([said("user", [text(CALL), IMAGE, text(QUESTION)])], 250)
    first, image, last = found.messages[0]["content"]
    assert (image, last) == (IMAGE, text(QUESTION))
    assert ANSWER in first["text"]
    assert found.shortened[0].part == 0


def test_an_earlier_image_keeps_its_message() -> None:
    chat = [said("user", [text("Look. " * 200), IMAGE]), said("assistant", CALL), CHAT[-1]]
    with pytest.raises(BudgetError) as refused:
        compressed(chat, 1)
    found = compressed(chat, refused.value.least)
    assert found.kept == (0, 1, 2)
    assert found.messages[0]["content"] == [text(GAP), IMAGE]
    assert found.messages[1]["content"] == GAP


def test_system_messages_are_shortened_only_where_that_is_asked_for() -> None:
    chat = [said("system", f"Answer from this.\n\n{CALL}"), CHAT[-1]]
    with pytest.raises(BudgetError) as refused:
        compressed(chat, 250)
    assert compressed(chat, refused.value.least).messages == chat
    found = compressed(chat, 250, protect=("last_user",))
    assert ANSWER in found.messages[0]["content"]
    assert found.tokens <= 250


def test_the_last_question_can_be_shortened_too() -> None:
    short = "It rained on Monday. The tax rate is 24.2%. It snowed on Friday and the roads were closed for a day."
    found = compressed([said("user", short)], 30, question="What is the tax rate?", protect=())
    assert "24.2%" in found.messages[0]["content"]
    assert found.tokens <= 30


def test_a_budget_that_cannot_hold_the_question_names_the_least() -> None:
    with pytest.raises(BudgetError) as refused:
        compressed(CHAT, 10)
    assert compressed(CHAT, refused.value.least).kept == (0, 7)


def test_a_question_is_taken_with_those_that_it_leans_on() -> None:
    earlier, reply = "What tax rate does management expect?", "Between 23 and 25 percent."
    chat = [
        said("user", f"{CALL}\n\nWho speaks?"),
        said("assistant", "Five people."),
        said("user", earlier),
        said("assistant", reply),
        said("user", "For which year is that?"),
        said("assistant", "For 2026."),
        said("user", "Why?"),
    ]
    found = compressed(chat, 300)
    assert found.question == f"{earlier}\nFor which year is that?\nWhy?"
    assert found.messages[-5:] == chat[-5:]
    assert ANSWER in found.messages[0]["content"]
    assert found.tokens <= 300


def test_what_a_question_leans_on_goes_where_it_does_not_fit() -> None:
    chat = [said("user", "Compare rain and snow. " * 50), said("assistant", CALL[:900]), said("user", "Why?")]
    found = compressed(chat, 60)
    assert found.tokens <= 60
    assert found.messages[-1] == chat[-1]
    assert found.question.startswith("Compare rain and snow.")
    with pytest.raises(BudgetError) as refused:
        compressed(chat, 1)
    assert compressed(chat, refused.value.least).kept == (2,)


def test_a_long_answer_that_is_leaned_on_is_shortened() -> None:
    chat = [said("user", "What tax rate do they expect?"), said("assistant", CALL), said("user", "And for 2026?")]
    found = compressed(chat, 200)
    assert found.kept == (0, 1, 2)
    assert ANSWER in found.messages[1]["content"]


def test_a_question_can_be_given_and_there_may_be_none() -> None:
    chat = [said("assistant", CALL)]
    assert ANSWER in compressed(chat, 200, question=QUESTION).messages[0]["content"]
    assert 0 < compressed(chat, 200).tokens <= 200
    assert compressed([], 10).messages == []


ROLES = st.sampled_from(["system", "user", "assistant", "developer"])
CONTENTS = st.sampled_from(["", None, "Costs fell. Sales rose.", "利润增长了。" * 9, CALL[:3000], "Why?"]) | st.lists(
    st.sampled_from([IMAGE, text("Costs fell."), text(CALL[3000:6000])]), max_size=3
)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.builds(said, ROLES, CONTENTS) | st.builds(lambda text: [call(1), result(1, text)], CONTENTS), max_size=7
    ),
    st.integers(20, 900),
)
def test_the_ceiling_holds_for_any_conversation(drawn: list, budget: int) -> None:
    chat = [message for item in drawn for message in (item if isinstance(item, list) else [item])]
    found = attempted(chat, budget)
    if isinstance(found, BudgetError):
        assert found.least > budget
        return
    assert found.tokens <= budget
    assert list(found.kept) == sorted(set(found.kept))
    for place, message in zip(found.kept, found.messages, strict=True):
        changed = {key for key in message if message[key] != chat[place][key]}
        assert changed <= {"content"}
    roles = [message["role"] for message in found.messages]
    calls = ["tool_calls" in message for message in found.messages]
    assert all(calls[place - 1] for place, role in enumerate(roles) if role == "tool")
    assert all(roles[place + 1] == "tool" for place, called in enumerate(calls) if called)


def test_a_plan_or_a_planner_finds_what_the_question_does_not_name() -> None:
    chat = [said("user", "Read the call."), call(1), result(1, CALL), said("user", "Is the company safe?")]
    plan = ["range of loss, Orrin lawsuit, reserve, patents"]
    evidence = "A reserve needs a probable loss"

    def seen(plan: object = None) -> str:
        return str(compressed(chat, 300, plan=plan).messages)

    assert evidence not in seen()
    assert evidence in seen(plan)
    assert seen(function_planner(lambda question: plan, QUICK)) == seen(plan)
