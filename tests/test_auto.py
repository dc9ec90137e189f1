"""A budget that is left open, and contexts that only grow, on real documents."""

from itertools import pairwise
from pathlib import Path

import pytest

import hiercomp
from hiercomp import Config, ConfigError, Context, Pipeline, pipeline, tokenizers

DATA = Path(__file__).parents[1] / "data"
REPORT = DATA / "tarnholt_2025_annual_report.pdf"
CALL = DATA / "tarnholt_q4_2025_call.md"
QUESTION = "What were the operating lease liabilities in total at December 31, 2025?"
QUICK = {"embedding": "hashing", "model": "extractive", "tokenizer": "o200k_base", "cache": False, "budget": "auto"}


def opened(*sources: Path, **settings: object) -> Pipeline:
    return Pipeline(sources, config=Config.model_validate(QUICK | settings))


def sentences(context: Context) -> set[tuple[str, int, int]]:
    return {(part.document_id, span.start, span.end) for part in context.parts for span in part.spans}


@pytest.fixture(scope="module")
def half() -> Context:
    return opened(REPORT, evidence_share=0.5).compress(QUESTION)


def test_a_share_is_reached_with_no_token_to_spare(half: Context) -> None:
    budget = half.budget
    assert budget.choice is not None
    assert budget.choice.ended == "share"
    assert half.allocation.value >= 0.5 * budget.choice.expected
    assert budget.total == budget.context == half.token_count == tokenizers.build().count(half.text)
    assert "38,381" in half.text


def test_the_library_and_the_settings_take_auto_alike(half: Context) -> None:
    called = hiercomp.compress(REPORT, QUESTION, **QUICK | {"evidence_share": 0.5})
    assert called.text == half.text
    assert opened(REPORT, budget=300, evidence_share=0.5).compress(QUESTION, budget="auto").text == half.text


def test_who_asks_for_more_evidence_is_never_given_less() -> None:
    contexts = [opened(CALL, evidence_share=share).compress(QUESTION) for share in (0.05, 0.3, 0.5, 0.7, 0.9)]
    assert all(less.allocation.value < more.allocation.value for less, more in pairwise(contexts))
    assert [context.token_count for context in contexts] == sorted(context.token_count for context in contexts)


def test_what_a_token_must_be_worth_ends_it_too() -> None:
    context = opened(REPORT, least_value=0.1).compress(QUESTION)
    assert context.budget.choice is not None
    assert context.budget.choice.ended == "value"
    assert context.allocation.price <= 0.1
    dearer = opened(REPORT, least_value=0.2).compress(QUESTION)
    assert 0 < dearer.token_count < context.token_count
    # More than any token is worth: the best step is shown all the same.
    assert 0 < opened(REPORT, least_value=1.5).compress(QUESTION).token_count <= dearer.token_count


def test_a_call_is_left_the_answer_that_its_question_takes() -> None:
    question = "Why did the gross margin fall?"
    with opened(REPORT, evidence_share=0.1) as pipeline:
        answer, explained = pipeline.ask(question), pipeline.explain(question)
    budget = answer.context.budget
    assert budget.answer == 320  # an explanation's, though a quarter of so small a budget would be less
    assert budget.context == answer.context.token_count
    assert budget.total == budget.prompt + budget.context + 320
    assert explained.text == answer.context.text


def test_where_too_little_fits_the_most_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "MOST", 400)
    context = opened(REPORT).compress(QUESTION)
    assert context.budget.choice is not None
    assert context.budget.choice.ended == "most"
    assert 380 <= context.token_count <= 400
    assert context.text == opened(REPORT).compress(QUESTION, budget=400).text


def test_a_document_that_takes_no_more_comes_whole() -> None:
    text = "The rate was 4 % in 2022. It fell to 3 % in 2023."
    context = hiercomp.compress(text, "What was the rate?", **QUICK)
    assert context.text == text
    assert context.budget.choice is not None
    assert (context.budget.choice.ended, context.budget.total) == ("whole", context.token_count)


def test_without_a_question_auto_is_an_overview() -> None:
    context = opened(REPORT, evidence_share=0.3).compress()
    assert context.budget.choice is not None
    assert context.allocation.value >= 0.3 * context.budget.choice.expected


@pytest.mark.parametrize("allocator", ["nested", "fixed", "proportional"])
def test_every_allocator_reaches_the_share(allocator: str) -> None:
    context = opened(CALL, allocator=allocator, evidence_share=0.6).compress("When will the board decide?")
    assert context.budget.choice is not None
    assert context.allocation.value >= 0.6 * context.budget.choice.expected


def test_a_budget_that_is_no_number_is_refused() -> None:
    with pytest.raises(ConfigError, match="'auto', not 'all'"):
        opened(CALL).compress("Why?", budget="all")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sources", "question"),
    [((REPORT,), QUESTION), ((REPORT,), ""), ((CALL,), "When will the board decide?"), ((REPORT, CALL), QUESTION)],
    ids=["report", "overview", "call", "both"],
)
def test_nested_contexts_hold_all_that_smaller_ones_hold(sources: tuple[Path, ...], question: str) -> None:
    with opened(*sources, allocator="nested") as pipeline:
        contexts = [pipeline.compress(question, budget=budget) for budget in (150, 300, 310, 320, 640, 1500, 1530)]
    assert all(context.token_count <= context.budget.total for context in contexts)
    assert all(sentences(less) <= sentences(more) for less, more in pairwise(contexts))
    assert len(sentences(contexts[0])) < len(sentences(contexts[-1]))
    assert contexts[-1].token_count >= 0.9 * 1530


def test_a_nested_call_that_is_left_open_holds_all_that_a_smaller_share_holds() -> None:
    contexts = [
        opened(REPORT, allocator="nested", evidence_share=share).explain(QUESTION) for share in (0.2, 0.4, 0.41, 0.6)
    ]
    assert all(sentences(less) <= sentences(more) for less, more in pairwise(contexts))


def test_a_nested_context_names_the_least_budget_that_works() -> None:
    with opened(REPORT, allocator="nested") as pipeline:
        with pytest.raises(hiercomp.BudgetError) as refused:
            pipeline.compress(QUESTION, budget=5)
        least = refused.value.least
        assert pipeline.compress(QUESTION, budget=least).token_count == least
        with pytest.raises(hiercomp.BudgetError):
            pipeline.compress(QUESTION, budget=least - 1)
