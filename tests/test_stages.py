import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hiercomp import BudgetError, Config, Document, Pipeline, llms, prompts, tokenizers
from hiercomp.llms.scripted import ScriptedLLM
from hiercomp.planning.reader import SECOND_LOOK
from hiercomp.stages import missing_needs, prompt_of
from hiercomp.types import CALLER, Completion, Evidence, Message, Need, Plan, Prompt, Run

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


REPORT = Path(__file__).parents[1] / "data" / "tarnholt_2025_annual_report.pdf"
RATE = "What was the effective tax rate in 2025?"
ABSENT = "Agreement of the annotators of the corpus, Cohen's kappa"
NEEDS = ["Reconciliation of the effective tax rate", ABSENT]
LINE = f"Nothing was found about: {ABSENT}."


@pytest.fixture(scope="module")
def report() -> Iterator[Pipeline]:
    reader = ScriptedLLM(["24.2% [1]."] * 9, tokenizers.build())
    with Pipeline(REPORT, config=Config(cache=False, budget=2000), reader=reader) as pipeline:
        yield pipeline


def test_the_reader_is_told_what_was_not_found_within_the_budget(report: Pipeline) -> None:
    answer = report.ask(RATE, plan=NEEDS)
    reader = report.reader
    assert isinstance(reader, ScriptedLLM)
    (sent,) = reader.prompts
    assert sent == prompt_of(answer.run)
    assert sent.messages[-1].content.endswith(f"\n\n{LINE}\n\n{RATE}")
    run = answer.run
    assert run.budget.prompt + run.context.token_count == reader.tokenizer.count_prompt(sent.messages)
    assert reader.tokenizer.count_prompt(sent.messages) + run.budget.answer <= 2000
    without = report.explain(RATE, plan=NEEDS[:1]).budget.prompt
    tokens = reader.tokenizer.count(f"{LINE}\n\n")
    assert run.budget.prompt == without + tokens


def test_a_text_for_another_program_names_nothing(report: Pipeline) -> None:
    run = report.fit(RATE, plan=NEEDS)
    assert run.evidence.found == (True, True, False)
    assert "Nothing was found" not in run.context.text
    assert run.context.token_count <= 2000


def test_the_least_budget_holds_the_line_about_what_was_not_found(report: Pipeline) -> None:
    with pytest.raises(BudgetError) as error:
        report.explain(RATE, budget=100, plan=NEEDS)
    assert report.explain(RATE, budget=error.value.least, plan=NEEDS).context.parts
    with pytest.raises(BudgetError):
        report.explain(RATE, budget=error.value.least - 1, plan=NEEDS)


def test_no_line_is_written_if_everything_was_found(report: Pipeline) -> None:
    run = report.explain(RATE, plan=NEEDS[:1])
    assert run.evidence.found == (True, True)
    assert prompt_of(run) == prompts.ask(RATE, run.context.text, run.context.parts)


def test_only_needs_that_somebody_wrote_for_the_question_are_named() -> None:
    nothing = Evidence({}, found=(False, False))
    wanted = Need("Note 4: debt")

    def named(need: Need, author: str, question: str = RATE) -> tuple[str, ...]:
        return missing_needs(question, Plan((Need(RATE), need), author), nothing)

    assert named(wanted, CALLER) == named(wanted, "gpt-4o") == named(wanted, "recorded") == (wanted.text,)
    # The playbook guesses, and the second look of a reader does not.
    assert named(Need("Note 4: debt", reason="Quick ratio"), "rules") == ()
    assert named(Need("Note 4: debt", reason=SECOND_LOOK), "rules") == (wanted.text,)
    # Without a question, the first need is not the question.
    assert named(wanted, CALLER, question="") == (RATE, wanted.text)


def test_the_quoting_reader_answers_with_the_line_in_its_prompt() -> None:
    with Pipeline(REPORT, config=Config(cache=False), reader=llms.build("extractive")) as pipeline:
        assert "24.2%" in pipeline.ask(RATE, plan=NEEDS, budget=2000).text
