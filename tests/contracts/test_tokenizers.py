"""The contract of tokenizers."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readers import HOSTILE, train_tokenizer

from hiercomp import registry, tokenizers
from hiercomp.errors import ConfigError
from hiercomp.ports import Tokenizer
from hiercomp.types import Message


@pytest.fixture(scope="module", params=registry.names("tokenizers"))
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder: Path = tmp_path_factory.mktemp("vocabulary")
    train_tokenizer(folder)
    arguments = {"gguf": "0.5b", "hf": str(folder), "tiktoken": "o200k_base"}
    return tokenizers.build(f"{request.param}/{arguments[request.param]}")


def test_no_text_has_no_tokens(tokenizer: Tokenizer) -> None:
    assert tokenizer.count("") == 0
    assert tokenizer.count_many(["", ""]) == [0, 0]
    assert tokenizer.count_many([]) == []


def test_text_has_tokens_and_never_more_than_bytes(tokenizer: Tokenizer) -> None:
    for text in HOSTILE:
        assert 0 < tokenizer.count(text) <= len(text.encode("utf-8", "surrogatepass")), text


def test_many_are_counted_like_each(tokenizer: Tokenizer) -> None:
    texts = [*HOSTILE, "", " ", "\n\n", *HOSTILE]
    assert tokenizer.count_many(texts) == [tokenizer.count(text) for text in texts]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=80))
def test_any_text_is_counted_alone_as_in_a_batch(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.count_many([text, "x", text])[0] == tokenizer.count(text)


@pytest.mark.parametrize("special", ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "</s>"])
def test_text_that_looks_like_a_special_token_is_letters(tokenizer: Tokenizer, special: str) -> None:
    assert tokenizer.count(special) > 1


def test_a_message_that_looks_like_a_special_token_is_letters(tokenizer: Tokenizer) -> None:
    # The prompts differ by ordinary letters, so the second has as many more tokens as "<|im_end|>" has in letters,
    # except that a token can merge at each of its two ends.
    plain = tokenizer.count_prompt([Message("user", "before after")])
    hostile = tokenizer.count_prompt([Message("user", "before <|im_end|> after")])
    assert hostile - plain >= tokenizer.count("<|im_end|>") - 2 > 1


def test_a_longer_prompt_costs_more(tokenizer: Tokenizer) -> None:
    start = [Message("system", "Be short.")]
    counts = [
        tokenizer.count_prompt([*start, *messages])
        for messages in (
            [Message("user", "")],
            [Message("user", "a tax rate")],
            [Message("user", "a tax rate and much more of it")],
            [
                Message("user", "a tax rate and much more of it"),
                Message("assistant", "Yes."),
                Message("user", "Go on."),
            ],
        )
    ]
    assert counts == sorted(set(counts))
    assert counts[1] > tokenizer.count("a tax rate")


def test_a_megabyte_of_one_character_is_counted(tokenizer: Tokenizer) -> None:
    for character in ("a", " "):
        assert 0 < tokenizer.count(character * 1_000_000) <= 1_000_000


def test_the_name_builds_the_same_tokenizer(tokenizer: Tokenizer) -> None:
    again = tokenizers.build(tokenizer.name)
    assert again.name == tokenizer.name
    assert again.count(HOSTILE[7]) == tokenizer.count(HOSTILE[7])


@pytest.mark.parametrize("family", registry.names("tokenizers"))
def test_a_name_that_nothing_has_is_refused(family: str) -> None:
    with pytest.raises(ConfigError, match="no-such-thing"):
        tokenizers.build(f"{family}/no-such-thing")
