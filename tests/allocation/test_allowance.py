import pytest

from hiercomp import prompts, tokenizers
from hiercomp.allocation.allowance import AllowedReader
from hiercomp.errors import ModelError
from hiercomp.llms.scripted import ScriptedLLM
from hiercomp.ports import LLM
from hiercomp.types import Completion, Prompt

PROMPT = prompts.plan("Why?", "")
SIZE = tokenizers.build().count_prompt(PROMPT.messages)


def scripted(*answers: str) -> ScriptedLLM:
    return ScriptedLLM(answers, tokenizers.build())


def test_an_allowed_reader_is_a_reader_whose_window_is_what_is_left() -> None:
    inner = scripted("Yes.")
    reader = AllowedReader(inner, 900)
    assert isinstance(reader, LLM)
    assert (reader.name, reader.tokenizer, reader.context_window) == ("scripted", inner.tokenizer, 900)
    assert AllowedReader(inner, 10**9).context_window == inner.context_window
    assert AllowedReader(inner, -5).context_window == 0


def test_a_call_takes_what_it_used_and_gives_back_the_rest() -> None:
    reader = AllowedReader(scripted("Yes."), 1_000)
    pieces: list[str] = []
    completion = reader.complete(PROMPT, max_tokens=200, on_text=pieces.append)
    assert "".join(pieces) == completion.text == "Yes."
    assert reader.context_window == 1_000 - completion.prompt_tokens - completion.completion_tokens


def test_a_call_that_may_take_one_token_too_many_is_not_made() -> None:
    inner = scripted("Yes.", "No.")
    assert AllowedReader(inner, SIZE + 50).complete(PROMPT, max_tokens=50).text == "Yes."
    with pytest.raises(ModelError, match=rf"a call may take {SIZE + 50} tokens, and the total .* leaves {SIZE + 49} "):
        AllowedReader(inner, SIZE + 49).complete(PROMPT, max_tokens=50)
    assert len(inner.prompts) == 1


def test_a_failed_call_counts_as_if_it_had_taken_everything() -> None:
    reader = AllowedReader(scripted(), 1_000)
    with pytest.raises(ModelError):
        reader.complete(PROMPT, max_tokens=100)
    assert reader.context_window == 900 - SIZE


def test_a_reader_that_takes_more_than_was_counted_has_less_left() -> None:
    class Hungry(ScriptedLLM):
        def complete(self, prompt: Prompt, *, max_tokens: int, on_text: object = None) -> Completion:
            return Completion("Yes.", 700, 10, self.name)

    reader = AllowedReader(Hungry((), tokenizers.build()), 1_000)
    reader.complete(PROMPT, max_tokens=100)
    assert reader.context_window == 290
