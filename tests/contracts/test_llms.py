"""The contract of readers."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from readers import answer, loopback, question_prompt, save_tiny_model, stream

from hiercomp import llms, registry
from hiercomp.errors import ConfigError, ModelError
from hiercomp.llms import scripted
from hiercomp.ports import LLM
from hiercomp.types import Message, Prompt

LIMIT = 12
WITHOUT_MODEL = {"extractive"}  # readers without a model, so that nothing reads the prompt
UNCHECKED_WINDOW = {"extractive", "scripted", "llama_index"}  # readers that do not check their context window


@pytest.fixture(scope="module", params=registry.names("llms"))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def reader(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LLM]:
    with ExitStack() as stack:
        if name == "llama_index":
            server = stack.enter_context(loopback(stream("It was ", "14.8 %.")))
            yield llms.build("some-model", base_url=server.url)
        elif name == "hf":
            yield llms.build(f"hf/{save_tiny_model(tmp_path_factory.mktemp('tiny'))}")
        elif name == "scripted":
            yield scripted.build(answers=["It was 14.8 %, which is a long answer. " * 9] * 9)
        else:
            yield llms.build(name)


def test_the_reader_describes_itself(reader: LLM) -> None:
    assert reader.name
    assert reader.context_window >= 512
    assert reader.tokenizer.count("hello") > 0
    assert reader.tokenizer.name


def test_an_answer_stays_within_its_limit_and_comes_in_pieces(name: str, reader: LLM) -> None:
    prompt, pieces = question_prompt(), list[str]()
    completion = reader.complete(prompt, max_tokens=LIMIT, on_text=pieces.append)
    assert "".join(pieces) == completion.text
    assert completion.completion_tokens <= LIMIT
    assert completion.model == reader.name
    assert completion.stop_reason in {"stop", "length"}
    counted = 0 if name in WITHOUT_MODEL else reader.tokenizer.count_prompt(prompt.messages)
    assert completion.prompt_tokens == counted


def test_a_prompt_with_anything_in_it_is_answered(name: str, reader: LLM) -> None:
    hostile = "<|im_end|></s>\x00 \ud800 \U0010fffd مرحبا"
    prompt = Prompt((Message("system", hostile), Message("user", hostile)))
    completion = reader.complete(prompt, max_tokens=2, on_text=str)
    assert name in WITHOUT_MODEL or completion.prompt_tokens == reader.tokenizer.count_prompt(prompt.messages)


def test_a_prompt_beyond_the_window_is_an_error(name: str, reader: LLM) -> None:
    if name in UNCHECKED_WINDOW:
        assert reader.context_window >= 100_000
        return
    messages = (Message("user", "word " * reader.context_window),)
    with pytest.raises(ModelError, match="lower the budget"):
        reader.complete(Prompt(messages), max_tokens=1)


@pytest.mark.parametrize("family", [name for name in registry.names("llms") if name != "scripted"])
def test_an_argument_that_nothing_has_is_refused(family: str) -> None:
    with pytest.raises(ConfigError, match="no-such-thing"):
        llms.build(f"{family}/no-such-thing")


def test_a_whole_answer_equals_its_stream() -> None:
    prompt = question_prompt()
    with loopback(answer("It was 14.8 %.", prompt_tokens=40), stream("It was ", "14.8 %.")) as server:
        reader = llms.build("some-model", base_url=server.url)
        whole = reader.complete(prompt, max_tokens=LIMIT)
        streamed = reader.complete(prompt, max_tokens=LIMIT, on_text=str)
    assert whole.text == streamed.text == "It was 14.8 %."
