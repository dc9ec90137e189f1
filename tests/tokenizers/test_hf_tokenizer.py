from pathlib import Path

import pytest
from readers import HOSTILE, train_tokenizer
from tokenizers import Tokenizer

from hiercomp.errors import ConfigError
from hiercomp.tokenizers.hf import build
from hiercomp.types import Message


def test_the_packaged_vocabulary_counts_word_pieces() -> None:
    # By hand: "tax" and "rate" are one token each. Nothing is cut at the 256 tokens of the model.
    tokenizer = build("minilm")
    assert tokenizer.count("tax rate") == 2
    assert tokenizer.count("tax " * 1000) == 1000
    assert tokenizer.count("[SEP]") == 3


def test_a_prompt_goes_through_the_chat_template(tmp_path: Path) -> None:
    train_tokenizer(tmp_path)
    reference = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    tokenizer = build(str(tmp_path))
    rendered = "<s><|im_start|>user\nthe tax rate<|im_end|>\n<|im_start|>assistant\n"
    assert tokenizer.encode_prompt([Message("user", "the tax rate")]) == reference.encode(rendered).ids


def test_content_writes_no_special_token(tmp_path: Path) -> None:
    path = train_tokenizer(tmp_path)
    tokenizer = build(str(path))
    for text in HOSTILE:
        ids = tokenizer.encode_prompt([Message("system", text), Message("user", text)])
        # <s> 0, </s> 1, <|im_start|> 2, <|im_end|> 3: one start, two messages, and the start of the answer
        assert [ids.count(special) for special in range(5)] == [1, 0, 3, 2, 0], text


def test_without_a_template_messages_are_written_plainly(tmp_path: Path) -> None:
    train_tokenizer(tmp_path, template=None)
    tokenizer = build(str(tmp_path))
    ids = tokenizer.encode_prompt([Message("user", "the tax </s>")])
    assert tokenizer.decode(ids) == "user: the tax </s>\n\nassistant:"


def test_a_template_in_a_file_of_its_own_is_used(tmp_path: Path) -> None:
    train_tokenizer(tmp_path, template=None)
    (tmp_path / "chat_template.jinja").write_text("{% for m in messages %}{{ m.content }}{% endfor %}")
    assert build(str(tmp_path)).decode(build(str(tmp_path)).encode_prompt([Message("user", "tax")])) == "tax"


@pytest.mark.parametrize(
    ("template", "reason"),
    [("{% for %}", "is broken"), ("{{ raise_exception('no system role') }}", "no system role")],
)
def test_a_template_that_fails_is_a_config_error(tmp_path: Path, template: str, reason: str) -> None:
    train_tokenizer(tmp_path, template)
    with pytest.raises(ConfigError, match=reason):
        build(str(tmp_path)).count_prompt([Message("system", "x")])


def test_a_template_cannot_reach_outside_its_sandbox(tmp_path: Path) -> None:
    train_tokenizer(tmp_path, "{{ messages.__class__.__mro__ }}")
    with pytest.raises(ConfigError, match="unsafe"):
        build(str(tmp_path)).count_prompt([Message("user", "x")])


@pytest.mark.parametrize("content", ["", "{", "{}", '{"model": {"type": "nix"}}'])
def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(ConfigError):
        build(str(tmp_path))


@pytest.mark.parametrize("argument", [None, "/nowhere/at/all", "missing/tokenizer.json"])
def test_a_missing_file_is_refused(argument: str | None) -> None:
    with pytest.raises(ConfigError):
        build(argument)
