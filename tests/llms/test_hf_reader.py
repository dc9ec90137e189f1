from pathlib import Path

import pytest
import torch
import transformers
from readers import question_prompt, save_tiny_model, train_tokenizer

from hiercomp.errors import ConfigError
from hiercomp.llms.hf import HfLLM, build
from hiercomp.types import Message, Prompt


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def reader(folder: Path) -> HfLLM:
    return build(str(folder))


def test_it_writes_what_the_model_finds_most_likely(folder: Path, reader: HfLLM) -> None:
    # A differential test: the arg max of the logits, token by token, without a cache.
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).to(reader._model.device, reader._model.dtype)
    ids = reader._hf_tokenizer.encode_prompt(question_prompt().messages)
    for _ in range(6):
        with torch.inference_mode():
            logits = model(torch.tensor([ids], device=model.device)).logits
        ids.append(int(logits[0, -1].argmax()))
    completion = reader.complete(question_prompt(), max_tokens=6)
    assert completion.text == reader._hf_tokenizer.decode(ids[-6:])
    assert (completion.completion_tokens, completion.stop_reason) == (6, "length")


def test_pieces_hold_whole_letters(reader: HfLLM) -> None:
    pieces: list[str] = []
    completion = reader.complete(question_prompt(), max_tokens=40, on_text=pieces.append)
    assert "".join(pieces) == completion.text
    assert all(pieces)


def test_the_window_is_the_models_own(reader: HfLLM) -> None:
    assert reader.context_window == 512
    assert reader.complete(Prompt((Message("user", "x"),)), max_tokens=3).prompt_tokens < 20


@pytest.mark.parametrize("argument", [None, "/nowhere"])
def test_a_missing_model_is_refused(argument: str | None) -> None:
    with pytest.raises(ConfigError):
        build(argument)


def test_a_pickled_model_is_refused(tmp_path: Path) -> None:
    train_tokenizer(tmp_path)
    config = transformers.LlamaConfig(vocab_size=320, hidden_size=32, num_hidden_layers=1, num_attention_heads=2)
    config.architectures = ["LlamaForCausalLM"]
    config.save_pretrained(tmp_path)
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ConfigError, match="safetensors"):
        build(str(tmp_path))
