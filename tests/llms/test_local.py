import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from concurrent_calls import call_at_once
from readers import HOSTILE

from hiercomp import llms, models, tokenizers
from hiercomp.errors import ConfigError, ModelError
from hiercomp.llms import local
from hiercomp.llms._llama_cpp import BATCH, LlamaModel
from hiercomp.llms.local import LocalLLM, build, model_path
from hiercomp.types import Message, Prompt

IM_START, IM_END, END_OF_TEXT = 151644, 151645, 151643  # control tokens of Qwen2.5
SCRIPTS = [
    (0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF), (0x600, 0x6FF), (0x900, 0x97F),
    (0xE00, 0xE7F), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1F9FF), (0, 0x1F), (0x300, 0x36F),
    (0x2000, 0x206F), (0xE000, 0xE0FF), (0xF0000, 0xF0010),
]  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> LocalLLM:
    return build(prompt_cache=False)


def _random_text(random_: random.Random) -> str:
    words = [" ", "\n", "\n\n", "the ", "Rate", "12.5", "|>", "<", "'s"]
    letters = [
        chr(random_.randint(*random_.choice(SCRIPTS))) if random_.random() < 0.7 else random_.choice(words)
        for _ in range(random_.randint(0, 60))
    ]
    return "".join(letters).replace("<|", "<")


def test_a_prompt_is_encoded_like_llama_cpp_does_it(reader: LocalLLM) -> None:
    random_ = random.Random(2)
    model = reader._model
    for _ in range(150):
        messages = [Message("system", _random_text(random_)), Message("user", _random_text(random_))]
        body = {"messages": [{"role": message.role, "content": message.content} for message in messages]}
        rendered = model._answer("/apply-template", body)["prompt"]
        options = {"content": rendered, "parse_special": True, "add_special": True}
        assert reader.tokenizer.encode_prompt(messages) == model._answer("/tokenize", options)["tokens"], messages


def test_the_server_counts_a_chat_as_the_tokenizer_does(reader: LocalLLM) -> None:
    body = {"messages": [{"role": "user", "content": "Count to five."}], "max_tokens": 1}
    usage = reader._model._answer("/v1/chat/completions", body)["usage"]
    assert usage["prompt_tokens"] == reader.tokenizer.count_prompt([Message("user", "Count to five.")])


@pytest.mark.parametrize("text", HOSTILE)
def test_no_document_can_end_its_message(reader: LocalLLM, text: str) -> None:
    ids = reader.tokenizer.encode_prompt([Message("system", text), Message("user", f"{text} and {text}")])
    assert (ids.count(IM_START), ids.count(IM_END), ids.count(END_OF_TEXT)) == (3, 2, 0)


def test_prompt_tokens_are_what_was_counted(reader: LocalLLM) -> None:
    for text in HOSTILE[:3]:
        prompt = Prompt((Message("user", text),))
        completion = reader.complete(prompt, max_tokens=1)
        assert completion.prompt_tokens == reader.tokenizer.count_prompt(prompt.messages), text


def test_it_reads_the_answer_in_the_text(reader: LocalLLM) -> None:
    text = "The effective tax rate was 14.8% in 2022. What was it? Answer with the number only."
    completion = reader.complete(Prompt((Message("user", text),)), max_tokens=16)
    assert "14.8" in completion.text
    assert completion.stop_reason == "stop"


def test_equal_prompts_get_equal_answers(reader: LocalLLM) -> None:
    prompt = Prompt((Message("user", "Count to five."),))
    assert reader.complete(prompt, max_tokens=4) == reader.complete(prompt, max_tokens=4)


def test_what_two_prompts_begin_with_is_read_once_and_nothing_differs_for_it() -> None:
    """The probabilities of the tokens are equal too. Other batches would round them differently."""
    model = build()._model
    context = "".join(f"In {year} the rate of Riga was {year % 37}.4 percent. " for year in range(1980, 2003))

    def generate(question: str, *, cache: bool) -> tuple[list[object], int, int]:
        ids = build().tokenizer.encode_prompt([Message("user", f"{context}\n\n{question}")])
        options = {"temperature": 0.0, "n_probs": 5, "cache_prompt": cache}
        events = list(model.generate(ids, options, 4))
        found = [event["completion_probabilities"] for event in events if event.get("completion_probabilities")]
        return found, events[-1]["timings"]["cache_n"], len(ids)

    alone, _, tokens = generate("What was the rate of 1999?", cache=False)
    assert 1.2 * BATCH < tokens < 2 * BATCH
    generate("Which town is it?", cache=True)
    second, kept, _ = generate("What was the rate of 1999?", cache=True)
    assert kept == BATCH
    assert second == alone
    assert len(second) == 4


def test_only_whole_batches_are_kept() -> None:
    reader = build()
    for question in ("Why?", "When?"):
        ids = reader.tokenizer.encode_prompt([Message("user", f"{'The rate was 14.8 percent. ' * 12} {question}")])
        events = list(reader._model.generate(ids, {"temperature": 0.0, "cache_prompt": True}, 1))
        assert events[-1]["timings"]["cache_n"] == 0
    assert len(ids) < BATCH


def test_it_reports_how_much_of_a_prompt_it_has_read() -> None:
    heard: list[tuple[int, int]] = []
    reader = build(observe=lambda done, total: heard.append((done, total)))
    text = "The pump of Riga failed. " * 50
    tokens = reader.tokenizer.count_prompt([Message("user", f"{text} Why?")])
    reader.complete(Prompt((Message("user", "Hi"),)), max_tokens=1)
    assert heard == []
    reader.complete(Prompt((Message("user", f"{text} Why?"),)), max_tokens=1, on_text=str)
    totals = {total for _, total in heard}
    assert totals == {tokens}
    # It reads 256 tokens at a time, and then the rest.
    assert [done for done, _ in heard] == [0, BATCH, tokens]
    del heard[:]
    reader.complete(Prompt((Message("user", f"{text} When?"),)), max_tokens=1, on_text=str)
    # The model read the common prefix of the prompts before, so it does not count.
    assert heard[-1] == (tokens - BATCH, tokens - BATCH)


def test_a_call_beyond_the_window_is_refused_before_it_is_made() -> None:
    opened = local._open(model_path(None), "0.5b")
    reader = LocalLLM("local/0.5b", opened, 40, {}, lambda done, total: None)
    with pytest.raises(ModelError, match=r"do not fit the window of local/0\.5b, 40"):
        reader.complete(Prompt((Message("user", "word " * 40),)), max_tokens=5)


def test_threads_share_one_reader(reader: LocalLLM) -> None:
    texts: dict[int, str] = {}

    def ask(number: int) -> None:
        prompt = Prompt((Message("user", f"Say the number {number} and nothing else."),))
        texts[number] = reader.complete(prompt, max_tokens=4).text

    threads = [threading.Thread(target=ask, args=(number,)) for number in (3, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "3" in texts[3]
    assert "7" in texts[7]


def test_eight_threads_that_build_the_local_reader_open_and_load_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, loaded = [], []

    class SlowModel(LlamaModel):
        def __init__(self, path: Path, context_window: int) -> None:
            opened.append(path)
            time.sleep(0.05)
            super().__init__(path, context_window)

        def _load(self) -> object:
            loaded.append(self.path)
            return super()._load()

    local._open.cache_clear()
    monkeypatch.setattr(local, "LlamaModel", SlowModel)
    readers = call_at_once(lambda: llms.build("local"))
    counts = call_at_once(lambda: tokenizers.build("gguf/0.5b").count("hello world"))
    local._open.cache_clear()
    assert isinstance(readers[0], LocalLLM)
    assert all(reader.tokenizer is readers[0].tokenizer for reader in readers)
    assert set(counts) == {2}
    assert len(opened) == len(loaded) == 1


@pytest.mark.parametrize("specification", ["local", "local/0.5b", "local/1.5b"])
def test_the_cache_folder_reaches_the_packaged_models(
    specification: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: dict[str, Path | None] = {}
    path = model_path(None)

    def assemble(name: str, *, cache_dir: Path | None = None) -> Path:
        folders[name] = cache_dir
        return path

    monkeypatch.setattr(models, "assemble", assemble)
    llms.build(specification, cache_dir=tmp_path)
    name = "local/1.5b" if "1.5b" in specification else "local"
    assert folders == {name: tmp_path}
    folders.clear()
    tokenizers.build("gguf/1.5b", cache_dir=tmp_path)
    assert folders == {"local/1.5b": tmp_path}


def test_the_default_reader_is_searched_in_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = []
    find = models.find

    def record(name: str, *, cache_dir: Path | None = None) -> models.Installed:
        folders.append(cache_dir)
        return find(name, cache_dir=cache_dir)

    monkeypatch.setattr(models, "find", record)
    assert llms.default(cache_dir=tmp_path) == "local"
    assert folders == [tmp_path]


def test_an_error_while_streaming_stops_the_model(reader: LocalLLM) -> None:
    def refuse(piece: str) -> None:
        raise BrokenPipeError(piece)

    prompt = Prompt((Message("user", "Write a long story."),))
    with pytest.raises(BrokenPipeError):
        reader.complete(prompt, max_tokens=2000, on_text=refuse)
    assert reader.complete(Prompt((Message("user", "Say hi."),)), max_tokens=2).completion_tokens <= 2


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_control_c_stops_a_call_and_nothing_is_printed() -> None:
    script = """
import sys
from hiercomp import llms
from hiercomp.types import Message, Prompt
reader = llms.build("local")
sys.stdout.write("counted %d\\n" % reader.tokenizer.count("hello")); sys.stdout.flush()
try:
    reader.complete(Prompt((Message("user", "Write a very long story."),)), max_tokens=400)
except KeyboardInterrupt:
    sys.exit(130)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"counted 1\n"
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("argument", ["7b", "model.bin"])
def test_an_unknown_model_is_refused(argument: str) -> None:
    with pytest.raises(ConfigError, match=r"choose 0\.5b, 1\.5b"):
        build(argument)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    for content in (b"hello", b"GGUF", b"GGUF\x03\x00\x00\x00" + b"\xff" * 40, b""):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="GGUF"):
            build(str(path))
    with pytest.raises(ModelError, match="No such file"):
        build(str(tmp_path / "none.gguf"))


def test_a_model_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.gguf"
    with model_path(None).open("rb") as whole, path.open("wb") as short:
        shutil.copyfileobj(whole, short)
        short.truncate(20_000_000)
    with pytest.raises(ModelError, match="cannot load"):
        llms.build(str(path)).tokenizer.count("x")
