import pytest

from hiercomp.errors import ModelError
from hiercomp.llms.scripted import build
from hiercomp.types import Message, Prompt

PROMPT = Prompt((Message("user", "hello world"),))


def test_answers_come_in_order_and_run_out() -> None:
    reader = build("first", answers=["second"])
    assert [reader.complete(PROMPT, max_tokens=9).text for _ in range(2)] == ["first", "second"]
    with pytest.raises(ModelError, match="the script has 2 answers, and this is call 3"):
        reader.complete(PROMPT, max_tokens=9)
    assert reader.prompts == [PROMPT] * 3


def test_an_answer_is_cut_like_a_models_own() -> None:
    completion = build("one two three four").complete(PROMPT, max_tokens=2)
    # "one", " two" are two tokens; the prompt is "user" + "hello", " world" + 3 + 3
    assert (completion.text, completion.completion_tokens, completion.prompt_tokens) == ("one two", 2, 9)
    assert completion.stop_reason == "length"
