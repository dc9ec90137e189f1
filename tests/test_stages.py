import time
from collections.abc import Callable

import pytest

from hiercomp import Config, Document, Pipeline
from hiercomp.types import Completion, Message, Prompt, Run

TEXT = "Revenue rose by four percent in the year. Costs fell in the second quarter. " * 20
SLOW_SECONDS = 0.2


class SlowWords:
    """A tokenizer that counts words. It takes long for a whole document."""

    name = "slow words"

    def count(self, text: str) -> int:
        if len(text) >= len(TEXT):
            time.sleep(SLOW_SECONDS)
        return len(text.split())

    def count_many(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return sum(len(message.content.split()) for message in messages)


class Reader:
    """A reader with a slow tokenizer."""

    name = "scripted"
    context_window = 100_000

    @property
    def tokenizer(self) -> SlowWords:
        return SlowWords()

    def complete(self, prompt: Prompt, *, max_tokens: int, on_text: object = None) -> Completion:
        return Completion("Revenue rose.", 1, 1, self.name)


CALLS: dict[str, Callable[[Pipeline], Run]] = {
    "explain": lambda pipeline: pipeline.explain("What rose?", budget=400),
    "ask": lambda pipeline: pipeline.ask("What rose?", budget=400).run,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_count_of_the_whole_input_is_booked_under_load(call: Callable[[Pipeline], Run]) -> None:
    document = Document(TEXT, source="a.txt", title="")
    with Pipeline(document, config=Config(cache=False, embedding="hashing"), reader=Reader()) as pipeline:
        run = call(pipeline)
    assert dict(run.ledger.seconds)["load"] >= SLOW_SECONDS


def test_the_time_to_load_the_tokenizer_is_booked_under_load(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(name: str, *, cache_dir: object) -> SlowWords:
        time.sleep(SLOW_SECONDS)
        return SlowWords()

    monkeypatch.setattr("hiercomp.components.tokenizers.build", build)
    document = Document("Revenue rose. Costs fell.", source="a.txt", title="")
    with Pipeline(document, config=Config(cache=False, embedding="hashing")) as pipeline:
        run = pipeline.fit(budget=100)
    assert dict(run.ledger.seconds)["load"] >= SLOW_SECONDS


def test_an_overview_encodes_nothing() -> None:
    config = Config(cache=False, embedding="hashing", retriever="dense")
    with Pipeline(Document(TEXT, source="a.txt", title=""), config=config) as pipeline:
        ledger = pipeline.fit(budget=60).ledger
    assert (ledger.encoded, ledger.embedding) == (0, None)


def test_the_observer_learns_that_a_reader_is_loaded_for_its_tokenizer() -> None:
    stages: list[str] = []
    config = Config(cache=False, model="extractive")
    with Pipeline("Revenue rose.", config=config, observer=lambda stage, done, total: stages.append(stage)) as pipeline:
        assert pipeline.tokenizer.name == "o200k_base"
    assert stages == ["model"]
