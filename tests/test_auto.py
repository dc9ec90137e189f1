"""Budgets that are left open (`--budget auto`), on real documents."""

from itertools import pairwise
from pathlib import Path

import pytest

import hiercomp
from hiercomp import Config, ConfigError, Pipeline, pipeline, tokenizers
from hiercomp.types import Run

DATA = Path(__file__).parents[1] / "data"
REPORT = DATA / "tarnholt_2025_annual_report.pdf"
CALL = DATA / "tarnholt_q4_2025_call.md"
QUESTION = "What were the operating lease liabilities in total at December 31, 2025?"
QUICK = {"embedding": "hashing", "model": "extractive", "tokenizer": "o200k_base", "cache": False, "budget": "auto"}


def opened(*sources: Path, **settings: object) -> Pipeline:
    return Pipeline(sources, config=Config.model_validate(QUICK | settings))


@pytest.fixture(scope="module")
def half() -> Run:
    return opened(REPORT, evidence_share=0.5).fit(QUESTION)


def test_a_share_is_reached_with_no_token_to_spare(half: Run) -> None:
    budget = half.budget
    assert budget.choice is not None
    assert budget.choice.ended == "share"
    assert half.allocation.value >= 0.5 * budget.choice.expected
    assert budget.total == budget.context == half.context.token_count == tokenizers.build().count(half.context.text)
    assert "38,381" in half.context.text


def test_the_library_and_the_settings_take_auto_alike(half: Run) -> None:
    called = hiercomp.compress(REPORT, QUESTION, **QUICK | {"evidence_share": 0.5})
    assert called.text == half.context.text
    assert opened(REPORT, budget=300, evidence_share=0.5).compress(QUESTION, budget="auto").text == half.context.text


def test_who_asks_for_more_evidence_is_never_given_less() -> None:
    runs = [opened(CALL, evidence_share=share).fit(QUESTION) for share in (0.05, 0.3, 0.5, 0.7, 0.9)]
    assert all(less.allocation.value < more.allocation.value for less, more in pairwise(runs))
    sizes = [run.context.token_count for run in runs]
    assert sizes == sorted(sizes)


def test_what_a_token_must_be_worth_ends_it_too() -> None:
    run = opened(REPORT, least_value=0.1).fit(QUESTION)
    assert run.budget.choice is not None
    assert run.budget.choice.ended == "value"
    assert run.allocation.price <= 0.1
    dearer = opened(REPORT, least_value=0.2).compress(QUESTION)
    assert 0 < dearer.token_count < run.context.token_count
    # More than any token is worth: the best step is shown all the same.
    assert 0 < opened(REPORT, least_value=1.5).compress(QUESTION).token_count <= dearer.token_count


def test_a_call_is_left_the_answer_that_its_question_takes() -> None:
    question = "Why did the gross margin fall?"
    with opened(REPORT, evidence_share=0.1) as pipeline:
        answer, explained = pipeline.ask(question), pipeline.explain(question)
    budget = answer.run.budget
    assert budget.answer == 320  # an explanation's, though a quarter of so small a budget would be less
    assert budget.context == answer.context.token_count
    assert budget.total == budget.prompt + budget.context + 320
    assert explained.context == answer.context


def test_where_too_little_fits_the_most_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "MAX_AUTO_BUDGET", 400)
    run = opened(REPORT).fit(QUESTION)
    assert run.budget.choice is not None
    assert run.budget.choice.ended == "most"
    assert 380 <= run.context.token_count <= 400
    assert run.context.text == opened(REPORT).compress(QUESTION, budget=400).text


def test_a_document_that_takes_no_more_comes_whole() -> None:
    text = "The rate was 4 % in 2022. It fell to 3 % in 2023."
    with Pipeline(text, config=Config.model_validate(QUICK)) as pipeline:
        run = pipeline.fit("What was the rate?")
    assert run.context.text == text
    assert run.budget.choice is not None
    assert (run.budget.choice.ended, run.budget.total) == ("whole", run.context.token_count)


def test_without_a_question_auto_is_an_overview() -> None:
    run = opened(REPORT, evidence_share=0.3).fit()
    assert run.budget.choice is not None
    assert run.allocation.value >= 0.3 * run.budget.choice.expected


def test_a_budget_that_is_no_number_is_refused() -> None:
    with pytest.raises(ConfigError, match="'auto', not 'all'"):
        opened(CALL).compress("Why?", budget="all")  # type: ignore[arg-type]
