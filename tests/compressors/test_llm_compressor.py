import pytest

from hiercomp import tokenizers
from hiercomp.compressors import extractive
from hiercomp.compressors.llm import build
from hiercomp.errors import ModelError
from hiercomp.llms.scripted import ScriptedLLM

TEXT = (
    "The effective tax rate of Tarnholt was 24.2% in 2025, compared with 18.4% in 2024. "
    "The release of a valuation allowance in 2024 did not recur, as the board of Tarnholt had said before. "
    "Goodwill was tested in the autumn, and nothing was written off in the year, the company reported. "
    "The plant in Orrin was closed for two weeks in March after a flood, and opened again in April."
)
LIMIT = 40
FAITHFUL = "Tarnholt's effective tax rate rose to 24.2% in 2025 from 18.4% in 2024."


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizers.build()


def compressor_of(tokenizer, *answers):
    llm = ScriptedLLM(answers, tokenizer)
    return build(tokenizer=tokenizer, llm=llm), llm


def extract(tokenizer):
    return extractive.build(tokenizer=tokenizer).compress([TEXT], LIMIT)


def test_a_faithful_summary_is_used(tokenizer):
    compressor, llm = compressor_of(tokenizer, f"  {FAITHFUL}\n")
    assert compressor.compress([TEXT], LIMIT) == [FAITHFUL]
    (prompt,) = llm.prompts
    assert TEXT in prompt.messages[-1].content
    # 40 tokens at 0.6 words each
    assert "at most 24 words" in prompt.messages[0].content


@pytest.mark.parametrize(
    "summary",
    [
        "Tarnholt's effective tax rate rose to 42.2% in 2025.",
        "Tarnholt's effective tax rate rose to 24.2% in 2026.",
        "The rate of Boeing rose to 24.2% in 2025.",
        "Cats sleep all day on warm sofas.",
        "",
        "  \n",
        "The tax rate rose to 24.2% in 2025. " * 20,
    ],
)
def test_a_summary_that_is_unfaithful_empty_or_too_long_gives_way_to_the_extract(tokenizer, summary):
    compressor, _ = compressor_of(tokenizer, summary)
    assert compressor.compress([TEXT], LIMIT) == extract(tokenizer)
    assert 0 < tokenizer.count(extract(tokenizer)[0]) <= LIMIT


def test_each_text_is_judged_by_itself(tokenizer):
    compressor, llm = compressor_of(tokenizer, "The plant in Orrin was closed.", "The plant in Denver was closed.")
    assert compressor.compress([TEXT, TEXT], LIMIT) == ["The plant in Orrin was closed.", *extract(tokenizer)]
    assert [prompt.question for prompt in llm.prompts] == ["", ""]


def test_a_text_that_fits_is_not_given_to_the_model(tokenizer):
    compressor, llm = compressor_of(tokenizer)
    assert compressor.compress([FAITHFUL, ""], LIMIT) == [FAITHFUL, ""]
    assert llm.prompts == []


def test_a_model_that_fails_is_an_error(tokenizer):
    compressor, _ = compressor_of(tokenizer)
    with pytest.raises(ModelError, match="the script has 0 answers"):
        compressor.compress([TEXT], LIMIT)
