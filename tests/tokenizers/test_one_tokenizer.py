import os
import time
from pathlib import Path

import pytest
from concurrent_calls import call_at_once
from readers import train_tokenizer

from hiercomp import tokenizers
from hiercomp.building import BuildCache
from hiercomp.tokenizers import hf, tiktoken


def _count_loads(monkeypatch: pytest.MonkeyPatch, module: object) -> list[object]:
    """Empty a component's cache, make its loading slow, and return the list that grows with each load."""
    loads: list[object] = []
    load = module._load  # type: ignore[attr-defined]

    def slow_load(*arguments: object) -> object:
        loads.append(arguments)
        time.sleep(0.05)
        return load(*arguments)

    monkeypatch.setattr(module, "_load", slow_load)
    monkeypatch.setattr(module, "_tokenizers", BuildCache())
    return loads


@pytest.mark.parametrize(("name", "module", "count"), [("o200k_base", tiktoken, 1), ("hf/minilm", hf, 2)])
def test_eight_threads_that_build_a_tokenizer_get_one_object(
    name: str, module: object, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = _count_loads(monkeypatch, module)
    first, *others = call_at_once(lambda: tokenizers.build(name))
    assert all(other is first for other in others)
    assert len(loads) == count
    assert tokenizers.build(name) is first


def test_eight_threads_that_build_the_tokenizer_of_the_local_reader_get_one_object() -> None:
    first, *others = call_at_once(lambda: tokenizers.build("gguf/0.5b"))
    assert all(other is first for other in others)


def test_a_file_that_changes_under_its_name_is_another_tokenizer(tmp_path: Path) -> None:
    path = train_tokenizer(tmp_path)
    first = tokenizers.build(str(path))
    assert tokenizers.build(str(path)) is first
    (tmp_path / "tokenizer_config.json").write_text('{"chat_template": "another"}')
    assert tokenizers.build(str(path)) is not first


def test_a_relative_path_names_the_file_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, template in (("first", "x"), ("second", "x x x")):
        (tmp_path / folder).mkdir()
        train_tokenizer(tmp_path / folder, template)
    built = []
    for folder in ("first", "second"):
        monkeypatch.chdir(tmp_path / folder)
        built.append(tokenizers.build("tokenizer.json").count_prompt([]))
    assert built[0] < built[1]


def test_building_a_tokenizer_writes_no_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiktoken, "_tokenizers", BuildCache())
    with monkeypatch.context() as patch:  # pytest writes a variable after each test
        patch.setattr(type(os.environ), "__setitem__", lambda *_: pytest.fail("an environment variable was written"))
        assert tokenizers.build("cl100k_base").count("hello world") == 2


def test_a_shipped_vocabulary_that_is_damaged_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tiktoken._shipped("https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken")
    assert whole is not None
    (tmp_path / whole.name).write_bytes(whole.read_bytes() + b"\n")
    fetched: list[str] = []
    monkeypatch.setattr(tiktoken, "_shipped", lambda address: tmp_path / whole.name)
    monkeypatch.setattr(tiktoken, "read_file_cached", lambda address, digest: fetched.append(address) or b"YQ== 0")
    digest = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
    assert tiktoken._ranks("the address", digest) == {b"a": 0}
    assert fetched == ["the address"]
