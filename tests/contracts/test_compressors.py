"""The contract of compressors."""

import pytest
from documents import SENTENCES, documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hiercomp import compressors, tokenizers
from hiercomp.errors import ConfigError
from hiercomp.llms.scripted import ScriptedLLM
from hiercomp.registry import names

ANSWERS = ["The effective tax rate was 14.8 % in fiscal 2022.", "Nothing of it.", "It was 99 %.", "", "word " * 500]


class Cycle(ScriptedLLM):
    """A reader that repeats its script without end."""

    def complete(self, prompt, *, max_tokens, on_text=None):
        self.prompts = self.prompts[: len(self.prompts) % len(self._answers)]
        return super().complete(prompt, max_tokens=max_tokens, on_text=on_text)


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizers.build()


@pytest.fixture(scope="module", params=names("compressors"))
def compressor(request, tokenizer):
    return compressors.build(request.param, tokenizer=tokenizer, llm=Cycle(ANSWERS, tokenizer))


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(documents().map(lambda document: document.text), max_size=3), limit=st.integers(0, 200))
def test_each_text_is_within_the_limit_and_unchanged_if_it_fits(compressor, tokenizer, texts, limit):
    found = compressor.compress(texts, limit)
    assert len(found) == len(texts)
    for before, after in zip(texts, found, strict=True):
        assert tokenizer.count(after) <= limit
        if tokenizer.count(before) <= limit:
            assert after == before


def test_something_is_left_where_a_sentence_fits(compressor, tokenizer):
    text = " ".join(SENTENCES[:3])
    limit = max(tokenizer.count_many(SENTENCES[:3]))
    (found,) = compressor.compress([text], limit)
    assert found


def test_no_texts_give_none(compressor):
    assert compressor.compress([], 10) == []


@pytest.mark.parametrize("name", names("compressors"))
def test_a_wrong_argument_is_refused(name, tokenizer):
    with pytest.raises(ConfigError, match="not 'no-such'"):
        compressors.build(f"{name}/no-such", tokenizer=tokenizer, llm=Cycle([""], tokenizer))
