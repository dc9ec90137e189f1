import subprocess
import sys

import pytest

from hiercomp import llms
from hiercomp.errors import ConfigError


@pytest.mark.parametrize(
    ("specification", "resolved"),
    [
        ("local", "local"),
        ("local/1.5b", "local/1.5b"),
        ("models/x.gguf", "local/models/x.gguf"),
        ("hf/gpt2", "hf/gpt2"),
        ("openai/gpt-4o", "llama_index/openai/gpt-4o"),
        ("openai:gpt-4o", "llama_index/openai/gpt-4o"),
        ("ollama:llama3.2:3b", "llama_index/ollama/llama3.2:3b"),
        ("openrouter/openai/gpt-4o", "llama_index/openrouter/openai/gpt-4o"),
        ("gpt-4o-mini", "llama_index/openai/gpt-4o-mini"),
        ("claude-sonnet-4-5", "llama_index/anthropic/claude-sonnet-4-5"),
        ("gemini-2.5-pro", "llama_index/google/gemini-2.5-pro"),
    ],
)
def test_specifications_become_components(specification: str, resolved: str) -> None:
    assert llms.resolve(specification) == resolved


@pytest.mark.parametrize("specification", ["", "llama", "openai/", "nix/model"])
def test_an_unknown_reader_is_refused_with_choices(specification: str) -> None:
    with pytest.raises(ConfigError, match=r"choose local, local/1\.5b"):
        llms.build(specification)


def test_the_default_is_the_packaged_reader_and_finding_it_loads_nothing() -> None:
    script = """
import sys
from hiercomp import llms
print(llms.default(), *sorted({"xllamacpp", "llama_index", "torch", "tokenizers", "tiktoken"} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["local"]


def test_without_the_runtime_the_default_is_extractive() -> None:
    script = """
import sys
sys.modules["xllamacpp"] = None
from hiercomp import llms
from hiercomp.errors import MissingExtraError
try:
    llms.build("local")
except MissingExtraError as error:
    print(llms.default(), "hiercomp[local]" in str(error))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["extractive", "True"]
