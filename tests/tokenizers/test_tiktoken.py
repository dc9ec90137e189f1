import os
import socket
import subprocess
import sys

import pytest
from tiktoken_ext import openai_public

from hiercomp import tokenizers
from hiercomp.errors import ConfigError
from hiercomp.tokenizers.tiktoken import MAX_BLANKS, _fast_loading, _shipped, build, encoding_name
from hiercomp.types import Message


def test_known_counts() -> None:
    # by hand from the vocabulary: "hello", " world"; and "<", "|", "endo", "ft", "ext", "|", ">" as letters
    assert build("o200k_base").count("hello world") == 2
    assert build("o200k_base").count("<|endoftext|>") == 7
    assert build("cl100k_base").count("hello world") == 2


def test_a_prompt_follows_the_published_formula() -> None:
    # system (1) + "Hi" (1) + 3; user (1) + "hello world" (2) + 3; and 3 for the start of the answer
    assert build().count_prompt([Message("system", "Hi"), Message("user", "hello world")]) == 5 + 6 + 3


def test_a_lone_surrogate_counts_as_the_replacement_character() -> None:
    assert build().count("a\ud800b") == build().count("a\ufffdb")


def test_a_long_run_of_blanks_is_counted_in_pieces() -> None:
    tokenizer = build()
    short = tokenizer.count(" " * MAX_BLANKS)
    assert tokenizer.count(" " * (2 * MAX_BLANKS) + "x") == 2 * short + tokenizer.count("x")


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("gpt-4o", "o200k_base"), ("openai/gpt-4", "cl100k_base"), ("openai:gpt-5", "o200k_base"), ("nix", None)],
)
def test_models_have_encodings(name: str, encoding: str | None) -> None:
    assert encoding_name(name) == encoding


def test_a_stand_in_says_so() -> None:
    assert build("o200k_base", approximates="llama").name == "o200k_base (approximates llama)"


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_a_vocabulary_is_what_its_library_reads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    constructor = openai_public.ENCODING_CONSTRUCTORS[name]
    path = _shipped(f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken")
    assert path is not None
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(path.parent))
    with _fast_loading():
        ours = constructor()
    assert ours == constructor()


def test_a_vocabulary_that_is_not_there_is_a_config_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    with pytest.raises(ConfigError, match="o200k_base and cl100k_base work offline"):
        build("p50k_base")


def test_counting_works_without_network_and_leaves_the_environment_alone() -> None:
    script = """
import os, socket, sys
def refuse(*_): raise OSError("no network")
socket.socket.connect = socket.getaddrinfo = refuse
from hiercomp import tokenizers
assert tokenizers.build("cl100k_base").count("hello") == 1
assert os.environ["TIKTOKEN_CACHE_DIR"] == "mine"
assert not [name for name in sys.modules if name.startswith("llama_index")]
"""
    environment = {**os.environ, "TIKTOKEN_CACHE_DIR": "mine"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)


@pytest.mark.parametrize("name", ["", "nonsense", "tiktoken/nonsense", "missing.json"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        tokenizers.build(name)


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("o200k_base", "tiktoken/o200k_base"),
        ("gpt-4", "tiktoken/cl100k_base"),
        ("a/b.gguf", "gguf/a/b.gguf"),
        ("a/tokenizer.json", "hf/a/tokenizer.json"),
        ("hf/gpt2", "hf/gpt2"),
    ],
)
def test_friendly_names_become_components(name: str, component: str) -> None:
    assert tokenizers.specification(name) == component
